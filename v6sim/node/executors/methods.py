"""What can be called in an algorithm, found by reading it, not by running it."""

import ast
from functools import lru_cache
from pathlib import Path

from v6sim.node.executors.packages import Location
from v6sim.runtime.extras import find_module


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
        return Path(spec.origin) if spec and spec.origin else None
    path = location.folder.joinpath(*location.module.split("."))
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if candidate.exists():
            return candidate
    return None
