"""The network between nodes and their server is cut for a minute, for many nodes side by side."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from tests.relay import Relay, relaying
from tests.soak.leaks import Leaks
from tests.soak.programs import (
    IMAGE,
    PACKAGE,
    REPEATS,
    ROSA,
    Program,
    api_key,
    running,
    submit,
    until_active,
    world,
)
from v6sim.client import Client
from v6sim.node.executors.process import ProcessExecutor
from v6sim.node.node import Node
from v6sim.node.places import Places
from v6sim.node.settings import NodeSettings
from v6sim.views import TaskView, Ticket
from v6sim.world.algorithm import Algorithm

_NODES = max(REPEATS, 2)
_SECONDS = 60 if REPEATS > 1 else 5


class Here:
    """This process, in which the nodes live, as a program.

    Args:
        temporary: where their folders are.
    """

    def __init__(self, temporary: Path) -> None:
        self.temporary, self.pid = temporary, os.getpid()

    @property
    def worker(self) -> psutil.Process:
        return psutil.Process()

    def family(self) -> list[psutil.Process]:
        return psutil.Process().children(recursive=True)


async def test_nodes_carry_on_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nodes").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nodes"))
    here, where = Here(tmp_path / "nodes"), list(range(2, 2 + _NODES))
    server = Program(tmp_path / "server", "server", "--show-passwords", "--port", "0", "--world",
                     world(tmp_path, _NODES))  # fmt: skip
    with running(server), Client(server.address, *ROSA) as client:
        async with _nodes(server, tmp_path / "data.csv") as (nodes, relays):
            assert (await _wait(client, submit(client, "count", where))).is_good
            leaks = Leaks([server, here], client)
            ended = submit(client, "wait", where, seconds=_SECONDS / 2)
            killed = submit(client, "wait", where, seconds=1000)
            await asyncio.to_thread(until_active, client, ended, killed)
            for number, relay in enumerate(relays):
                relay.fall_silent() if number % 2 else relay.break_off()
            end = time.monotonic() + _SECONDS
            made = submit(client, "count", where)
            client.kill(killed)
            await asyncio.sleep(end - time.monotonic())
            for relay in relays:
                relay.mend()
            begun = time.monotonic()
            for task in (ended, made):
                assert (await _wait(client, task)).is_good
            took = time.monotonic() - begun
            await asyncio.to_thread(leaks.check_handles)
            assert all(node.online and not node.running for node in nodes)
            print(
                f"{_NODES} nodes cut off for {_SECONDS} s: all results {took:.1f} s after that; "
                f"{leaks.handles}"
            )


@asynccontextmanager
async def _nodes(server: Program, data: Path) -> AsyncIterator[tuple[list[Node], list[Relay]]]:
    """Nodes, each behind a wire of its own."""
    executor, places = ProcessExecutor({IMAGE: Algorithm(package=str(PACKAGE))}), Places(1000)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(executor.close)
        relays = [await stack.enter_async_context(relaying(server.address)) for _ in range(_NODES)]
        nodes = []
        for number, relay in enumerate(relays, 1):
            settings = NodeSettings(
                server=relay.api_url,
                api_key=SecretStr(api_key(number)),
                databases={"default": str(data)},
            )
            nodes.append(node := Node(settings, executor, places))
            stack.push_async_callback(node.stop)
        await asyncio.gather(*(node.start() for node in nodes))
        yield nodes, relays


async def _wait(client: Client, task: Ticket) -> TaskView:
    """Wait for a task, while the nodes go on."""
    return await asyncio.to_thread(client.wait, task)
