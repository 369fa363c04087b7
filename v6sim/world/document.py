"""A file as data that knows the lines its values stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from v6sim.world.errors import (
    Place,
    Problem,
    WorldMissingError,
    WorldSyntaxError,
    WorldUnreadableError,
)


@dataclass(frozen=True)
class Document:
    """What a file holds.

    Args:
        data: its value; None for a file that holds nothing.
        line: gives the line of a place, or of the nearest place around it; None if unknown.
        doubles: places whose name is given twice, with the lines of the repetitions.
    """

    data: Any
    line: Callable[[Place], int | None]
    doubles: list[tuple[Place, int]]


class TextError(Exception):
    """A text that is not what its format wants; `line` is None where that is not known."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


def read(file: Path) -> Document:
    """The document in a file: JSON if it is called `*.json`, else YAML.

    Raises:
        WorldMissingError, WorldUnreadableError, WorldSyntaxError: there is none.
    """
    text = _text(file)
    try:
        if file.suffix.lower() == ".json":
            from v6sim.world.json_text import parse_json

            return parse_json(text)
        from v6sim.world.yaml_text import parse_yaml  # PyYAML takes its time to import

        return parse_yaml(text)
    except TextError as error:
        raise WorldSyntaxError([Problem((), str(error), file, error.line)]) from error
    except RecursionError:
        raise WorldSyntaxError([Problem((), "is nested too deeply for a world", file)]) from None


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise WorldMissingError([Problem((), "there is no such file", file)]) from None
    except IsADirectoryError:
        text = "is a folder; name the file in it"
        raise WorldUnreadableError([Problem((), text, file)]) from None
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
        raise WorldUnreadableError([Problem((), text, file)]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise WorldUnreadableError([Problem((), text, file, line)]) from None
