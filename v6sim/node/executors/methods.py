"""What can be called in an algorithm: found by reading it, and by importing it where that fails."""

import ast
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile

from v6sim.node.errors import NoPackage
from v6sim.node.executors.packages import Location, locate
from v6sim.node.executors.sources import Sources
from v6sim.node.executors.zygote import plain_environment
from v6sim.runtime.extras import find_module
from v6sim.world.algorithm import Algorithm

_INSIDE = Path(__file__).with_name("inside")
_PREFIX = "RPC_"
_SECONDS_TO_IMPORT = 60.0


def is_master(algorithm: Algorithm | None, method: str) -> bool:
    """Whether an algorithm has a method as a master rather than as a partial.

    Where reading the package does not tell, as after a star import, its module is imported in a
    process of its interpreter. Of an image alone nothing is known but that `master` is one.

    Args:
        algorithm: the algorithm; None: it is known to the Docker engine alone.
        method: the name, without the prefix of partials.
    """
    try:
        location = locate(algorithm) if algorithm else None
    except NoPackage:
        location = None
    if location is not None and not location.command:
        for find in (names_in, lambda each: _imported_names(each, algorithm)):
            names = find(location)
            if _PREFIX + method in names:
                return False
            if method in names:
                return True
    return method == "master"


def has_partial(algorithm: Algorithm | None, method: str) -> bool:
    """Whether the source of an algorithm has a partial of that name."""
    try:
        return algorithm is not None and _PREFIX + method in names_in(locate(algorithm))
    except NoPackage:
        return False


def has_both(algorithm: Algorithm | None, method: str) -> bool:
    """Whether the source of an algorithm has a master and a partial of that name."""
    try:
        names = names_in(locate(algorithm)) if algorithm is not None else frozenset()
    except NoPackage:
        return False
    return {method, _PREFIX + method} <= names


def names_in(location: Location) -> frozenset[str]:
    """The names that a module defines or imports at its top level; none if it cannot be found."""
    source = _source(location)
    return frozenset() if source is None else _names(source.read_bytes())


@lru_cache(maxsize=16)
def _names(source: bytes) -> frozenset[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return frozenset()
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
    return frozenset(names)


def _source(location: Location) -> Path | None:
    if location.folder is None:
        spec = find_module(location.module)
        return Path(spec.origin) if spec and spec.has_location and spec.origin else None
    path = location.folder.joinpath(*location.module.split("."))
    for candidate in (path / "__init__.py", path.with_name(f"{path.name}.py")):
        if candidate.exists():
            return candidate
    return None


@dataclass
class _Imported:
    """What a module had when it was imported."""

    sources: Sources
    names: frozenset[str]


_imported: dict[tuple[Location, str], _Imported] = {}


def _imported_names(location: Location, algorithm: Algorithm | None) -> frozenset[str]:
    """What a module has once it is imported; nothing if it cannot be, as its run will say."""
    python = (algorithm and algorithm.python) or sys.executable
    known = _imported.get((location, python))
    if known is None or known.sources.changed():
        sources = Sources(location.files)
        known = _imported[location, python] = _Imported(sources, _import(location, python))
    return known.names


def _import(location: Location, python: str) -> frozenset[str]:
    folder = [str(location.folder)] if location.folder else []
    with TemporaryFile() as printed:  # not a pipe, which what the module starts may keep open
        try:
            process = subprocess.Popen(
                [python, "-B", str(_INSIDE), "--names", location.module, *folder],
                env={**plain_environment(), **dict(location.environment)},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return frozenset()
        try:
            process.wait(_SECONDS_TO_IMPORT)
            printed.seek(0)
            return frozenset(json.loads(printed.read()))
        except (subprocess.TimeoutExpired, ValueError):
            return frozenset()
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it with all that it has started in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
