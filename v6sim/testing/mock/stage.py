"""Sandboxes for mock clients: started once, used by one after the other.

To start one takes a tenth of a second, which is long beside a test of a few milliseconds. So one
that is no longer used is kept for the next mock client with as many organizations, and reset
for it.
"""

import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "mock-{}"
"""What organizations are called, by their positions; so does the genuine mock call them."""

_USER, _PASSWORD = "developer", "Developer-1"
_KEPT = 4  # idle ones; each has a thread and a port


@dataclass(frozen=True)
class Cast:
    """What a sandbox for a mock client is made of.

    Args:
        organizations: their ids; 1 is the server's own.
        collaboration: its id.
    """

    organizations: tuple[int, ...]
    collaboration: int = 1

    def world(self, files: Sequence[Path]) -> dict[str, Any]:
        """Its world; ids between those that are wanted belong to strangers."""
        named = {key: NAME.format(place) for place, key in enumerate(self.organizations)}
        user = {"username": _USER, "password": _PASSWORD, "roles": ["Researcher"]}
        organizations = [
            {
                "name": named.get(key, f"stranger {key}"),
                "domain": f"{named[key]}.org" if key in named else None,
                "users": [user] if key == self.organizations[0] else [],
            }
            for key in range(2, max(self.organizations) + 1)
        ]
        participants = [
            {"name": NAME.format(place), "databases": {"default": str(file)}}
            for place, file in enumerate(files)
        ]
        others = [{"name": f"other {key}"} for key in range(1, self.collaboration)]
        own = {"name": "mock-collaboration", "encrypted": False, "participants": participants}
        return {"organizations": organizations, "collaborations": [*others, own]}


class Stage:
    """A sandbox that plays for one mock client at a time.

    Args:
        cast: what it is made of.
    """

    def __init__(self, cast: Cast) -> None:
        from v6sim.client import Client
        from v6sim.node.folders import new_folder
        from v6sim.sandbox import Sandbox
        from v6sim.world import World

        self.cast = cast
        self._folder = new_folder("mock")
        self._files = [self._folder / f"{n}.csv" for n in range(len(cast.organizations))]
        for file in self._files:
            file.touch()
        world = World.of(cast.world(self._files))
        self.box = Sandbox(world, executor="inline", settings={"token_expires_hours": 24 * 365})
        self.box.__enter__()
        self.user = Client(self.box.api_url, _USER, _PASSWORD)

    def set(self, image: str, package: str, tables: Sequence[Any]) -> None:
        """Begin anew, with other data and another algorithm.

        Raises:
            WrongData: something is no table.
        """
        from v6sim.testing.data import file_of
        from v6sim.world import Algorithm

        self.box.reset()
        self.box.world.algorithms[image] = Algorithm(package=package)
        for place, (file, table) in enumerate(zip(self._files, tables, strict=True)):
            file.unlink(missing_ok=True)
            found = file_of(table, NAME.format(place), file)
            if found != file:
                file.symlink_to(found)

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
