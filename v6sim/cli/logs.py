"""Where the program's own log goes: to stderr, warnings alone unless more is asked for."""

import logging


def set_up(*, verbose: bool) -> None:
    """Log to stderr from here on."""
    logging.basicConfig(
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        level=logging.WARNING,
    )
    logging.getLogger("v6sim").setLevel(logging.INFO if verbose else logging.WARNING)
