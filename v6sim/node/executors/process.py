"""Algorithms as processes, in whatever interpreter; the way of a sandbox without Docker."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from v6sim.node.contract import Contract
from v6sim.node.errors import NoPackage, RunError
from v6sim.node.executors.base import Outcome, collect, resolve, unheard
from v6sim.node.executors.packages import Location, locate
from v6sim.node.executors.zygote import Ending, Zygote, ZygoteDied, plain_environment
from v6sim.world.algorithm import Algorithm

logger = structlog.get_logger()


@dataclass(frozen=True)
class _Key:
    """What has to be the same for two runs to be forked from one process."""

    python: str
    location: Location
    algorithm_env: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, algorithm: Algorithm, algorithm_env: Mapping[str, str]) -> "_Key":
        python = algorithm.python or sys.executable
        return cls(python, locate(algorithm), tuple(sorted(algorithm_env.items())))

    async def start(self, *, load: bool) -> Zygote:
        environment = {**plain_environment(), **dict(self.algorithm_env)}
        return await Zygote.start(self.python, self.location, environment, load=load)


class _Kept:
    """A zygote that is being started, or waits for runs, or was found to be of no use."""

    def __init__(self, starting: asyncio.Task[Zygote]) -> None:
        self.starting = starting
        self.users = 0
        self.idle: asyncio.TimerHandle | None = None

    @property
    def started(self) -> bool:
        """Whether its start has succeeded."""
        done = self.starting.done() and not self.starting.cancelled()
        return done and self.starting.exception() is None

    @property
    def stale(self) -> bool:
        """Whether the sources have changed since it was started, as far as that is known."""
        if not self.started:
            return False
        sources = self.starting.result().sources
        return sources is None or sources.changed()

    async def close(self) -> None:
        if self.idle is not None:
            self.idle.cancel()
        self.starting.cancel()
        await asyncio.wait([self.starting])
        if self.started:
            await self.starting.result().close()


class ProcessExecutor:
    """Runs each algorithm in a process of its own.

    Args:
        algorithms: what image names stand for; it may change while this works.
        cold: whether each run starts a fresh interpreter. Else runs are forked from a process that
            has the algorithm loaded already, which is started when it is first needed and again
            when the algorithm's sources have changed.
        idle_seconds: how long such a process waits for the next run before it ends.
    """

    def __init__(
        self,
        algorithms: Mapping[str, Algorithm],
        *,
        cold: bool = False,
        idle_seconds: float = 300,
    ) -> None:
        self._algorithms = algorithms
        self._cold = cold
        self._idle_seconds = idle_seconds
        self._kept: dict[_Key, _Kept] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def run(self, contract: Contract, started: Callable[[], None] = unheard) -> Outcome:
        """Run an algorithm from start to end; see `Executor`."""
        try:
            algorithm = resolve(contract.image, self._algorithms)
            key = _Key.of(algorithm, contract.algorithm_env)
            run = self._run_cold if self._cold else self._run_warm
            ending = await run(key, contract, started)
        except RunError as error:
            return Outcome.of(error)
        return await collect(contract, ending.code, ending.text)

    async def warm(self, image: str, algorithm_env: Mapping[str, str] | None = None) -> None:
        """Load an algorithm before its first run; what is wrong with it shows when it runs."""
        if self._cold:
            return
        try:
            key = _Key.of(resolve(image, self._algorithms), algorithm_env or {})
            kept = await self._take(key)
        except RunError:
            return
        self._give_back(key, kept)

    async def close(self) -> None:
        """Kill what runs, and end the processes kept for later runs."""
        for kept in self._kept.values():
            self._retire(kept)
        self._kept.clear()
        while self._closing:
            await asyncio.wait(self._closing)

    async def _run_cold(self, key: _Key, contract: Contract, started: Callable[[], None]) -> Ending:
        zygote = await key.start(load=False)
        try:
            return await zygote.run(contract, started)
        except ZygoteDied as death:
            return Ending(1, str(death))
        finally:
            await zygote.close()

    async def _run_warm(self, key: _Key, contract: Contract, started: Callable[[], None]) -> Ending:
        for _ in range(2):
            kept = await self._take(key)
            try:
                zygote = kept.starting.result()
                if zygote.hindrance:
                    break
                return await zygote.run(contract, started)
            except ZygoteDied as death:
                self._drop(key, kept)
                if death.started:
                    return Ending(1, str(death))
            finally:
                self._give_back(key, kept)
        return await self._run_cold(key, contract, started)

    async def _take(self, key: _Key) -> _Kept:
        """The zygote of this key, started if need be; it is given back after use.

        Raises:
            NoPackage: it cannot be started.
        """
        kept = self._kept.get(key)
        if kept is None or kept.stale:
            if kept is not None:
                self._drop(key, kept)
            kept = self._kept[key] = _Kept(asyncio.create_task(self._start(key)))
        kept.users += 1
        if kept.idle is not None:
            kept.idle.cancel()
        try:
            await asyncio.shield(kept.starting)
        except (NoPackage, asyncio.CancelledError):
            self._give_back(key, kept)
            raise
        return kept

    async def _start(self, key: _Key) -> Zygote:
        zygote = await key.start(load=True)
        if zygote.hindrance:
            logger.info("runs start cold", module=key.location.module, reason=zygote.hindrance)
            await zygote.close()
        return zygote

    def _give_back(self, key: _Key, kept: _Kept) -> None:
        kept.users -= 1
        if kept.users:
            return
        if self._kept.get(key) is not kept or not kept.started:
            self._drop(key, kept)  # out of date, of no use, or nobody waits for it any more
        else:
            loop = asyncio.get_running_loop()
            kept.idle = loop.call_later(self._idle_seconds, self._drop, key, kept)

    def _drop(self, key: _Key, kept: _Kept) -> None:
        """Use it no more, and end it once its last run has ended."""
        if self._kept.get(key) is kept:
            del self._kept[key]
        if not kept.users:
            self._retire(kept)

    def _retire(self, kept: _Kept) -> None:
        closing = asyncio.create_task(kept.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
