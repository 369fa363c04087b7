"""A recording: a master's input, each subtask it asked for, and what came back; as a folder.

The folder has a manifest, `recording.json`, and each payload as a file of its own, byte by byte as
it was: nothing in it is opened to be recorded or replayed.
"""

import difflib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

from v6sim.recording.asked import in_words
from v6sim.wire.statuses import RunStatus

MANIFEST = "recording.json"
_FORMAT = "v6sim recording 1"


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
        data: the file of data it ran on.
        subtasks: what it asked of others, in that order.
    """

    name: str
    organizations: tuple[str, ...]
    organization: str
    input: bytes
    status: str
    output: bytes
    data: Path
    subtasks: tuple[Subtask, ...]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a recording.

        Raises:
            NoRecording: there is none, or not all of it.
        """
        try:
            told = json.loads((folder / MANIFEST).read_text("utf-8"))
            if told["format"] != _FORMAT:
                raise NoRecording(f"{folder}: {told['format']!r} cannot be read, but {_FORMAT!r}")
            return cls._of(told, folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, NoRecording):
                raise
            raise NoRecording(
                f"{folder} holds no recording that can be read ({error!r}); "
                "`v6sim run --record DIR` makes one"
            ) from None

    @classmethod
    def _of(cls, told: dict[str, Any], folder: Path) -> Self:
        master = told["master"]
        return cls(
            name=master["name"],
            organizations=tuple(told["organizations"]),
            organization=master["organization"],
            input=(folder / master["input"]).read_bytes(),
            status=master["status"],
            output=(folder / master["result"]).read_bytes(),
            data=folder / master["data"],
            subtasks=tuple(_subtask(each, folder) for each in told["subtasks"]),
        )

    def save(self, folder: Path) -> None:
        """Write it, in the place of an older one if there is one.

        Raises:
            NoRecording: the folder holds something else.
        """
        check_place(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            made.chmod(0o755)
            manifest = self._write(made, folder)
            (made / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
            if folder.exists():
                shutil.rmtree(folder)
            made.rename(folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise

    def master_data(self) -> Path:
        """The file of data that the master ran on.

        Raises:
            NoRecording: it is no longer there.
        """
        if not self.data.is_file():
            raise NoRecording(
                f"the data that the master was recorded on, {self.data}, are no longer there; "
                "name the file by --data"
            )
        return self.data.resolve()

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

    def _write(self, folder: Path, final: Path) -> dict[str, Any]:
        """Write the payloads; returns the manifest."""
        (folder / "master.input").write_bytes(self.input)
        (folder / "master.result").write_bytes(self.output)
        data = self.data.absolute()
        return {
            "format": _FORMAT,
            "organizations": list(self.organizations),
            "master": {
                "name": self.name,
                "organization": self.organization,
                "asked": list(in_words(self.input)),
                "input": "master.input",
                "status": str(self.status),
                "result": "master.result",
                "data": os.path.relpath(data, final.absolute()),
            },
            "subtasks": [
                {
                    "name": subtask.name,
                    "runs": [
                        _write_answer(folder, f"subtask-{number}-{place}", answer)
                        for place, answer in enumerate(subtask.answers, 1)
                    ],
                }
                for number, subtask in enumerate(self.subtasks, 1)
            ],
        }


def check_place(folder: Path) -> None:
    """Insist that a recording can be written there.

    Raises:
        NoRecording: there is something else.
    """
    if folder.exists() and not (folder / MANIFEST).is_file():
        if folder.is_dir() and not any(folder.iterdir()):
            return
        raise NoRecording(f"{folder} is there already, and is no recording: name another folder")


def _questions(subtasks: Sequence[Subtask]) -> Iterator[str]:
    for number, subtask in enumerate(subtasks, 1):
        inputs: dict[bytes, list[str]] = {}
        for answer in subtask.answers:
            inputs.setdefault(answer.input, []).append(answer.organization)
        for content, where in inputs.items():
            yield f"subtask {number} at {', '.join(where)}"
            yield from (f"  {line}" for line in in_words(content))


def _subtask(told: dict[str, Any], folder: Path) -> Subtask:
    answers = (
        Answer(
            each["organization"],
            (folder / each["input"]).read_bytes(),
            RunStatus(each["status"]),
            each["log"],
            (folder / each["result"]).read_bytes(),
        )
        for each in told["runs"]
    )
    return Subtask(told["name"], tuple(answers))


def _write_answer(folder: Path, name: str, answer: Answer) -> dict[str, Any]:
    (folder / f"{name}.input").write_bytes(answer.input)
    (folder / f"{name}.result").write_bytes(answer.output)
    return {
        "organization": answer.organization,
        "asked": list(in_words(answer.input)),
        "input": f"{name}.input",
        "status": str(answer.status),
        "log": answer.log,
        "result": f"{name}.result",
    }
