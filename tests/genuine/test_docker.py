"""Images that hold the genuine algorithm-side library: its wrapper, its client, its subtasks."""

import shutil
from pathlib import Path

import pytest

from tests.components import lacking
from tests.genuine.environments import CLIENTS
from tests.images import image_of
from v6sim import Sandbox, World
from v6sim.wire.payload import serialize
from v6sim.world import Algorithm, Build

ROOT = Path(__file__).parents[2]
MASTER = {"master": True, "method": "master", "kwargs": {"column_name": "age"}}
WRAPPERS = {
    "3.7.3": "from vantage6.tools.docker_wrapper import docker_wrapper",
    "3.11.1": "from vantage6.tools.wrapper import docker_wrapper",
}


@pytest.fixture(params=CLIENTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The example algorithm as an image with the genuine library, and a version of its own."""
    environment = CLIENTS[request.param]
    if not environment.is_ready:
        lacking(f"the genuine client {request.param}", "make genuine")
    base = image_of(f"genuine-{request.param}", environment.python)
    package = ROOT / "algorithms" / "average" / "v6_average"
    shutil.copytree(package, tmp_path / "v6_average")
    command = f"{WRAPPERS[request.param]}; docker_wrapper('v6_average')"
    (tmp_path / "Dockerfile").write_text(
        f"FROM {base}\nENV LANG=C.UTF-8 PYTHONPATH=/app PYTHONUNBUFFERED=1\nCOPY . /app\n"
        f'CMD ["python", "-c", "{command}"]\n'
    )
    return tmp_path


def test_a_master_and_its_subtasks_run_with_the_genuine_library(project: Path) -> None:
    world = World.load("manual").model_copy(
        update={"algorithms": {"genuine": Algorithm(build=Build(context=str(project)))}}
    )
    with Sandbox(world, executor="docker") as box, box.own_client("researcher") as client:
        task = client.wait(client.submit(1, [2], "genuine", serialize(MASTER)))
        logs = [run.log for each in task for run in each.runs]
        assert task.is_good, logs
        assert task.runs[0].result == {"average": 53.25}
        assert len(logs) == 4
        assert all("info > " in log for log in logs)
        assert len(task.subtasks[0].runs) == 3
