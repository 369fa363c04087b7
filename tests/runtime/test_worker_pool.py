"""Worker processes: they answer, or are killed, and never stay behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.commands import until
from v6sim.runtime import worker_pool
from v6sim.runtime.client_disconnect import until_gone
from v6sim.runtime.worker_pool import WorkerPool
from v6sim.runtime.worker_process import Job, WorkerStopped

JOBS = """
import os, time

def echo(word, items):
    return repr((word, list(items), os.getpid())).encode()

def ignore(items):
    return b"x" * 10_000_000

def hang(path, items):
    open(path, "w").close()
    nested = ()
    for _ in range(60):
        nested = nested, nested
    return hash(nested)  # one call in C, which hears nothing

def eat(items):
    eaten = []
    while True:
        eaten.append(bytearray(10**7))

def fail(items):
    raise ValueError("no such thing")

def die(items):
    os._exit(3)
"""


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that workers can import; gives its name."""
    (tmp_path / "jobs_of_tests.py").write_text(JOBS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "jobs_of_tests"


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    made = WorkerPool()
    yield made
    await made.close()


def is_alive(process: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    return False


async def gone(process: int) -> None:
    await asyncio.to_thread(until, lambda: not is_alive(process))


async def begun(path: Path) -> None:
    await asyncio.to_thread(until, path.exists)


async def test_a_job_gets_its_arguments_and_items(pool: WorkerPool, jobs: str) -> None:
    job = Job(f"{jobs}:echo", 60)
    word, items, process = eval(await pool.run(job, "a", items=iter([1, {"b": b"c"}])))
    assert (word, items) == ("a", [1, {"b": b"c"}])
    assert process != os.getpid()


async def test_a_worker_is_used_again(pool: WorkerPool, jobs: str) -> None:
    job = Job(f"{jobs}:echo", 60)
    assert await pool.run(job, "a") == await pool.run(job, "a")


async def test_an_answer_may_be_large_and_come_before_all_is_sent(
    pool: WorkerPool, jobs: str
) -> None:
    job = Job(f"{jobs}:ignore", 60)
    assert len(await pool.run(job, items=(bytes(10**6) for _ in range(20)))) == 10**7


async def test_an_idle_worker_ends(
    pool: WorkerPool, jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "_IDLE_SECONDS", 0.1)
    await pool.run(Job(f"{jobs}:echo", 60), "a")
    [process] = pool.process_ids
    await gone(process)
    assert pool.process_ids == []


@pytest.mark.parametrize(
    ("function", "why"),
    [
        ("eat", "it takes more than 300,000,000 bytes of memory"),
        ("fail", "ValueError: no such thing"),
        ("die", "the process that read it has died"),
        ("lacks", "AttributeError"),
    ],
)
async def test_a_job_that_goes_wrong_says_why(
    pool: WorkerPool, jobs: str, function: str, why: str
) -> None:
    with pytest.raises(WorkerStopped, match=why):
        await pool.run(Job(f"{jobs}:{function}", 60, memory=300_000_000))
    assert b"'after'" in await pool.run(Job(f"{jobs}:echo", 60), "after")


async def test_a_job_that_takes_too_long_is_killed(
    pool: WorkerPool, jobs: str, tmp_path: Path
) -> None:
    running = asyncio.ensure_future(pool.run(Job(f"{jobs}:hang", 5), str(tmp_path / "begun")))
    await begun(tmp_path / "begun")
    [process] = pool.process_ids
    with pytest.raises(WorkerStopped, match="stopped after 5 s"):
        await running
    await gone(process)


async def test_a_worker_is_killed_when_the_client_has_gone(
    pool: WorkerPool, jobs: str, tmp_path: Path
) -> None:
    leaving = asyncio.Event()

    async def receive() -> dict[str, str]:
        await leaving.wait()
        return {"type": "http.disconnect"}

    work = pool.run(Job(f"{jobs}:hang", 600), str(tmp_path / "begun"))
    waiting = asyncio.ensure_future(until_gone(receive, work))
    await begun(tmp_path / "begun")
    [process] = pool.process_ids
    leaving.set()
    assert await waiting is None
    await gone(process)


async def test_all_workers_are_gone_after_the_end(
    pool: WorkerPool, jobs: str, tmp_path: Path
) -> None:
    await pool.run(Job(f"{jobs}:echo", 60), "a")
    running = asyncio.ensure_future(pool.run(Job(f"{jobs}:hang", 600), str(tmp_path / "begun")))
    await begun(tmp_path / "begun")
    processes = pool.process_ids
    await pool.close()
    assert not any(map(is_alive, processes))
    with pytest.raises(WorkerStopped, match="it was stopped"):
        await running
    with pytest.raises(WorkerStopped, match="the server ends"):
        await pool.run(Job(f"{jobs}:echo", 60), "a")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_parent(jobs: str, tmp_path: Path, number: signal.Signals) -> None:
    program = textwrap.dedent(f"""
        import asyncio, sys
        from v6sim.runtime.worker_pool import WorkerPool
        from v6sim.runtime.worker_process import Job
        async def main():
            pool = WorkerPool()
            running = asyncio.ensure_future(pool.run(Job("{jobs}:hang", 600), sys.argv[1]))
            while not pool.process_ids:
                await asyncio.sleep(0.01)
            print(*pool.process_ids, flush=True)
            await running
        asyncio.run(main())
    """)
    command = [sys.executable, "-c", program, str(tmp_path / "begun")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        until((tmp_path / "begun").exists)
        parent.send_signal(number)
        parent.wait()
    until(lambda: not is_alive(process))
