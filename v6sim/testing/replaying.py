"""A recorded master, run again alone."""

import time
from pathlib import Path
from types import ModuleType
from typing import Any

from v6sim.recording import Recording, load
from v6sim.sandbox import Sandbox, TaskResult
from v6sim.sandbox.evidence import Evidence
from v6sim.sandbox.orders import Orders
from v6sim.testing.data import USER, world_of


class ReplayDiffers(AssertionError):
    """The master asked for something else than was recorded; the text shows what."""


def replay(
    recording: str | Path, algorithm: str | Path | ModuleType, *,
    data: str | Path | None = None, check: bool = True, timeout: float = 60, **options: Any,
) -> TaskResult:  # fmt: skip
    """Run the master of a recording; its subtasks are answered from there.

    Args:
        recording: the folder that `sandbox.run(..., record=DIR)` or `v6sim run --record DIR` made.
        algorithm: as for `sandbox.run`.
        data: the file, or the address, that the master runs on; default is that of the recording.
        check: raise an error if it fails, as `sandbox.run` does.
        timeout: seconds after which it is given up.
        options: as for `Sandbox`, such as `executor`.

    Raises:
        ReplayDiffers: it asked for something else than was recorded.
        AlgorithmFailed: it has failed.
        NoRecording: the folder holds none.
    """
    recorded = load(Path(recording))
    place = recorded.master_data() if data is None else data
    with world_of(dict.fromkeys(recorded.organizations, place)) as world:
        image = Orders(world, {}).image(algorithm)
        with Sandbox(world, replay=recorded, **options) as box:
            outcome = _run(box, image, recorded, timeout)
            if deviation := recorded.deviation(box.recording(outcome.task)):
                raise ReplayDiffers(deviation)
            return outcome.check() if check else outcome


def _run(box: Sandbox, image: str, recorded: Recording, timeout: float) -> TaskResult:
    box.prepare(image)
    [collaboration], begun = box.world.collaborations, time.perf_counter()
    with box.own_client(USER) as client:
        ticket = client.submit(
            client.collaborations()[collaboration.name],
            [client.organizations()[recorded.organization]],
            image,
            recorded.input,
            name=recorded.name,
        )
        task = client.wait(ticket, timeout)
    return TaskResult(task, time.perf_counter() - begun, Evidence(box))
