"""Algorithms as threads of this process."""

import asyncio
import io
import os
import sys
from typing import TYPE_CHECKING

import pytest

from v6sim.world.algorithm import Algorithm

if TYPE_CHECKING:
    from conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_debugger_talks_to_the_person_at_the_terminal(
    inline: "Bench", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "breakpointhook", sys.__breakpointhook__)
    monkeypatch.setattr(sys, "stdin", io.StringIO("p here\ncontinue\n"))
    outcome = await inline.run("look_around")
    assert outcome.status == "completed"
    shown = capsys.readouterr().out
    assert "(Pdb) 'seen by the person'" in shown
    assert "(Pdb)" not in outcome.log
    assert "seen by the person\n" in outcome.log


async def test_others_keep_their_own_output_and_environment_meanwhile(
    inline: "Bench", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THIS_PROCESS", "yes")
    alive = await inline.pipe(job=51)
    run = asyncio.create_task(inline.run("linger", job=51))
    await alive.readexactly(2)
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
    await alive.readexactly(2)
    await inline.executor.close()
    assert (await run).status == "crashed"
