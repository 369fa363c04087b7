"""Algorithms that are any program: a command in a folder."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from v6sim.world.algorithm import Algorithm

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")
Script = Callable[..., str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(warm: "Bench") -> AsyncIterator["Bench"]:
    yield warm


@pytest.fixture
def script(bench: "Bench", tmp_path: Path) -> Script:
    """Writes a script for the shell; gives the image name that stands for it."""

    def write(source: str, *arguments: str) -> str:
        (tmp_path / "run.sh").write_text(source)
        command = ["sh", "run.sh", *arguments]
        bench.algorithms["script"] = Algorithm(package=str(tmp_path), command=command)
        return "script"

    return write


async def test_it_finds_everything_as_in_a_container(bench: "Bench", script: Script) -> None:
    image = script(
        'cat "$INPUT_FILE" > "$OUTPUT_FILE"; tail -n 1 "$DATABASE_URI"; echo $API_PATH $1', "x"
    )
    content = b"json." + json.dumps({"method": "any"}).encode()
    outcome = await bench.run(image=image, content=content)
    assert outcome.status == "completed"
    assert outcome.output == content
    assert outcome.log == "3,b\nx\n"


async def test_its_exit_code_tells_how_it_went(bench: "Bench", script: Script) -> None:
    outcome = await bench.run(image=script("echo no such column >&2; exit 3"))
    assert outcome.status == "crashed"
    assert outcome.log == "no such column\nnode > the algorithm ended with exit code 3\n"


async def test_a_program_that_is_not_there_is_a_failed_start(
    bench: "Bench", script: Script
) -> None:
    image = script("")
    bench.algorithms[image].command[0] = "no-such-program"
    outcome = await bench.run(image=image)
    assert outcome.status == "start failed"
    assert "there is no program 'no-such-program'" in outcome.log


async def test_a_kill_ends_it_and_all_that_it_has_started(bench: "Bench", script: Script) -> None:
    alive = await bench.pipe(job=51)
    image = script(f"(exec 3> {alive.path}; echo up >&3; sleep 60) & wait")
    run = asyncio.create_task(bench.run(image=image, job=51))
    await alive.hear(b"up\n")
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await alive.end()


async def test_inline_refers_to_the_process_executor(inline: "Bench", tmp_path: Path) -> None:
    inline.algorithms["script"] = Algorithm(package=str(tmp_path), command=["sh"])
    outcome = await inline.run(image="script")
    assert outcome.status == "start failed"
    assert "use the process executor" in outcome.log
