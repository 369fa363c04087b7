"""A recording as a folder.

It has a manifest, `recording.json`, and each payload as a file of its own, byte by byte as it was:
nothing in it is opened to be recorded or replayed.
"""

import json
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from v6sim.recording.asked import in_words
from v6sim.recording.recording import Answer, NoRecording, Recording, Subtask, is_address
from v6sim.runtime.plain_file import read_plain
from v6sim.wire.statuses import RunStatus

MANIFEST = "recording.json"
_FORMAT = "v6sim recording 1"


def load(folder: Path) -> Recording:
    """Read a recording.

    Raises:
        NoRecording: there is none, or not all of it.
    """
    try:
        told = json.loads(read_plain(folder / MANIFEST).decode())
        if told["format"] != _FORMAT:
            raise NoRecording(f"{folder}: {told['format']!r} cannot be read, but {_FORMAT!r}")
        return _recording(told, folder)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, NoRecording):
            raise
        raise NoRecording(
            f"{folder} holds no recording that can be read ({error!r}); "
            "`v6sim run --record DIR` makes one"
        ) from None


def save(recording: Recording, folder: Path) -> None:
    """Write a recording, in the place of an older one if there is one.

    Raises:
        NoRecording: the folder holds something else.
    """
    check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made.chmod(0o755)
        manifest = _write(recording, made, folder)
        (made / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    except BaseException as error:
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise type(error)(error.errno, error.strerror, str(folder)) from None
        raise


def check_place(folder: Path) -> None:
    """Insist that a recording can be written there.

    Raises:
        NoRecording: there is something else.
    """
    if folder.exists() and not (folder / MANIFEST).is_file():
        if folder.is_dir() and not any(folder.iterdir()):
            return
        raise NoRecording(f"{folder} is there already, and is no recording: name another folder")


def _recording(told: dict[str, Any], folder: Path) -> Recording:
    master = told["master"]
    return Recording(
        name=master["name"],
        organizations=tuple(told["organizations"]),
        organization=master["organization"],
        input=read_plain(folder / master["input"]),
        status=master["status"],
        output=read_plain(folder / master["result"]),
        data=master["data"] if is_address(master["data"]) else str(folder / master["data"]),
        subtasks=tuple(_subtask(each, folder) for each in told["subtasks"]),
    )


def _subtask(told: dict[str, Any], folder: Path) -> Subtask:
    answers = (
        Answer(
            each["organization"],
            read_plain(folder / each["input"]),
            RunStatus(each["status"]),
            each["log"],
            read_plain(folder / each["result"]),
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


def _write(recording: Recording, folder: Path, final: Path) -> dict[str, Any]:
    """Write the payloads; returns the manifest."""
    (folder / "master.input").write_bytes(recording.input)
    (folder / "master.result").write_bytes(recording.output)
    data = recording.data
    if not is_address(data):
        data = os.path.relpath(Path(data).absolute(), final.absolute())
    return {
        "format": _FORMAT,
        "organizations": list(recording.organizations),
        "master": {
            "name": recording.name,
            "organization": recording.organization,
            "asked": list(in_words(recording.input)),
            "input": "master.input",
            "status": str(recording.status),
            "result": "master.result",
            "data": data,
        },
        "subtasks": [
            {
                "name": subtask.name,
                "runs": [
                    _write_answer(folder, f"subtask-{number}-{place}", answer)
                    for place, answer in enumerate(subtask.answers, 1)
                ],
            }
            for number, subtask in enumerate(recording.subtasks, 1)
        ],
    }
