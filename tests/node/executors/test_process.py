"""Algorithms as processes: what is forked, what is kept, and what becomes of it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import pytest_asyncio

from v6sim.node.executors.process import ProcessExecutor
from v6sim.world.algorithm import Algorithm

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")

Write = Callable[[str], str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(warm: "Bench") -> AsyncIterator["Bench"]:
    """All here is about runs that are forked."""
    yield warm


def spawners() -> set[psutil.Process]:
    """The processes that keep algorithms loaded for this one, while there are no runs."""
    below = psutil.Process().children(recursive=True)
    return {each for each in below if "spawner.py" in _command(each)}


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # which zombies count as
        return ""


async def gone(processes: set[psutil.Process]) -> None:
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, 5)
    assert not alive


async def test_runs_are_forked_from_one_process(bench: "Bench") -> None:
    await bench.value("mean", column="age")
    before = spawners()
    await asyncio.gather(*(bench.value("mean", column="age") for _ in range(4)))
    assert spawners() == before


async def test_each_run_is_in_a_process_group_of_its_own(bench: "Bench") -> None:
    first, second = await bench.value("process"), await bench.value("process")
    assert first["own"] == first["group"]
    assert first["group"] != second["group"]


async def test_what_an_algorithm_leaves_behind_is_killed(bench: "Bench") -> None:
    alive = await bench.pipe(job=41)
    outcome = await bench.run("leave_behind", job=41)
    assert outcome.status == "completed"
    assert await alive.end() == b"up"


async def test_runs_do_not_share_their_random_numbers(bench: "Bench") -> None:
    first, second = await bench.value("random"), await bench.value("random")
    assert first[0] != second[0]
    assert first[1] != second[1]


async def test_a_seed_that_the_algorithm_sets_at_its_import_holds(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package(
        "import random, numpy as np\n"
        "random.seed(1)\nnp.random.seed(1)\n"
        "def RPC_draw(data): return [random.random(), float(np.random.random())]\n"
    )
    assert await bench.value("draw", image=image) == await bench.value("draw", image=image)


async def test_what_is_printed_at_the_import_is_in_every_log(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package("print('imported')\ndef RPC_go(data): return 1\n")
    for _ in range(2):
        assert (await bench.run("go", image=image)).log.startswith("imported\n")


async def test_a_module_that_reads_its_database_at_the_import_gets_that_of_the_run(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package(
        "import os\nURI = os.environ.get('DATABASE_URI')\ndef RPC_which(data): return URI\n"
    )
    other = bench.file("other.csv", "a\n1\n")
    assert await bench.value("which", image=image) == str(bench.data)
    assert await bench.value("which", image=image, databases={"default": other}) == str(other)


async def test_a_module_that_reads_the_nodes_variables_at_the_import_gets_those_of_the_run(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package(
        "import os\nLIMIT = os.environ.get('LIMIT')\ndef RPC_limit(data): return LIMIT\n"
    )
    for limit in ("5", "6"):
        env = {"LIMIT": limit}
        assert await bench.value("limit", image=image, algorithm_env=env) == limit


async def test_a_module_that_starts_threads_at_the_import_runs_all_the_same(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package(
        "import threading\n"
        "stop = threading.Event()\n"
        "threading.Thread(target=stop.wait, daemon=True).start()\n"
        "def RPC_go(data): return threading.active_count()\n"
    )
    assert await bench.value("go", image=image) == 2


async def test_a_module_whose_import_ends_the_process_is_a_crash(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package("import os\nos._exit(7)\n")
    outcome = await bench.run("go", image=image)
    assert outcome.status == "crashed"
    assert outcome.log.endswith("node > the algorithm ended with exit code 7\n")


async def test_an_import_that_never_ends_can_be_killed(
    bench: "Bench", write_package: Write
) -> None:
    alive = await bench.pipe(job=42)
    image = write_package(
        f"import time\npipe = open({str(alive.path)!r}, 'w')\npipe.write('up')\npipe.flush()\n"
        "time.sleep(1000)\n"
    )
    run = asyncio.create_task(bench.executor.run(bench.contract("go", image=image)))
    await alive.hear(b"up")
    run.cancel()
    assert await alive.end(within=1) == b""
    await asyncio.wait([run])
    assert run.cancelled()


async def test_a_process_that_dies_between_runs_is_replaced(bench: "Bench") -> None:
    await bench.value("mean", column="age")
    before = spawners()
    for process in before:
        process.kill()
    await gone(before)
    assert (await bench.value("mean", column="age"))["rows"] == 2


async def test_a_process_that_dies_in_a_run_is_a_crash_and_takes_the_run_along(
    bench: "Bench",
) -> None:
    alive = await bench.pipe(job=43)
    await bench.value("mean", column="age")
    loaded = spawners()
    run = asyncio.create_task(bench.executor.run(bench.contract("linger", job=43)))
    await alive.hear(b"up")
    for process in loaded:
        process.kill()
    outcome = await run
    assert outcome.status == "crashed"
    assert outcome.log.endswith("node > the process that starts the algorithm's runs died\n")
    assert await alive.end() == b""


async def test_an_algorithm_that_is_killed_is_a_crash_that_tells_the_signal(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package("import os\ndef RPC_end(data): os.kill(os.getpid(), 11)\n")
    outcome = await bench.run("end", image=image)
    assert outcome.status == "crashed"
    assert "node > the algorithm was ended by signal 11 (Segmentation fault)\n" in outcome.log


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("/no/such/python", "the interpreter /no/such/python cannot be started"),
        ("/bin/true", "the interpreter /bin/true cannot run algorithms"),
        ("/bin/cat", "the interpreter /bin/cat cannot run algorithms. It said"),
    ],
)
async def test_an_interpreter_that_is_none_does_not_start(
    bench: "Bench", python: str, said: str
) -> None:
    bench.algorithms["other"] = Algorithm(package=bench.algorithms["probe"].package, python=python)
    outcome = await bench.run("mean", image="other")
    assert outcome.status == "start failed"
    assert said in outcome.log


@pytest_asyncio.fixture(loop_scope="module")
async def short_lived(bench: "Bench") -> AsyncIterator[ProcessExecutor]:
    executor = ProcessExecutor(bench.algorithms, idle_seconds=0)
    yield executor
    await executor.close()


async def test_a_process_that_is_not_needed_for_a_while_ends(
    bench: "Bench", short_lived: ProcessExecutor
) -> None:
    others = spawners()
    await short_lived.run(bench.contract("mean", column="age"))
    await gone(spawners() - others)


async def test_an_algorithm_can_be_loaded_before_its_first_run(bench: "Bench") -> None:
    executor = ProcessExecutor(bench.algorithms)
    others = spawners()
    await executor.warm("probe")
    loaded = spawners() - others
    assert len(loaded) == 2  # one with the libraries, and one with the algorithm too
    await executor.run(bench.contract("mean", column="age"))
    assert spawners() - others == loaded
    await executor.warm("unknown")
    await executor.close()
    await gone(loaded)


async def test_closing_kills_what_runs(bench: "Bench") -> None:
    executor = ProcessExecutor(bench.algorithms)
    alive = await bench.pipe(job=44)
    run = asyncio.create_task(executor.run(bench.contract("linger", job=44)))
    await alive.hear(b"up")
    await executor.close()
    assert await alive.end() == b""
    assert (await run).status == "crashed"


_OWNER = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Bench, MAKERS, PROBE
from v6sim.world.algorithm import Algorithm

async def main():
    algorithms = {{"probe": Algorithm(package=str(PROBE))}}
    benches = [Bench(MAKERS[kind](algorithms), algorithms, Path({folder!r}))
               for kind in ("warm", "cold")]
    for bench in benches:
        bench.workspace.temporary(1).joinpath("alive").symlink_to({pipe!r})
    await asyncio.gather(*(bench.run("linger") for bench in benches))

asyncio.run(main())
"""


async def test_nothing_outlives_an_owner_that_is_killed(bench: "Bench", tmp_path: Path) -> None:
    alive = await bench.pipe(job=45)
    tests = Path(__file__).parent
    script = _OWNER.format(tests=str(tests), folder=str(tmp_path), pipe=str(alive.path))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env=environment)
    try:
        await alive.hear(b"upup")
        started = set(psutil.Process(owner.pid).children(recursive=True))
    finally:
        owner.kill()
        await owner.wait()
    assert len(started) == 2 * 7  # trunk, branch, warden, algorithm, its shell and two of that's
    await gone(started)
    assert await alive.end() == b""
