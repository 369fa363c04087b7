"""What the package imports is declared; optional libraries are asked for by their one gate."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FILES = sorted((ROOT / "v6sim").rglob("*.py"))
OTHERS = {
    "v6sim/node/docker": {"docker", "requests", "urllib3"},  # behind `Engine`
    "v6sim/node/executors/result_loader.py": {"spawner"},  # which lies beside it
    "v6sim/testing": {"pytest"},  # which has loaded the plugin
}
"""Where libraries are imported that may be missing, since nobody gets there without them."""


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


@cache
def declared() -> set[str]:
    """The distributions that are there once v6sim is: its own dependencies, and their own."""
    names = {name_of(each) for each in PROJECT["dependencies"]}
    for name in list(names):
        names |= {name_of(each) for each in requires(name) or () if "extra ==" not in each}
    return names


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def allowed(path: Path) -> set[str]:
    name = str(path.relative_to(ROOT))
    return {"v6sim"}.union(*(others for place, others in OTHERS.items() if name.startswith(place)))


def test_what_may_be_missing_is_imported_behind_its_gate_only() -> None:
    owners = packages_distributions()
    for path in FILES:
        for module in set(imports(path)) - allowed(path) - sys.stdlib_module_names:
            known = {name.lower().replace("_", "-") for name in owners.get(module, ())}
            assert known & declared(), f"{path} imports {module}: see v6sim/runtime/extras.py"


def test_modules_are_looked_for_in_one_place() -> None:
    looking = {str(path.relative_to(ROOT)) for path in FILES if "util.find_spec" in path.read_text()
               or "util import find_spec" in path.read_text()}  # fmt: skip
    inside = "v6sim/node/executors/inside/wrapper.py"  # in the interpreter of an algorithm
    assert looking == {"v6sim/runtime/extras.py", inside}
