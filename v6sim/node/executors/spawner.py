"""Starts the runs of one algorithm: a process that has it loaded, and forks a child for each run.

This file runs in the algorithm's interpreter (Python 3.6 and later) and imports nothing of v6sim.
It speaks with its node in lines of JSON: orders on standard input, answers on standard output. When
the orders end, as the node closed them or died in whatever way, everything it started is killed.

Each run is two processes: the algorithm itself, in a session of its own, and its warden, which
adopts whatever the algorithm leaves behind and kills all of it when the run ends or is to end.
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: B905, UP006, UP035, UP045
# It starts in a bare interpreter and is measured in milliseconds:
# ruff: noqa: PTH100, PTH118, PTH119, PTH120, PTH123

import sys

if __name__ == "__main__":
    del sys.path[0]  # the folder of this file: its neighbours are not for the algorithm

import atexit
import contextlib
import gc
import importlib
import importlib.util
import io
import json
import os
import random
import select
import signal
import tempfile
import threading
import time
import traceback
import types
from typing import Any, Dict, Iterator, List, Optional

SET_PARENT_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36
"""Numbers of Linux's prctl."""

OF_A_RUN = ("INPUT_FILE", "OUTPUT_FILE", "TOKEN_FILE", "TEMPORARY_FOLDER", "HOST", "PORT")
"""Variables that differ from run to run: a module that reads them at its import is not kept."""

SECONDS_TO_KILL = 5.0


def find_prctl() -> Any:
    """Linux's way to ask for such things; elsewhere something that does nothing."""
    try:
        import ctypes

        return ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return lambda *_: None


prctl = find_prctl()


def load_wrapper() -> Any:
    """The wrapper, which lies beside this file."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wrapper.py")
    spec = importlib.util.spec_from_file_location("v6sim_wrapper", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- loading the algorithm in advance ------------------------------------------------------------


class Seeds:
    """The states of the random number generators: forks of one process would all count alike."""

    def __init__(self) -> None:
        self.of_python = random.getstate()
        self.of_numpy = self._numpy()

    @staticmethod
    def _numpy() -> Any:
        numpy = sys.modules.get("numpy")
        return numpy.random.get_state() if numpy is not None else None

    def renew(self, before: "Seeds") -> None:
        """In a fork: what the algorithm's module has seeded stays so, all else is seeded anew."""
        if self.of_python == before.of_python:
            random.seed()
        else:
            random.setstate(self.of_python)
        if self.of_numpy is not None and repr(self.of_numpy) == repr(before.of_numpy):
            sys.modules["numpy"].random.seed()


class Watch:
    """Notes whether variables that differ from run to run are read while it is on."""

    def __init__(self) -> None:
        self.read = ""
        self._original = type(os.environ).__getitem__

    def __enter__(self) -> "Watch":
        original = self._original

        def getitem(environ: Any, key: Any) -> Any:
            if key in OF_A_RUN or str(key).endswith(("DATABASE_URI", "DATABASE_TYPE", "_LABEL")):
                self.read = str(key)
            return original(environ, key)

        type(os.environ).__getitem__ = getitem  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: Any) -> None:
        type(os.environ).__getitem__ = self._original  # type: ignore[method-assign]


class Loaded:
    """An algorithm's module, imported before its runs; or why that was not possible."""

    def __init__(self, wrapper: Any, module: str) -> None:
        self.hindrance = ""
        self.genuine: Any = None
        self.printed = b""
        self._module = module
        self._load_libraries(wrapper)
        self._before = Seeds()
        self._known = set(sys.modules)
        with tempfile.TemporaryFile() as file, printing_to(file.fileno()):
            self._load_module()
            file.seek(0)
            self.printed = file.read()
        self._after = Seeds()

    def _load_libraries(self, wrapper: Any) -> None:
        for load in (_import_numpy, _import_pandas):
            with contextlib.suppress(Exception):  # runs that need it will fail, and say why
                load()
        try:
            self.genuine = wrapper.genuine_wrapper()
        except Exception as problem:
            self.hindrance = f"its vantage6.tools cannot be imported: {problem!r}"
        wrapper.provide_tools()

    def _load_module(self) -> None:
        with Watch() as watch:
            try:
                importlib.import_module(self._module)
            except BaseException as problem:
                self.hindrance = f"it cannot be imported: {problem!r}"
        if watch.read:
            self.hindrance = f"it reads {watch.read} when it is imported"
        if threading.active_count() > 1:
            self.hindrance = "it starts threads when it is imported"

    def sources(self) -> Iterator[str]:
        """The files and folders whose change makes this obsolete; not those of libraries."""
        installed = os.path.dirname(os.__file__), "site-packages", "dist-packages"
        for name in sorted(set(sys.modules) - self._known):
            path = getattr(sys.modules[name], "__file__", None)
            own = name.split(".")[0] == self._module.split(".")[0]
            if path and (own or not any(part in path for part in installed)):
                yield os.path.abspath(path)
                if os.path.basename(path) == "__init__.py":
                    yield os.path.dirname(os.path.abspath(path))

    def enter(self) -> None:
        """In a fork, before the run: make this process look like one that imported it itself."""
        os.write(1, self.printed)
        self._after.renew(self._before)


def _import_numpy() -> None:
    importlib.import_module("numpy")


def _import_pandas() -> None:
    pandas = importlib.import_module("pandas")
    pandas.read_csv(io.StringIO("a\n1\n"))  # what it loads only when it is first used


@contextlib.contextmanager
def printing_to(descriptor: int) -> Iterator[None]:
    """Have standard output and error go elsewhere for a while."""
    kept = os.dup(1), os.dup(2)
    print_to(descriptor)
    try:
        yield
    finally:
        for number, copy in zip((1, 2), kept):
            os.dup2(copy, number)
            os.close(copy)


def print_to(descriptor: int) -> None:
    """Have standard output and error go elsewhere."""
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


# --- one run -------------------------------------------------------------------------------------


class Killed(Exception):
    """The warden was told to end its run."""


def tell_warden(*_: Any) -> None:
    """What a warden does when it is told to end its run."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Killed


def guard(spawner: int, order: Dict[str, Any], run: Any) -> None:
    """The life of a warden: start the algorithm, wait for it, leave nothing of it behind."""
    prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(SET_PARENT_DEATH_SIGNAL, int(signal.SIGTERM), 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, tell_warden)
    child = os.fork()
    if child == 0:
        become_algorithm(order, run)
    status: int = signal.SIGKILL
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        if os.getppid() == spawner:  # else it died before its signal was asked for
            _, status = os.waitpid(child, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except Killed:
        pass
    kill_all(child)
    end_like(status)


def kill_all(session: int) -> None:
    """Kill everything that this warden's run started: what loses its parent becomes its child."""
    deadline = time.monotonic() + SECONDS_TO_KILL
    if not sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            os.killpg(session, signal.SIGKILL)
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)


def children() -> List[int]:
    """The processes whose parent this one is, where the system tells."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def end_like(status: int) -> None:
    """End as the algorithm did: by the same signal, or with the same exit code."""
    if os.WIFSIGNALED(status):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))


def become_algorithm(order: Dict[str, Any], run: Any) -> None:
    """The life of an algorithm's process; never returns."""
    code = 1
    try:
        os.setsid()
        prctl(SET_PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        print_to(log)
        os.close(log)
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        code = run()
        finish()
    except BaseException:
        traceback.print_exc()
        code = code or 1
    finally:
        os._exit(code)


def finish() -> None:
    """What the interpreter does at its end, short of tearing everything down."""
    for step in (getattr(threading, "_shutdown", None), getattr(atexit, "_run_exitfuncs", None)):
        if step is not None:
            step()
    sys.stdout.flush()
    sys.stderr.flush()


# --- the spawner ---------------------------------------------------------------------------------


class Spawner:
    """Takes orders and tells how runs end.

    Args:
        orders: file descriptor to read from.
        answers: file descriptor to write to.
    """

    def __init__(self, orders: int, answers: int) -> None:
        self._orders, self._answers = orders, answers
        self._wardens: Dict[int, int] = {}
        self._unread = b""
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._waker, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # so wardens are born with it

    def answer(self, **content: Any) -> None:
        """Tell the node something."""
        os.write(self._answers, json.dumps(content).encode() + b"\n")

    def next_order(self) -> Optional[Dict[str, Any]]:
        """Wait for an order, reaping runs meanwhile; None when there will be no more."""
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._orders, self._wake], [], [])
            self._reap()
            if self._orders in ready:
                more = os.read(self._orders, 65536)
                if not more:
                    return None
                self._unread += more
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line.decode())  # type: ignore[no-any-return]

    def start(self, order: Dict[str, Any], run: Any) -> None:
        """Start a run."""
        spawner = os.getpid()
        warden = os.fork()
        if warden == 0:
            try:
                signal.set_wakeup_fd(-1)
                for descriptor in (self._orders, self._answers, self._wake, self._waker):
                    os.close(descriptor)
                guard(spawner, order, run)
            finally:
                os._exit(1)
        self._wardens[warden] = order["run"]
        self.answer(run=order["run"], started=warden)

    def kill(self, run: int) -> None:
        """Have a run ended by its warden."""
        for warden, its in self._wardens.items():
            if its == run:
                os.kill(warden, signal.SIGTERM)

    def close(self) -> None:
        """End all runs, and wait until they are gone."""
        for run in list(self._wardens.values()):
            self.kill(run)
        for warden in list(self._wardens):
            os.waitpid(warden, 0)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4096)
        for warden in list(self._wardens):
            pid, status = os.waitpid(warden, os.WNOHANG)
            if pid:
                run = self._wardens.pop(pid)
                if os.WIFSIGNALED(status):
                    self.answer(run=run, signal=os.WTERMSIG(status))
                else:
                    self.answer(run=run, code=os.WEXITSTATUS(status))


def main() -> None:
    """Serve one algorithm until the orders end."""
    orders, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.modules["__main__"] = types.ModuleType("__main__")  # this one is not the algorithm's
    spawner = Spawner(orders, answers)
    wrapper = load_wrapper()
    order = spawner.next_order()
    if order is None:
        return
    module, folder = order["module"], order["path"]
    sys.argv[:] = [module]
    if folder:
        sys.path.insert(0, folder)
    loaded = Loaded(wrapper, module) if order["load"] else None

    def run() -> int:
        if loaded is None:
            return int(wrapper.perform(module, os.environ, wrapper.genuine_wrapper()))
        loaded.enter()
        return int(wrapper.perform(module, os.environ, loaded.genuine))

    if loaded is None:
        spawner.answer(ready=True)
    else:
        sources = sorted(set(loaded.sources()))
        gc.collect()
        gc.freeze() if hasattr(gc, "freeze") else None
        spawner.answer(ready=True, hindrance=loaded.hindrance, sources=sources)
    while True:
        order = spawner.next_order()
        if order is None:
            break
        if "kill" in order:
            spawner.kill(order["kill"])
        else:
            spawner.start(order, run)
    spawner.close()


_OWN_MODULE = sys.modules[__name__]  # keeps this module alive when another takes its name

if __name__ == "__main__":
    main()
