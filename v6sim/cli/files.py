"""Files and programs that options name."""

import os
import shutil
from pathlib import Path

from v6sim.cli.failures import Mistake
from v6sim.world.path import has_scheme, why_no_file
from v6sim.world.secrets import without_passwords
from v6sim.world.sqlite_address import WrongAddress, existing_address


def data_file(option: str, text: str | Path) -> Path:
    """The absolute path of a file of data.

    Args:
        option: where the user named it, for the message.
        text: what they wrote; `~` is their home folder.

    Raises:
        Mistake: it is not there, no file, or empty.
    """
    if not str(text).strip():
        raise Mistake(f"{option}: {str(text)!r} names nothing; a file is expected")
    path = Path(text).expanduser()
    if path.is_dir():
        raise Mistake(f"{option}: {str(text)!r} is a folder; name a file in it, such as a CSV file")
    if not path.exists():
        raise Mistake(
            f"{option}: there is no file {str(text)!r} (looked for {path.absolute()}); relative "
            "paths count from the current folder"
        )
    if why := why_no_file(path):
        raise Mistake(f"{option}: {str(text)!r} {why}, and name that")
    if path.suffix == ".csv" and not path.stat().st_size:
        raise Mistake(
            f"{option}: {str(text)!r} is empty; a CSV file without rows still has the line with "
            "the names of its columns"
        )
    return path.absolute()


def data_place(option: str, text: str | Path) -> str:
    """The absolute path of a file of data, or the address of a database.

    Args:
        option: where the user named it, for the message.
        text: what they wrote.

    Raises:
        Mistake: the file is not there, or no file.
    """
    if not has_scheme(str(text)):
        return str(data_file(option, text))
    try:
        return existing_address(str(text), Path.cwd())
    except WrongAddress as error:
        raise Mistake(f"{option}: {without_passwords(str(text))!r} {error}") from None


def interpreter(text: str | None) -> str | None:
    """The path of an interpreter, looked up on the PATH where it is a mere name; None for None.

    Raises:
        Mistake: there is none.
    """
    if text is None:
        return None
    path = Path(text).expanduser()
    if os.sep not in text:
        found = shutil.which(text)
        if found is None:
            raise Mistake(
                f"--python {text}: there is no such command on the PATH; name one that is, such as "
                "python3, or give the path of an interpreter, such as .venv/bin/python"
            )
        return found
    if path.is_dir():
        raise Mistake(
            f"--python {text}: is a folder; of a virtual environment name the interpreter, "
            f"{Path(text) / 'bin' / 'python'}"
        )
    if not path.exists():
        raise Mistake(
            f"--python {text}: there is no such interpreter (looked for {path.absolute()})"
        )
    if not os.access(path, os.X_OK):
        raise Mistake(f"--python {text}: is no program that can be run; name a Python interpreter")
    return str(path.absolute())
