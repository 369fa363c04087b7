"""Results with the algorithm's own types, loaded by a process of its own that knows them.

For those who wrote the algorithm: its pickles can do whatever its code can. Nothing of them is
loaded in this process: it gets a text and a plain form, and reads these within the usual limits.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

from v6sim.node import executors
from v6sim.node.errors import NoPackage
from v6sim.node.executors.packages import Location, locate
from v6sim.node.executors.zygote import plain_environment
from v6sim.views import LoadedResult, TaskView
from v6sim.wire.bounded_json import read_json
from v6sim.wire.budget import Budget
from v6sim.wire.limits import PayloadLimits, UnreadablePayload, to_use
from v6sim.world import Algorithm

SECONDS = 60.0
"""How long loading one result may take, the imports of the algorithm included."""

_TO_END = 10.0
"""Seconds that the process may take beyond that to end all that it has started."""

_LOADER = Path(executors.__file__).with_name("result_loader.py")
_MOST_KEPT, _SHOWN = 100, 1_000
_BY_SIGNAL, _ALARM = 128, 14
"""Exit codes of a process whose child was ended by a signal, as shells give them."""


class TrustedResults:
    """Loads the results of one algorithm; each of them once.

    Args:
        image: its image name.
        algorithms: what image names stand for.
        limits: how large a result may be; None for the usual limits.
        seconds: how long loading one may take.

    Raises:
        NoPackage: there is no Python package to load its types from.
    """

    def __init__(
        self, image: str, algorithms: Mapping[str, Algorithm], limits: PayloadLimits | None = None,
        seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self._python, self._location = _package(image, algorithms.get(image))
        self._limits, self._seconds = limits or to_use(), seconds
        self._known: dict[bytes, LoadedResult] = {}

    def of(self, task: TaskView) -> TaskView:
        """Return a task whose results, and those of all tasks below it, are loaded."""
        return replace(
            task,
            runs=tuple(replace(run, load=self.load) for run in task.runs),
            subtasks=tuple(map(self.of, task.subtasks)),
        )

    def load(self, content: bytes) -> LoadedResult:
        """Return what a pickle means to the algorithm.

        Args:
            content: the pickle.

        Raises:
            UnreadablePayload: it cannot be loaded; the text says why.
        """
        key = hashlib.sha256(content).digest()
        if key not in self._known:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[key] = self._loaded(content)
        return self._known[key]

    def _loaded(self, content: bytes) -> LoadedResult:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
            given.write(content)
            given.seek(0)
            said = self._run(given, out)
            most = self._limits.made_bytes
            out.seek(0)
            document = out.read(most + 1)
        if len(document) > most:
            raise Budget(self._limits).too_many_bytes()
        if not document:
            raise _not_loaded(said)
        told = read_json(document, Budget(self._limits))
        if "error" in told:
            raise _not_loaded(told["error"])
        return LoadedResult(told["text"], told["value"])

    def _run(self, given: IO[bytes], out: IO[bytes]) -> str:
        """Run the process; what it said if it came to no result."""
        folder = str(self._location.folder) if self._location.folder else ""
        limits = folder, str(self._seconds), str(self._limits.values)
        environment = {**plain_environment(), **dict(self._location.environment)}
        with tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    [self._python, "-B", str(_LOADER), *limits],
                    stdin=given, stdout=out, stderr=errors, env=environment,
                    start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                return f"the interpreter {self._python} cannot be started: {error}"
            try:
                code = process.wait(self._seconds + _TO_END)
            except BaseException as error:
                process.terminate()  # upon which it ends all that it has started
                _wait(process)
                if isinstance(error, subprocess.TimeoutExpired):
                    return f"it took longer than {self._seconds:g} s"
                raise
            errors.seek(0)
            text = errors.read(_SHOWN).decode(errors="replace").strip()
        return _why(code, self._seconds) + (f". It said:\n{text}" if text else "")


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _why(code: int, seconds: float) -> str:
    if code == _BY_SIGNAL + _ALARM:
        return f"it took longer than {seconds:g} s"
    if code > _BY_SIGNAL:
        return f"its process was ended by signal {code - _BY_SIGNAL}"
    return f"its process ended with exit code {code}"


def _not_loaded(why: str) -> UnreadablePayload:
    return UnreadablePayload(f"the algorithm's interpreter cannot load it: {why}")


def _package(image: str, algorithm: Algorithm | None) -> tuple[str, Location]:
    """The interpreter of an algorithm, and where its module is."""
    if algorithm is None or algorithm.package is None:
        raise NoPackage(
            f"results of {image} cannot be loaded with its own types: there is only an image, and "
            "no Python package to take them from; name the package's folder, or do without "
            "--trust-results (trust_results)"
        )
    location = locate(algorithm)
    if location.command:
        raise NoPackage(
            f"results of {image} cannot be loaded with its own types: it runs a program "
            f"({location.command[0]}), not a Python module; do without --trust-results "
            "(trust_results)"
        )
    return algorithm.python or sys.executable, location
