"""Starts the runs of algorithms: processes that have things loaded, and fork.

This file runs in the algorithm's interpreter (Python 3.6 and later) and imports nothing of v6sim.
It has three kinds of processes, each a fork of the one before:

- the trunk has the libraries loaded; on order it forks
- a branch, which has an algorithm's module loaded; on order it forks
- a run, which is two processes: the algorithm itself, in a session of its own, and its warden, who
  adopts whatever the algorithm leaves behind and kills all of it when the run ends or is to end.

Trunk and branches each speak with the node over a socket, in lines of JSON. When the orders end, as
the node closed the socket or died in whatever way, a branch kills its runs, and both end.
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: B905, UP006, UP035, UP045
# It starts in a bare interpreter and is measured in milliseconds:
# ruff: noqa: PTH100, PTH118, PTH119, PTH120, PTH123

import sys

if __name__ == "__main__":
    del sys.path[0]  # the folder of this file: its neighbours are not for the algorithm

import array
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
import socket
import tempfile
import threading
import time
import traceback
import types
from typing import Any, Callable, Dict, Iterator, List, Optional

SET_PARENT_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36
"""Numbers of Linux's prctl."""

OF_A_RUN = ("INPUT_FILE", "OUTPUT_FILE", "TOKEN_FILE", "TEMPORARY_FOLDER", "HOST", "PORT")
"""Variables that differ from run to run: a module that reads them at its import is not kept."""

SECONDS_TO_KILL = 5.0
SECONDS_TO_PART = 0.2


def find_prctl() -> Any:
    """Linux's way to ask for such things; elsewhere something that does nothing."""
    try:
        import ctypes

        return ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return lambda *_: None


prctl = find_prctl()


def load_inside() -> Any:
    """What gives the modules of the folder beside this file that does runs, by their names."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inside", "__main__.py")
    spec = importlib.util.spec_from_file_location("v6sim_inside_main", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load


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


class Libraries:
    """What most algorithms need, imported before they are; and where it fails, they will say why.

    Args:
        inside: gives modules of v6sim's own.
        load: `libraries`, or `nothing`.
    """

    def __init__(self, inside: Callable[[str], Any], load: str) -> None:
        wrapper, self.entry = inside("wrapper"), inside("entry").Entry
        self.perform = wrapper.perform
        self.find_genuine = wrapper.genuine_library
        if load == "nothing":
            return
        for step in (_import_numpy, _import_pandas, self._keep_genuine):
            with contextlib.suppress(Exception):
                step()
        inside("stand_ins").provide()

    def _keep_genuine(self) -> None:
        genuine = self.find_genuine()
        self.find_genuine = lambda: genuine


def _import_numpy() -> None:
    importlib.import_module("numpy")


def _import_pandas() -> None:
    pandas = importlib.import_module("pandas")
    pandas.read_csv(io.StringIO("a\n1\n"))  # what it loads only when it is first used


class Loaded:
    """An algorithm's module, imported before its runs.

    Args:
        module: its name.
    """

    def __init__(self, module: str) -> None:
        self.hindrance = ""
        self._module = module
        self._before = Seeds()
        self._known = set(sys.modules)
        with tempfile.TemporaryFile() as file, printing_to(file.fileno()):
            succeeded = self._load()
            file.seek(0)
            self._printed = file.read() if succeeded else b""
        self._after = Seeds()

    def _load(self) -> bool:
        succeeded = False
        with Watch() as watch:
            try:
                importlib.import_module(self._module)
                succeeded = True
            except BaseException as problem:
                if not isinstance(problem, Exception):  # else it fails in each run, which says why
                    self.hindrance = f"importing it ends with {problem!r}"
        if watch.read:
            self.hindrance = f"it reads {watch.read} when it is imported"
        if threading.active_count() > 1:
            self.hindrance = "it starts threads when it is imported"
        return succeeded

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
        os.write(1, self._printed)
        self._after.renew(self._before)


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


def guard(branch: int, order: Dict[str, Any], run: Any) -> None:
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
        if os.getppid() == branch:  # else it died before its signal was asked for
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


def become(command: List[str], folder: str) -> None:
    """Have this process be another program, in a folder; returns only by an error."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and programs expect
        signal.signal(number, signal.SIG_DFL)
    os.chdir(folder)
    os.execvp(command[0], command)  # noqa: S606


def finish() -> None:
    """What the interpreter does at its end, short of tearing everything down."""
    for step in (getattr(threading, "_shutdown", None), getattr(atexit, "_run_exitfuncs", None)):
        if step is not None:
            step()
    sys.stdout.flush()
    sys.stderr.flush()


# --- trunk and branches --------------------------------------------------------------------------


class Channel:
    """A socket to the node: orders come in, answers go out, in lines of JSON.

    Args:
        descriptor: of the socket.
    """

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=descriptor)
        self._unread = b""
        self._received: List[int] = []

    def answer(self, **content: Any) -> None:
        """Tell the node something."""
        self._socket.sendall(json.dumps(content).encode() + b"\n")

    def next_order(self, wake: int, on_wake: Callable[[], None]) -> Optional[Dict[str, Any]]:
        """Wait for an order; None when there will be no more.

        Args:
            wake: what becomes readable when a child has ended.
            on_wake: what to do then.
        """
        while b"\n" not in self._unread:
            orders = self._socket.fileno()
            ready, _, _ = select.select([orders, wake], [], [])
            if wake in ready:
                on_wake()
            if orders in ready and not self._receive():
                return None
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line.decode())  # type: ignore[no-any-return]

    def take_descriptor(self) -> int:
        """The descriptor that came along with an order."""
        return self._received.pop(0)

    def close(self) -> None:
        """Let go of it, in a fork."""
        self._socket.close()

    def _receive(self) -> bool:
        size = socket.CMSG_SPACE(array.array("i").itemsize)
        content, ancillary, _, _ = self._socket.recvmsg(65536, size)
        for _, _, data in ancillary:
            self._received.extend(array.array("i", data))
        self._unread += content
        return bool(content)


class Parent:
    """What trunk and branches have in common: orders from the node, and children that end.

    Args:
        channel: to the node.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._waker, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker)

    def live(self) -> None:
        """Carry out orders until they end."""
        while True:
            order = self.channel.next_order(self._wake, self._woken)
            if order is None:
                break
            self.obey(order)
        self.end()

    def obey(self, order: Dict[str, Any]) -> None:
        """Carry out one order."""

    def reap(self) -> None:
        """See which children have ended."""

    def end(self) -> None:
        """Leave nothing behind."""

    def leave(self) -> None:
        """In a fork: let go of all this."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.channel.close()
        os.close(self._wake)
        os.close(self._waker)

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4096)
        self.reap()


class Trunk(Parent):
    """Has the libraries loaded, and forks branches.

    Args:
        channel: to the node.
        libraries: what is loaded.
    """

    def __init__(self, channel: Channel, libraries: Libraries) -> None:
        super().__init__(channel)
        self._libraries = libraries

    def obey(self, order: Dict[str, Any]) -> None:
        """Fork a branch, which speaks with the node over the socket that came along."""
        descriptor = self.channel.take_descriptor()
        if os.fork() == 0:
            try:
                self.leave()
                os.setsid()
                grow(Channel(descriptor), self._libraries, order)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(descriptor)

    def reap(self) -> None:
        """Branches tell the node themselves; here they are only waited for."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def end(self) -> None:
        """Wait for branches that are about to end; the others live on."""
        deadline = time.monotonic() + SECONDS_TO_PART
        with contextlib.suppress(ChildProcessError):
            while time.monotonic() < deadline:
                if not os.waitpid(-1, os.WNOHANG)[0]:
                    time.sleep(0.001)


class Branch(Parent):
    """Forks the runs of one algorithm.

    Args:
        channel: to the node.
        run: what makes a run, in its process; returns its exit code.
    """

    def __init__(self, channel: Channel, run: Callable[[], int]) -> None:
        super().__init__(channel)
        self._run = run
        self._wardens: Dict[int, int] = {}
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # so wardens are born with it

    def obey(self, order: Dict[str, Any]) -> None:
        """Start a run, or kill one."""
        if "kill" in order:
            self._kill(order["kill"])
        else:
            self._start(order)

    def reap(self) -> None:
        """Tell how runs have ended."""
        for warden in list(self._wardens):
            pid, status = os.waitpid(warden, os.WNOHANG)
            if pid:
                run = self._wardens.pop(pid)
                if os.WIFSIGNALED(status):
                    self.channel.answer(run=run, signal=os.WTERMSIG(status))
                else:
                    self.channel.answer(run=run, code=os.WEXITSTATUS(status))

    def end(self) -> None:
        """Kill all runs, and wait until they are gone."""
        for run in list(self._wardens.values()):
            self._kill(run)
        for warden in list(self._wardens):
            os.waitpid(warden, 0)

    def _start(self, order: Dict[str, Any]) -> None:
        branch = os.getpid()
        warden = os.fork()
        if warden == 0:
            try:
                self.leave()
                guard(branch, order, self._run)
            finally:
                os._exit(1)
        self._wardens[warden] = order["run"]
        self.channel.answer(run=order["run"], started=warden)

    def _kill(self, run: int) -> None:
        for warden, its in self._wardens.items():
            if its == run:
                os.kill(warden, signal.SIGTERM)


def grow(channel: Channel, libraries: Libraries, order: Dict[str, Any]) -> None:
    """The life of a branch."""
    channel.answer(pid=os.getpid())
    module, folder = order["module"], order["path"]
    entry = libraries.entry(**order["entry"])
    sys.argv[:] = [entry.what if entry.arguments else module, *entry.arguments]
    if folder:
        sys.path.insert(0, folder)
    loaded = Loaded(module) if order["load"] else None

    def run() -> int:
        if order["command"]:
            become(order["command"], folder)
        if loaded is not None:
            loaded.enter()
        return int(libraries.perform(entry, os.environ, libraries.find_genuine()))

    branch = Branch(channel, run)
    if loaded is None:
        channel.answer(ready=True)
    else:
        if hasattr(gc, "freeze"):
            gc.collect()
            gc.freeze()
        sources = sorted(set(loaded.sources()))
        channel.answer(ready=True, hindrance=loaded.hindrance, sources=sources)
    branch.live()


def main() -> None:
    """The life of a trunk; its argument says whether to load the libraries."""
    channel = Channel(os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    load = sys.argv[1]
    sys.modules["__main__"] = types.ModuleType("__main__")  # this one is not the algorithm's
    Trunk(channel, Libraries(load_inside(), load)).live()


_OWN_MODULE = sys.modules[__name__]  # keeps this module alive when another takes its name

if __name__ == "__main__":
    main()
