"""Where the program's own log goes: to stderr, warnings alone unless more is asked for."""

import logging
import sys
import warnings
from typing import Any, TextIO

from v6sim.runtime.deprecation import SettingGone


def set_up(*, verbose: bool) -> None:
    """Log to stderr from here on."""
    logging.basicConfig(
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        level=logging.WARNING,
    )
    logging.getLogger("v6sim").setLevel(logging.INFO if verbose else logging.WARNING)
    _show_what_is_gone()


def _show_what_is_gone() -> None:
    """Show a warning of a setting that is gone as one line, once."""
    usual = warnings.showwarning

    def show(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: TextIO | None = None, line: str | None = None, **_: Any,
    ) -> None:  # fmt: skip
        if issubclass(category, SettingGone):
            print(f"warning: {message}", file=sys.stderr)
        else:
            usual(message, category, filename, lineno, file, line)

    warnings.filterwarnings("once", category=SettingGone)
    warnings.showwarning = show
