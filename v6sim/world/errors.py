"""What can be wrong with a world.

WorldError
 ├── WorldMissingError      neither a file nor a built-in world of that name
 ├── WorldUnreadableError   there is something, but no text
 ├── WorldSyntaxError       a text, but neither JSON nor YAML
 ├── WorldInvalidError      JSON or YAML, but not a world
 └── WorldExistsError       an example would overwrite files
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from v6sim.world.secrets import in_message, without_secrets

Place = tuple[str | int, ...]
"""Where in a world: `("collaborations", 0, "name")`."""


def dotted(place: Place) -> str:
    """A place as people read it: `collaborations[0].name`."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step):
            text += f".{step}" if text else step
        else:
            text += f'["{without_secrets(step)}"]'
    return text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; as text, a line as compilers print it.

    Args:
        place: where in the world; empty for the file as a whole.
        text: what is wrong, what was expected, what to do; it shows no secrets.
        file: the world's file as it was named; None for worlds made in code.
        line: line in that file, from 1; None where there is none to show.
    """

    place: Place
    text: str
    file: Path | None = None
    line: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", in_message(self.text))

    @property
    def field(self) -> str:
        """The place as people read it: `collaborations[0].name`."""
        return dotted(self.place)

    def __str__(self) -> str:
        where = str(self.file or "")
        if self.file and self.line:
            where += f":{self.line}"
        return ": ".join(part for part in (where, self.field, self.text) if part)


class WorldError(Exception):
    """A world that cannot be had; its text has one line a problem.

    Args:
        problems: all that is wrong, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class WorldMissingError(WorldError):
    """Neither a file nor a built-in world of that name."""


class WorldUnreadableError(WorldError):
    """There is something of that name, but no text to be read."""


class WorldSyntaxError(WorldError):
    """The text is neither JSON nor YAML."""


class WorldInvalidError(WorldError):
    """The text is JSON or YAML, but describes no world."""


class WorldExistsError(WorldError):
    """Writing an example would overwrite files."""
