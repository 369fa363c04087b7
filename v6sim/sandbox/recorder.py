"""Recordings of what masters did on a sandbox."""

from collections.abc import Mapping
from pathlib import Path

from v6sim.recording import Answer, NoRecording, Recording, Subtask
from v6sim.views import RunView, TaskView
from v6sim.wire.cryptor import RSACryptor
from v6sim.wire.keys import PrivateKey
from v6sim.wire.long_payload import is_sealed
from v6sim.wire.long_text import AnyText
from v6sim.wire.payload import to_bytes
from v6sim.wire.statuses import RunStatus
from v6sim.world import World
from v6sim.world.secrets import without_secrets


def recording_of(
    task: TaskView, world: World, keys: Mapping[str, Path], database: str = "default"
) -> Recording:
    """What a master asked, and what it was given.

    Args:
        task: the master's, which has ended, as its user sees it.
        world: where it ran.
        keys: files with the private keys of organizations, where payloads are encrypted.
        database: label of its data.

    Raises:
        NoRecording: it did not run at one organization.
    """
    if len(task.runs) != 1:
        raise NoRecording(f"task {task.id} is of {len(task.runs)} runs: a master has one")
    reader, [master] = _Reader(keys), task.runs
    place = next(
        each for each in world.collaborations
        if master.organization in (one.name for one in each.participants)
    )  # fmt: skip
    databases = {each.name: each.databases for each in place.participants}
    return Recording(
        name=task.name,
        organizations=tuple(each.name for each in place.participants),
        organization=master.organization,
        input=reader.open(master.sealed_input, master.organization),
        status=master.status,
        output=master.output,
        data=without_secrets((databases[master.organization] or {})[database]),
        subtasks=tuple(
            Subtask(
                subtask.name,
                tuple(reader.answer(run, master.organization) for run in subtask.runs),
            )
            for subtask in task.subtasks
        ),
    )


class _Reader:
    """Opens payloads for those whom they are for."""

    def __init__(self, keys: Mapping[str, Path]) -> None:
        self._keys = keys
        self._cryptors: dict[str, RSACryptor] = {}

    def answer(self, run: RunView, initiator: str) -> Answer:
        return Answer(
            run.organization,
            self.open(run.sealed_input, run.organization),
            RunStatus(run.status),
            run.log,
            self.open(run.sealed, initiator),
        )

    def open(self, text: AnyText, organization: str) -> bytes:
        """The payload in a text on the wire, encrypted for that organization or not."""
        if not is_sealed(text):
            return to_bytes(text)
        if organization not in self._cryptors:
            self._cryptors[organization] = RSACryptor(PrivateKey.load(self._keys[organization]))
        return self._cryptors[organization].decrypt(text)
