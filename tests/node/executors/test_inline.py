"""Algorithms as threads of this process."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from v6sim.world.algorithm import Algorithm

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")


_SESSION = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Bench, MAKERS, PROBE
from v6sim.world.algorithm import Algorithm

algorithms = {{"probe": Algorithm(package=str(PROBE))}}
bench = Bench(MAKERS["inline"](algorithms), algorithms, Path({folder!r}))
outcome = asyncio.run(bench.run("look_around"))
print(outcome.status, "with the log", repr(outcome.log))
"""


async def test_the_debugger_talks_to_the_person_at_the_terminal(tmp_path: Path) -> None:
    script = _SESSION.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    session = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script],
        input="p here\ncontinue\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    shown, _, log = session.stdout.partition("completed with the log")
    assert "(Pdb) 'seen by the person'" in shown
    assert "(Pdb)" not in log
    assert "seen by the person" in log


_PROFILED = """
import asyncio, sys, threading
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Bench, MAKERS, PROBE
from v6sim.world.algorithm import Algorithm

algorithms = {{"probe": Algorithm(package=str(PROBE))}}
threading.setprofile(lambda *_: None)
bench = Bench(MAKERS["inline"](algorithms), algorithms, Path({folder!r}))
for _ in range(2):
    outcome = asyncio.run(bench.run("mean", column="age"))
print(outcome.status)
"""


async def test_under_a_profiler_runs_end_too(tmp_path: Path) -> None:
    """It was not so where Python was left looking for an error to raise in some thread."""
    script = _PROFILED.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    session = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert session.stdout == "completed\n"


async def test_others_keep_their_own_output_and_environment_meanwhile(
    inline: "Bench", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THIS_PROCESS", "yes")
    alive = await inline.pipe(job=51)
    run = asyncio.create_task(inline.run("linger", job=51))
    await alive.hear(b"up")
    print("printed here")
    os.environ["ANOTHER"] = "also"
    assert os.environ["OF_THIS_PROCESS"] == "yes"
    assert "INPUT_FILE" not in os.environ
    assert "ANOTHER" in list(os.environ)
    del os.environ["ANOTHER"]
    run.cancel()
    await asyncio.wait([run])
    assert capsys.readouterr().out == "printed here\n"


async def test_nothing_of_it_remains_once_no_algorithm_runs(inline: "Bench") -> None:
    before = sys.stdout, type(os.environ), os._exit
    await inline.run("say")
    assert (sys.stdout, type(os.environ), os._exit) == before


async def test_an_algorithm_for_another_interpreter_does_not_start(inline: "Bench") -> None:
    package = inline.algorithms["probe"].package
    inline.algorithms["other"] = Algorithm(package=package, python="/usr/bin/env")
    outcome = await inline.run("mean", image="other")
    assert outcome.status == "start failed"
    assert "use the process executor" in outcome.log


async def test_a_module_of_a_name_that_is_taken_does_not_run(
    inline: "Bench", tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("taken") / "json"
    folder.mkdir()
    (folder / "__init__.py").write_text("def RPC_go(data): return 1\n")
    inline.algorithms["taken"] = Algorithm(package=str(folder))
    outcome = await inline.run("go", image="taken")
    assert outcome.status == "crashed"
    assert "a module 'json' is loaded in this process already" in outcome.log


async def test_closing_ends_what_runs(inline: "Bench") -> None:
    alive = await inline.pipe(job=52)
    run = asyncio.create_task(inline.run("linger", job=52))
    await alive.hear(b"up")
    await inline.executor.close()
    assert (await run).status == "crashed"
