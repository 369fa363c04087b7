"""An asynchronous service in a thread of its own, for those who wait for nothing."""

import asyncio
import contextlib
import faulthandler
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

T = TypeVar("T")


class DoesNotEnd(RuntimeError):
    """A sandbox does not come to its end; the text says what each thread is at."""

    def __init__(self, seconds: float, stacks: str) -> None:
        super().__init__(f"the sandbox has not ended in {seconds:.3g} s:\n{stacks}")


class Haste:
    """A limit to the time that all services together take to end, once somebody wants that."""

    def __init__(self) -> None:
        self._deadline = float("inf")

    def begin(self, seconds: float) -> None:
        """Have all of them end within that time."""
        self._deadline = min(self._deadline, time.monotonic() + seconds)

    @property
    def has_begun(self) -> bool:
        """Whether there is a limit."""
        return self._deadline != float("inf")

    def limit(self, patience: float) -> float:
        """How many of some seconds are left."""
        return min(patience, max(self._deadline - time.monotonic(), 0.1))


haste = Haste()


class ServiceThread:
    """Runs a service from `start` to `stop`.

    Args:
        service: is entered and left in the thread.
        patience: seconds that it gets to end.
    """

    def __init__(self, service: AbstractAsyncContextManager[Any], patience: float = 100) -> None:
        self._service, self._patience = service, patience
        self._thread = threading.Thread(target=self._live, name="sandbox", daemon=True)
        self._living: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = Future()
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._ended: Future[None] = Future()

    def start(self) -> None:
        """Enter the service, and wait until that is done; what it raises is raised here."""
        self._thread.start()
        try:
            self._started.result()
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Leave the service, and wait until that is done; what it raises is raised here.

        Raises:
            DoesNotEnd: that takes for ever.
        """
        self._end()
        self._ended.result()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Have something done in the thread.

        Raises:
            RuntimeError: it has stopped, or does so meanwhile.
        """
        if self._ended.done():
            coroutine.close()
            raise RuntimeError("the sandbox has stopped")
        asked = asyncio.run_coroutine_threadsafe(coroutine, self._started.result())
        _first_of(asked, self._ended)
        if not asked.done():
            raise RuntimeError("the sandbox has stopped")
        return asked.result()

    def do(self, what: Callable[[], T]) -> T:
        """Have something done in the thread that takes no time; see `call`."""

        async def done() -> T:
            return what()

        return self.call(done())

    def _end(self) -> None:
        """Have the thread stop, wherever it is, and wait for that."""
        _first_of(self._living, self._started)
        if self._living.done():
            loop, task = self._living.result()
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(task.cancel)
        patience = haste.limit(self._patience)
        self._thread.join(patience)
        if self._thread.is_alive():
            raise DoesNotEnd(patience, _stacks())

    def _live(self) -> None:
        """What the thread does, from start to end."""
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(self._serve())
        except BaseException as error:  # it is raised where it is waited for
            waited_for = self._ended if self._started.done() else self._started
            waited_for.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._living.set_result((loop, task))
        async with self._service:
            self._started.set_result(loop)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                task.uncancel()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quickest event loop there is here; None for Python's own."""
    try:
        import uvloop
    except ImportError:  # not for this platform
        return None
    return uvloop.new_event_loop


def _stacks() -> str:
    """Where all threads of this process are."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        return file.read()


def _first_of(*futures: Future[Any]) -> None:
    """Wait until one of them has come to its end."""
    wait(futures, return_when=FIRST_COMPLETED)
