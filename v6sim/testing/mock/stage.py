"""Sandboxes for mock clients: started once, used by one after the other.

To start one takes a tenth of a second, which is long beside a test of a few milliseconds. So one
that is no longer used is kept for the next mock client with as many organizations, and reset
for it.
"""

import os
import shutil
import threading
from collections.abc import Sequence
from typing import Any

from v6sim.testing.mock.cast import PASSWORD, USER, Cast

_KEPT = 4  # idle ones; each has a thread and a port


class Stage:
    """A sandbox that plays for one mock client at a time.

    Args:
        cast: what it is made of.

    Raises:
        ValueError: ids are none that a server can have.
    """

    def __init__(self, cast: Cast) -> None:
        from v6sim.client import Client
        from v6sim.node.folders import new_folder
        from v6sim.sandbox import Sandbox
        from v6sim.world import World

        self.cast, ids = cast, cast.ids
        self._folder = new_folder("mock")
        self._files = [self._folder / f"{n}.csv" for n in range(len(cast.organizations))]
        for file in self._files:
            file.touch()
        self.box = Sandbox(
            World.of(cast.world(self._files)), executor="inline", ids=ids,
            settings={"token_expires_hours": 24 * 365},
        )  # fmt: skip
        self.box.__enter__()
        self.user = Client(self.box.api_url, USER, PASSWORD)

    def set(self, image: str, package: str, tables: Sequence[Any]) -> None:
        """Begin anew, with other data and another algorithm.

        Raises:
            WrongData: something is no table.
        """
        from v6sim.testing.mock.datasets import write_table
        from v6sim.world import Algorithm

        self.box.reset()
        self.box.world.algorithms[image] = Algorithm(package=package)
        for name, file, table in zip(self.cast.names, self._files, tables, strict=True):
            write_table(table, name, file)

    def frames(self) -> list[Any]:
        """Read the data of each organization, as its algorithms get them."""
        import pandas as pd

        return [pd.read_csv(file) for file in self._files]

    def close(self) -> None:
        """Stop it, and leave nothing behind."""
        self.user.close()
        self.box.__exit__()
        shutil.rmtree(self._folder, ignore_errors=True)


_all: list[Stage] = []
_idle: list[Stage] = []
_process = 0


def take(cast: Cast) -> Stage:
    """A sandbox of that kind that nobody uses: one that is there, or a new one."""
    global _process  # noqa: PLW0603
    if _process != os.getpid():  # a fork has none of its parent's threads
        _all.clear()
        _idle.clear()
        if not _process:
            _close_at_the_end()
        _process = os.getpid()
    while len(_idle) > _KEPT:
        oldest = _idle.pop(0)
        _all.remove(oldest)
        oldest.close()
    for stage in _idle:
        if stage.cast == cast:
            _idle.remove(stage)
            return stage
    stage = Stage(cast)
    _all.append(stage)
    return stage


def give_back(stage: Stage) -> None:
    """Let somebody else use it. It is only noted: a finalizer may call this in any thread."""
    _idle.append(stage)


def _close_at_the_end() -> None:
    """Have all closed while threads can still be started, which with `atexit` is over.

    What is registered last is called first: the threads that are closed at the end by the module
    imported here are those that closing takes.
    """
    import concurrent.futures.thread  # noqa: F401

    threading._register_atexit(_close_all)  # type: ignore[attr-defined]  # noqa: SLF001


def _close_all() -> None:
    if _process == os.getpid():
        for stage in _all:
            stage.close()
