"""Docker: what v6sim adds to what the engine needs."""

import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from tests.bench.figures import Figures, median
from tests.bench.programs import ROOT
from tests.bench.running import PARTIAL, runner
from v6sim import Sandbox
from v6sim.wire.payload import serialize


def containers(figures: Figures) -> None:
    """The average at two organizations in Docker, next to two bare `docker run` of its image."""
    from tests.images import average_project, engine

    data = ROOT / "v6sim" / "world" / "builtin" / "manual" / "data"
    with tempfile.TemporaryDirectory() as folder:
        project = average_project(Path(folder) / "average")
        image = engine().images.build(path=str(project), tag="v6sim-test/average", rm=True)[0].id
        bare = [_bare(Path(folder) / f"bare{n}", image, data / f"org{n}.csv") for n in (1, 2)]
        with Sandbox("manual", executor="docker") as box, box.own_client("researcher") as client:
            run = runner(client, PARTIAL, [2, 3], "v6sim-test/average")
            run()
            pairs = [(median(run, 1), median(lambda: _in_parallel(bare), 1)) for _ in range(7)]
    ours, theirs = (statistics.median(taken) for taken in zip(*pairs, strict=True))
    figures.seconds("RPC average at 2, docker", ours)
    figures.seconds("two bare `docker run` of its image in parallel", theirs)
    figures.other("the first as a multiple of the second", f"{ours / theirs:.2f} (at most 1.3)")


def _bare(folder: Path, image: str, data: Path) -> list[str]:
    """A command that runs the image as a node would, and nothing more."""
    folder.mkdir()
    (folder / "input").write_bytes(serialize(PARTIAL))
    (folder / "token").write_text("none")
    environment = {
        "INPUT_FILE": "/run/input", "OUTPUT_FILE": "/run/output", "TOKEN_FILE": "/run/token",
        "DATABASE_URI": "/data.csv", "HOST": "http://none", "PORT": "1", "API_PATH": "",
    }  # fmt: skip
    given = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    return [
        "docker",
        "run",
        "--rm",
        "-v",
        f"{folder}:/run",
        "-v",
        f"{data}:/data.csv",
        *given,
        image,
    ]


def _in_parallel(commands: list[list[str]]) -> None:
    from tests.images import engine

    environment = {**os.environ, "DOCKER_API_VERSION": engine().version()["ApiVersion"]}
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        for command in commands
    ]
    assert not any(child.wait() for child in running)
