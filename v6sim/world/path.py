"""Files that a world names: where they are, seen from the world's file."""

import os
import re
import stat
from pathlib import Path

from pydantic import ValidationInfo

from v6sim.world.part import refuse

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def has_scheme(text: str) -> bool:
    """Whether a text is a URI that names its scheme, as `https://...` does."""
    return _SCHEME.match(text) is not None


def looks_like_path(text: str) -> bool:
    """Whether a text can only be meant as a path, not as the name of a module or a command."""
    return text.startswith((".", "~")) or "/" in text or os.sep in text


def why_no_file(path: Path) -> str:
    """Why what is there cannot be read as files are, again and again; empty if it can.

    Folders are for others to tell.
    """
    mode = path.stat().st_mode
    for is_such, kind in _KINDS:
        if is_such(mode):
            return f"is {kind}, which cannot be read more than once: write it to a file first"
    return ""


def base_of(info: ValidationInfo) -> Path | None:
    """The folder of the world's file; None for parts that are made in code."""
    return info.context["base"] if info.context else None


def absolute(base: Path, text: str) -> Path:
    """The path that `text` means in the folder `base`; a link at its end is not followed."""
    return Path(os.path.normpath(base.resolve() / Path(text).expanduser()))


def existing(value: str, info: ValidationInfo, expected: str) -> str:
    """The absolute path of a file that a world names; as it is for parts that are made in code.

    Args:
        value: what the world says.
        info: of the validation.
        expected: what could stand there, in words.
    """
    base = base_of(info)
    if base is None:
        return value
    if "\n" in value or "-----" in value:
        raise refuse(f"expected {expected}, not a text of {len(value)} characters")
    path = absolute(base, value)
    if path.is_dir():
        raise refuse(f"{value!r} is a folder ({path}); expected {expected}")
    if not path.exists():
        raise refuse(
            f"there is no file {value!r} (looked for {path}); paths count from the folder of the "
            "world file"
        )
    if why := why_no_file(path):
        raise refuse(f"{value!r} {why} ({path}); expected {expected}")
    return str(path)
