"""Algorithms as threads of this process: for breakpoints, and for milliseconds."""

import asyncio
import ctypes
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from v6sim.node.contract import Contract
from v6sim.node.errors import NoPackage, RunError
from v6sim.node.executors.base import OnThisHost, Outcome, collect, resolve, unheard
from v6sim.node.executors.children import end_children, kill_children
from v6sim.node.executors.inside import wrapper
from v6sim.node.executors.inside.printing import error
from v6sim.node.executors.modules import load, renew
from v6sim.node.executors.packages import Location, locate
from v6sim.node.executors.stage import on_stage
from v6sim.node.executors.zygote import plain_environment
from v6sim.runtime import supervised
from v6sim.world.algorithm import Algorithm

PostMortem = Callable[[BaseException], None]

_SECONDS_TO_KILL = 1.0
_SECONDS_TO_LOAD = 0.3


class _Killed(BaseException):
    """Raised in the thread of a run that is to end."""


class _Thread:
    """The thread of one run."""

    def __init__(
        self, contract: Contract, location: Location, post_mortem: PostMortem | None
    ) -> None:
        self._contract, self._location, self._post_mortem = contract, location, post_mortem
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        name = f"{location.module}, run {contract.run_id} of task {contract.task_id}"
        self._loaded = self._doomed = self._has_left = False
        self._leaving = threading.Lock()
        self._thread = threading.Thread(target=self._act, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def kill(self) -> None:
        """Have the thread end where it next runs Python; it is waited for only a while."""
        self._doomed = True
        begin = self._loop.time()
        while not self.ended.done() and (passed := self._loop.time() - begin) < _SECONDS_TO_KILL:
            if self._loaded or passed > _SECONDS_TO_LOAD:  # an import is better not interrupted
                self._interrupt()
            await asyncio.wait([self.ended], timeout=0.02)
        self._end(1)

    def _interrupt(self) -> None:
        kill_children(self._thread.native_id or 0)
        with self._leaving:
            if not self._has_left:
                thread = ctypes.c_ulong(self._thread.ident or 0)
                killed = ctypes.py_object(_Killed)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, killed)

    def _act(self) -> None:
        code = 1
        try:
            with suppress(_Killed):
                code = self._perform()
            while not self._has_left:
                with suppress(_Killed):
                    self._leave()
        finally:
            end_children(threading.get_native_id())
            with suppress(RuntimeError):  # the loop may be gone, and nobody ask any more
                self._loop.call_soon_threadsafe(self._end, code)

    def _leave(self) -> None:
        """From here on it is killed no more.

        What was to be raised is raised as the lock is given back. To take it back instead
        would leave Python looking for it before each call, in all threads, for good.
        """
        with self._leaving:
            self._has_left = True

    def _perform(self) -> int:
        of_algorithm = self._location.environment
        environment = {
            **plain_environment(),
            **self._contract.environment(of_algorithm=of_algorithm),
        }
        with (
            self._contract.log_file.open("ab", buffering=0) as log,
            on_stage(environment, log),
        ):
            try:
                if self._location.is_kept_loaded:
                    load(self._location)
                else:
                    renew(self._location)
            except NoPackage as problem:
                error(str(problem))
                return 1
            self._loaded = True
            if self._doomed:
                return 1
            entry = self._location.entry
            return wrapper.perform(entry, environment, post_mortem=self._post_mortem)

    def _end(self, code: int) -> None:
        if not self.ended.done():
            self.ended.set_result(code)


class InlineExecutor(OnThisHost):
    """Runs each algorithm in a thread of this process, by v6sim's own wrapper.

    Its module is imported once and again when its files have changed, so that its global state
    lives on from run to run. A run that is killed ends where it next executes Python.

    Args:
        algorithms: what image names stand for; it may change while this works.
        post_mortem: is called with what an algorithm has raised, in its thread, before it ends.
    """

    def __init__(
        self, algorithms: Mapping[str, Algorithm], post_mortem: PostMortem | None = None
    ) -> None:
        self._algorithms, self._post_mortem = algorithms, post_mortem
        self._threads: set[_Thread] = set()

    async def run(self, contract: Contract, started: Callable[[], None] = unheard) -> Outcome:
        """Run an algorithm from start to end; see `Executor`."""
        try:
            location = self._locate(contract.image)
        except RunError as error:
            return Outcome.of(error)
        await asyncio.to_thread(_load_libraries)
        thread = _Thread(contract, location, self._post_mortem)
        self._threads.add(thread)
        work = f"the algorithm {contract.image!r} of run {contract.run_id}"
        supervised.this.note_work(thread, work)
        try:
            thread.start()
            started()
            code = await asyncio.shield(thread.ended)
        finally:
            await thread.kill()
            self._threads.discard(thread)
            supervised.this.forget_work(thread)
        ending = f"the algorithm ended with exit code {code}" if code > 1 else ""
        return await collect(contract, code, ending)

    async def close(self) -> None:
        """Kill what runs."""
        await asyncio.gather(*(thread.kill() for thread in self._threads))

    def _locate(self, image: str) -> Location:
        algorithm = resolve(image, self._algorithms)
        python = algorithm.python
        if python is not None and not Path(python).samefile(sys.executable):
            raise NoPackage(
                f"{image!r} wants the interpreter {python}, and inline it would run in this one; "
                "use the process executor"
            )
        location = locate(algorithm)
        if location.command:
            raise NoPackage(
                f"{image!r} is the command {location.command[0]!r}, and inline runs Python alone; "
                "use the process executor"
            )
        return location


def _load_libraries() -> None:
    """Load what algorithms read data with, where no kill can interrupt that: it is in C."""
    with suppress(ImportError):
        import_module("pandas")
