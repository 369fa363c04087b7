"""Algorithms as processes, in whatever interpreter; the way of a sandbox without Docker."""

import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from v6sim.node.contract import Contract
from v6sim.node.errors import RunError
from v6sim.node.executors.base import OnThisHost, Outcome, collect, resolve, unheard
from v6sim.node.executors.interpreter import Interpreter
from v6sim.node.executors.packages import Location, locate
from v6sim.node.executors.pool import Pool
from v6sim.node.executors.zygote import Ending, Zygote, ZygoteDied, plain_environment
from v6sim.world.algorithm import Algorithm

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Ground:
    """What has to be the same for two zygotes to be forked from one interpreter."""

    python: str
    variables: tuple[tuple[str, str], ...]

    async def start(self, *, libraries: bool = True) -> Interpreter:
        environment = {**plain_environment(), **dict(self.variables)}
        return await Interpreter.start(self.python, environment, libraries=libraries)


@dataclass(frozen=True)
class _Kind:
    """What has to be the same for two runs to be forked from one zygote."""

    ground: _Ground
    location: Location

    @classmethod
    def of(cls, algorithm: Algorithm, algorithm_env: Mapping[str, str]) -> "_Kind":
        python = algorithm.python or sys.executable
        location = locate(algorithm)
        environment = {**dict(location.environment), **algorithm_env}
        return cls(_Ground(python, tuple(sorted(environment.items()))), location)


class ProcessExecutor(OnThisHost):
    """Runs each algorithm in a process of its own.

    Unless it is cold, that process is forked from one that has the algorithm loaded (a zygote),
    which is forked itself from an interpreter that has pandas and the like loaded. Both are started
    when they are first needed; the zygote again when the algorithm's sources have changed. A
    command is never forked, but always started afresh.

    Args:
        algorithms: what image names stand for; it may change while this works.
        cold: whether each run starts a fresh interpreter.
        idle_seconds: how long zygotes and interpreters that nobody needs are kept.
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
        self._interpreters = Pool[_Ground, Interpreter](_Ground.start, idle_seconds)
        self._zygotes = Pool[_Kind, Zygote](self._start_zygote, idle_seconds)

    async def run(self, contract: Contract, started: Callable[[], None] = unheard) -> Outcome:
        """Run an algorithm from start to end; see `Executor`."""
        try:
            algorithm = resolve(contract.image, self._algorithms)
            kind = _Kind.of(algorithm, contract.algorithm_env)
            run = self._run_cold if self._cold or kind.location.command else self._run_warm
            ending = await run(kind, contract, started)
        except RunError as error:
            return Outcome.of(error)
        return await collect(contract, ending.code, ending.text)

    async def warm(self, image: str, algorithm_env: Mapping[str, str] | None = None) -> None:
        """Load an algorithm before its first run; what is wrong with it shows when it runs."""
        if self._cold:
            return
        with suppress(RunError):
            kind = _Kind.of(resolve(image, self._algorithms), algorithm_env or {})
            if kind.location.command:
                return
            async with self._zygotes.use(kind):
                pass

    async def close(self) -> None:
        """Kill what runs, and end the processes kept for later runs."""
        await self._zygotes.close()
        await self._interpreters.close()

    async def _run_warm(
        self, kind: _Kind, contract: Contract, started: Callable[[], None]
    ) -> Ending:
        try:
            async with self._zygotes.use(kind) as zygote:
                return await zygote.run(contract, started)
        except ZygoteDied as death:
            if death.started:
                return Ending(1, str(death))
        return await self._run_cold(kind, contract, started)

    async def _run_cold(
        self, kind: _Kind, contract: Contract, started: Callable[[], None]
    ) -> Ending:
        interpreter = await kind.ground.start(libraries=False)
        try:
            zygote = await interpreter.zygote(kind.location, load=False)
            try:
                return await zygote.run(contract, started)
            finally:
                await zygote.close()
        except ZygoteDied as death:
            return Ending(1, str(death))
        finally:
            await interpreter.close()

    async def _start_zygote(self, kind: _Kind) -> Zygote:
        async with self._interpreters.use(kind.ground) as interpreter:
            load = kind.location.is_kept_loaded
            zygote = await interpreter.zygote(kind.location, load=load)
        if not zygote.hindrance:
            return zygote
        await zygote.close()
        async with self._interpreters.use(kind.ground) as interpreter:
            plain = await interpreter.zygote(kind.location, load=False)
        logger.info("%s is not kept loaded: %s", kind.location.module, zygote.hindrance)
        return plain
