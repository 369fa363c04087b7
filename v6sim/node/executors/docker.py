"""Algorithms as containers: the true thing."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from v6sim.node.contract import Contract
from v6sim.node.docker.containers import Container, End
from v6sim.node.docker.engine import Engine, failures, in_thread
from v6sim.node.docker.grounds import REACH, Ground
from v6sim.node.docker.images import Images, Tell, note
from v6sim.node.docker.volumes import Volumes
from v6sim.node.errors import RunError
from v6sim.node.executors.base import (
    Front,
    Member,
    Outcome,
    Reach,
    collect,
    unheard,
    variables,
)
from v6sim.node.folders import new_folder, remove_left_folders
from v6sim.runtime import supervised
from v6sim.world.algorithm import Algorithm
from v6sim.world.docker import Docker

T = TypeVar("T")

logger = logging.getLogger(__name__)


class DockerExecutor:
    """Runs each algorithm in a container of its own, which reaches its node's proxy alone.

    Args:
        algorithms: what image names stand for; it may change while this works.
        settings: whether to pull images, and the limits of a run.
        tell: takes lines of what the engine says while it builds or pulls an image;
            None: they are logged.
    """

    def __init__(
        self,
        algorithms: Mapping[str, Algorithm],
        settings: Docker | None = None,
        tell: Tell | None = None,
    ) -> None:
        self._algorithms, self._settings = algorithms, settings or Docker()
        self._tell = tell or note
        self._engine: Engine | None = None
        self._images: Images | None = None
        self._grounds: dict[int, Ground] = {}
        self._folder = Path()
        self._volumes: Volumes | None = None
        self._persistent: set[int] = set()
        self._chores: set[asyncio.Task[Any]] = set()
        self._going: dict[str, asyncio.Task[None]] = {}
        """By the name of a container, its removal while that lasts."""
        self._left: set[Container] = set()
        """Those that could not be removed, as the engine was away."""

    @property
    def engine(self) -> Engine:
        """Its line to the engine, while it is open."""
        assert self._engine is not None, "the executor is not open"
        return self._engine

    async def open(self) -> None:
        """Look for the engine, and remove what processes that have ended have left there."""
        self._engine = await in_thread(Engine)
        self._images = Images(self._engine, self._algorithms, self._settings, self._tell)
        supervised.this.note_docker()
        self._folder = new_folder("doors")
        self._volumes = Volumes(self._folder)
        for name in await in_thread(self._engine.clean) + await in_thread(remove_left_folders):
            logger.info("removed what was left: %s", name)

    async def join(self, member: Member, front: Front) -> Reach:
        """Begin to make the network of a node; its first run waits for it."""
        folder = self._folder / str(member.node_id)
        folder.mkdir(exist_ok=True)
        ground = Ground(self.engine, member, folder)
        ground.socket.unlink(missing_ok=True)
        await front.listen_at(ground.socket)
        self._grounds[member.node_id] = ground
        if member.persist:
            self._persistent.add(member.node_id)
        self._begin(in_thread(ground.ensure))
        return REACH

    async def leave(self, member: Member) -> None:
        """Take the network of a node away."""
        ground = self._grounds.pop(member.node_id, None)
        if ground is not None:
            await asyncio.wait([self._begin(in_thread(ground.remove))])

    async def reset(self) -> None:
        """Empty what nodes keep under `/mnt/data`."""
        assert self._volumes is not None, "the executor is not open"
        await asyncio.to_thread(self._volumes.reset)

    async def run(self, contract: Contract, started: Callable[[], None] = unheard) -> Outcome:
        """Run an algorithm from start to end; see `Executor`."""
        try:
            container = await self._container(contract)
            try:
                end = await self._follow(container, started)
            except failures() as failure:
                return await collect(contract, 1, f"the Docker engine failed meanwhile: {failure}")
        except RunError as error:
            return Outcome.of(error)
        except failures() as failure:
            return Outcome.of(RunError(f"the Docker engine failed: {failure}"))
        return await collect(contract, end.code, end.text)

    async def prepare(self, image: str) -> None:
        """Build or pull an image if need be.

        Raises:
            RunError: it cannot be had.
        """
        assert self._images is not None, "the executor is not open"
        await self._images.resolve(image)

    async def close(self) -> None:
        """Kill what runs, and leave nothing behind."""
        if self._engine is None:
            return
        await in_thread(self._engine.clear)
        if self._chores:
            await asyncio.wait(self._chores)
        await in_thread(self._engine.close)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        self._engine = None

    async def _container(self, contract: Contract) -> Container:
        """The container of a run, ready to be started."""
        assert self._images is not None, "the executor is not open"
        image = await self._images.resolve(contract.image)
        ground = self._grounds[contract.node_id]
        await asyncio.gather(*map(self._removing, tuple(self._left)))
        own, volume = (
            variables(contract.image, self._algorithms),
            self._volume(contract.node_id),
        )
        container = Container(self.engine, contract, image, ground, self._settings, own, volume)
        if going := self._going.get(container.name):  # of a run before a reset
            await asyncio.wait([going])
        creating = self._begin(in_thread(container.create))
        try:
            await asyncio.shield(creating)
        except asyncio.CancelledError:
            await asyncio.wait([creating])
            await asyncio.wait([self._removing(container)])
            raise
        return container

    def _volume(self, node_id: int) -> Path | None:
        """What the runs of a node see as `/mnt/data`, if that persists."""
        if self._volumes is None or node_id not in self._persistent:
            return None
        return self._volumes.of(node_id)

    async def _follow(self, container: Container, started: Callable[[], None]) -> End:
        """The run of a container, to its end or until cancelled; then it is removed."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            loop.call_soon_threadsafe(started)

        following = self._begin(in_thread(container.follow, tell))
        try:
            end = await asyncio.shield(following)
        except BaseException:
            await asyncio.wait([self._removing(container)])
            raise
        self._removing(container)  # nobody has to wait for that
        return end

    def _removing(self, container: Container) -> asyncio.Task[None]:
        """Remove a container; if the engine is away, the next run tries that again."""

        async def remove() -> None:
            try:
                await in_thread(container.remove)
            except failures():
                self._left.add(container)
                raise
            self._left.discard(container)

        going = self._begin(remove())
        self._going[container.name] = going
        going.add_done_callback(lambda _: self._going.pop(container.name, None))
        return going

    def _begin(self, chore: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do something that is brought to its end whatever happens; `close` waits for it."""
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._chores.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("the Docker engine: %s", error)
