"""Logs that are too long: their beginning and their end are kept."""

from v6sim.wire.long_text import AnyText, iterate_pieces, text_size
from v6sim.wire.sizes import describe_excess


def format_omission(size: int, most: int) -> str:
    """Return the line that stands where a log is cut."""
    said = describe_excess("the log", size, most, "max_log")
    return f"\n--- {said}: its middle is left out here ---\n"


def shorten_log(log: AnyText, most: int) -> AnyText:
    """Return a log, without its middle if it has more than `most` characters."""
    size = text_size(log)
    if size <= most:
        return log
    if not isinstance(log, str) and not log.is_here:
        return format_omission(size, most).lstrip()
    text, half = "".join(iterate_pieces(log)), most // 2
    return text[:half] + format_omission(size, most) + text[size - half :]
