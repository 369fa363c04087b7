"""Templates, and how values are written in them; everything in them is escaped."""

from datetime import UTC, datetime, timedelta
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from v6sim import __version__
from v6sim.server.control.front import PAGES, ROOT
from v6sim.wire.statuses import UNFINISHED, RunStatus

NOTHING = "\N{EN DASH}"
"""What stands where there is no value."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COLORS = 8


@cache
def templates() -> Environment:
    """The templates of all pages."""
    environment = Environment(
        loader=PackageLoader("v6sim.inspector"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(root=ROOT, ui=PAGES, version=__version__)
    environment.filters.update(
        moment=moment, seconds=seconds, bytes=size, state=state, letter=letter, color=color,
        many=many, distance=distance,
    )  # fmt: skip
    return environment


def moment(at: datetime | None) -> Markup:
    """A time of the day, in UTC, with the date for those who ask."""
    if at is None:
        return escape(NOTHING)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S.%f} UTC", f"{at:%H:%M:%S}"
    )


def seconds(length: float | None) -> str:
    """How long something lasted."""
    if length is None:
        return NOTHING
    if length < 1:
        return f"{1000 * length:.0f} ms"
    if length < 120:
        return f"{length:.1f} s"
    return distance(timedelta(seconds=length))


def distance(length: timedelta) -> str:
    """A length of time in its two largest units; of hours, to the minute."""
    whole = abs(length.total_seconds())
    rest = round(whole / 60) * 60 if whole > 3600 else round(whole)
    parts = []
    for unit, worth in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, worth)
        if count:
            parts.append(f"{count} {unit}")
    return ("-" if length < timedelta() else "") + " ".join(parts[:2] or ["0 s"])


def size(count: int) -> str:
    """A number of bytes."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def state(status: str | None) -> str:
    """Which of four kinds a status of a run is: waiting, working, good or bad."""
    if status in (RunStatus.PENDING, None, "unknown"):
        return "waiting"
    if status in UNFINISHED:
        return "working"
    return "good" if status == RunStatus.COMPLETED else "bad"


def letter(number: int) -> str:
    """The letter of the collaboration that is the n-th one, counting from 0."""
    high, low = divmod(number, len(_LETTERS))
    return (letter(high - 1) if high else "") + _LETTERS[low]


def color(number: int) -> str:
    """The class of its color."""
    return f"c{number % _COLORS}"


def many(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def shorten_log(text: str, most: int) -> str:
    """A text that takes no more than so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
