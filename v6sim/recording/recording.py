"""A recording: a master's input, each subtask it asked for, and what came back."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from v6sim.recording.asked import in_words
from v6sim.wire.statuses import RunStatus

_HIDDEN = "***"
"""What stands in an address in the place of a password."""


class NoRecording(ValueError):
    """A folder is no recording, or cannot become one; the text says why."""


@dataclass(frozen=True)
class Answer:
    """A run of a subtask.

    Args:
        organization: name of the organization it was asked of.
        input: what it was asked, as a payload.
        status: how it ended.
        log: what it printed.
        output: what it gave, as a payload.
    """

    organization: str
    input: bytes
    status: RunStatus
    log: str
    output: bytes


@dataclass(frozen=True)
class Subtask:
    """A task that a master created."""

    name: str
    answers: tuple[Answer, ...]


def is_address(place: str) -> bool:
    """Return whether data are a database at an address, rather than a file."""
    return "://" in place


@dataclass(frozen=True)
class Recording:
    """What a master asked, and what it was given.

    Args:
        name: of its task.
        organizations: the names of all in its collaboration, in the order of their ids.
        organization: where it ran.
        input: its input, as a payload.
        status: how it ended.
        output: what it gave, as a payload.
        data: the file of data it ran on, or the address of a database, without passwords.
        subtasks: what it asked of others, in that order.
    """

    name: str
    organizations: tuple[str, ...]
    organization: str
    input: bytes
    status: str
    output: bytes
    data: str
    subtasks: tuple[Subtask, ...]

    def master_data(self) -> str:
        """The file of data that the master ran on, or the address of its database.

        Raises:
            NoRecording: the file is no longer there, or the address lacks a password.
        """
        if is_address(self.data):
            if _HIDDEN in self.data:
                raise NoRecording(
                    f"the master was recorded on {self.data}, whose password is not recorded; name "
                    "the address by --data"
                )
            return self.data
        if not Path(self.data).is_file():
            raise NoRecording(
                f"the data that the master was recorded on, {self.data}, are no longer there; "
                "name the file by --data"
            )
        return str(Path(self.data).resolve())

    def deviation(self, other: "Recording") -> str:
        """How what another one asked differs from what this one did, for people; empty if not."""
        recorded, asked = self.questions(), other.questions()
        if recorded == asked:
            return ""
        if (begun := self.questions(len(other.subtasks))) != asked:
            recorded = begun  # what it was stopped before is no difference
        lines = difflib.unified_diff(recorded, asked, "recorded", "asked now", n=4, lineterm="")
        head = "the master asks for something else than was recorded; record it again if it should:"
        return "\n".join([head, *lines])

    def questions(self, first: int | None = None) -> list[str]:
        """What the master asked of others, line by line, for people.

        Args:
            first: how many subtasks; None for all.
        """
        return list(_questions(self.subtasks[:first]))


def _questions(subtasks: Sequence[Subtask]) -> Iterator[str]:
    for number, subtask in enumerate(subtasks, 1):
        inputs: dict[bytes, list[str]] = {}
        for answer in subtask.answers:
            inputs.setdefault(answer.input, []).append(answer.organization)
        for content, where in inputs.items():
            yield f"subtask {number} at {', '.join(where)}"
            yield from (f"  {line}" for line in in_words(content))
