"""What a test of an algorithm costs, next to one on the mock client of vantage6 itself."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figures, median
from tests.bench.programs import ROOT
from tests.bench.running import IMAGE
from tests.genuine.environments import CLIENTS
from v6sim import Sandbox

MANY = 200
AGE = {"column_name": "age"}
HEAD = 'import pytest\n\nEACH = pytest.mark.parametrize("number", range({many}))\n'
ON_A_SANDBOX = f"""
@EACH
def test_the_average(sandbox, number):
    outcome = sandbox.run("{IMAGE}", "average_partial", kwargs={{"column_name": "age"}})
    assert sum(part["count"] for part in outcome.results.values()) == 12
"""
ON_A_MOCK = """
from {home} import ClientMockProtocol

@EACH
def test_the_average(number):
    client = ClientMockProtocol(datasets={files}, module="v6_average")
    task = client.create_new_task(
        {{"method": "average_partial", "kwargs": {{"column_name": "age"}}}}, [0, 1, 2]
    )
    assert sum(part["count"] for part in client.get_results(task["id"])) == 12
"""
_PLAIN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Without the plugins that happen to be in this environment: they take two seconds to load."""
_PLUGIN = ("-p", "v6sim.testing.plugin", "--v6sim-executor", "inline")
GENUINE, OURS = "vantage6.tools.mock_client", "v6sim.testing"


def harness(figures: Figures) -> None:
    """A reset, one run, and many tests; many on the genuine mock."""
    with Sandbox("manual", executor="inline") as box:
        resets = []

        def run() -> None:
            box.run(IMAGE, "average_partial", kwargs=AGE)

        def reset_after_a_run() -> None:
            run()
            resets.append(median(box.reset, 1))

        reset_after_a_run()  # it loads the algorithm
        resets.clear()
        median(reset_after_a_run, 20)
        figures.seconds("reset of a sandbox", sorted(resets)[10], most=0.02)
        figures.seconds("RPC average at 3, inline, by sandbox.run", median(run, 20), most=0.1)
    version, genuine = _genuine()
    figures.seconds(f"{MANY} tests on the mock of {version}, one core", genuine)
    for name, text in {"sandbox": ON_A_SANDBOX, "MockClient": _on_a_mock(OURS)}.items():
        alone = _tests(text, 1, *_PLUGIN)
        one_core = _tests(text, MANY, *_PLUGIN)
        each = (one_core - alone) / (MANY - 1)
        figures.seconds(f"a test on {name}, one core", each, genuine / MANY, most=0.1)
        figures.seconds(f"{MANY} tests on {name}, one core", one_core, genuine, most=20)
        two = _tests(text, MANY, *_PLUGIN, "-p", "xdist", "-n", "2", cores=2)
        figures.seconds(f"{MANY} tests on {name}, -n 2", two, genuine, most=12)


def _genuine() -> tuple[str, float]:
    """How long the genuine mock takes, and of which version it is."""
    for version, environment in CLIENTS.items():
        if environment.is_ready:
            text = _on_a_mock(GENUINE)
            return version, _tests(text, MANY, python=environment.python)
    return "(make genuine)", float("nan")


def _on_a_mock(home: str) -> str:
    data = ROOT / "v6sim" / "world" / "builtin" / "manual" / "data"
    return ON_A_MOCK.format(home=home, files=[str(data / f"org{n}.csv") for n in (1, 2, 3)])


def _tests(
    text: str, many: int, *options: str, python: Path | str = sys.executable, cores: int = 1
) -> float:
    """How long pytest takes from start to end, on so many cores."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text(HEAD.format(many=many) + text)
        Path(folder, "pytest.ini").write_text(
            f"[pytest]\npythonpath = {ROOT / 'algorithms' / 'average'}\n"
        )
        said = Path(folder, "said")
        allowed = sorted(os.sched_getaffinity(0))[:cores]
        started = time.perf_counter()
        with said.open("w") as out:
            done = subprocess.run(
                [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options], cwd=folder,
                stdout=out, stderr=out, check=False, env={**os.environ, **_PLAIN},
                preexec_fn=lambda: os.sched_setaffinity(0, allowed),
            )  # fmt: skip
        assert done.returncode == 0, said.read_text()[-3000:]
        return time.perf_counter() - started
