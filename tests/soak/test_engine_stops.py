"""The Docker engine is stopped in the midst of a run."""

from pathlib import Path

from tests.engines import OwnEngine
from tests.soak.leaks import Leaks
from tests.soak.programs import REPEATS, ROSA, Program, image, running, submit, until_active, world
from v6sim.client import Client


def test_a_run_crashes_with_its_engine_and_the_next_one_does_not(tmp_path: Path) -> None:
    with OwnEngine(image()) as own, own.client() as docker:
        up = Program(
            tmp_path / "up", "up", "--port", "0", "--executor", "docker",
            "--world", world(tmp_path), variables={"DOCKER_HOST": own.url},
        )  # fmt: skip
        with running(up), Client(up.address, *ROSA) as client:
            assert client.wait(submit(client, "count")).is_good
            leaks = Leaks([up], client, docker, alone=True)
            for _ in range(REPEATS):
                _stop_in_mid_run(client, own)
                leaks.check()
            leaks.check_handles()
            print(f"the engine stopped {REPEATS} times; {leaks.handles}")


def _stop_in_mid_run(client: Client, own: OwnEngine) -> None:
    task = submit(client, "wait", seconds=1000)
    until_active(client, task)
    own.stop()
    (run,) = client.wait(task).runs
    assert run.status == "crashed"
    assert "node > " in run.log
    own.start()
    after = client.wait(submit(client, "count"))
    assert after.is_good, after.runs[0].log
