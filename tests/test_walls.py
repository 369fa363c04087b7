"""Who may know whom: the rooms of the house, and the walls between them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "v6sim"
ROOMS = sorted(
    path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").exists()
)
MAY_KNOW = {
    "world": set(),
    "wire": set(),
    "chance": set(),
    "runtime": set(),
    "server": {"chance", "runtime", "wire", "world"},
    "pause": set(),
    "garbage": set(),
    "node": {"garbage", "pause", "runtime", "wire", "world"},
    "egress": {"node", "runtime", "wire"},
    "keep": {"runtime", "world"},
    "keyring": {"runtime", "wire", "world"},
    "views": {"wire"},
    "wait_notices": {"wire"},
    "phases": set(),
    "inspector": {"phases", "runtime", "server", "wire"},
    "tls": set(),
    "client": {"pause", "tls", "views", "wait_notices", "wire"},
    "control_client": {"runtime", "tls"},
    "recording": {"node", "runtime", "wire"},
    "sandbox": {
        "chance",
        "client",
        "control_client",
        "egress",
        "inspector",
        "keep",
        "keyring",
        "node",
        "recording",
        "runtime",
        "server",
        "tls",
        "views",
        "wire",
        "world",
    },
    "testing": {
        "client",
        "control_client",
        "egress",
        "garbage",
        "node",
        "recording",
        "runtime",
        "sandbox",
        "server",
        "views",
        "wire",
        "world",
    },
    "cli": {
        "client",
        "control_client",
        "egress",
        "garbage",
        "keep",
        "keyring",
        "node",
        "phases",
        "recording",
        "runtime",
        "sandbox",
        "server",
        "testing",
        "views",
        "wire",
        "world",
    },
}  # fmt: skip
INSIDE_SERVER = {
    "store": {"access", "errors", "find", "store"},
    "access": {"access", "clock", "errors"},
    "middleware": {"errors"},
    "operations": {
        "access", "clock", "environments", "errors", "event_journal", "events", "faults", "feeds",
        "hindrances", "holds", "journal", "logs", "operations", "outbox", "settings", "store",
    },
}  # fmt: skip


def imports(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules of v6sim that a file imports, as parts below `v6sim`."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            package, *parts = name.split(".")
            if package == "v6sim" and parts and not parts[0].startswith("__"):
                yield tuple(parts)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_knows_only_whom_it_may(path: Path) -> None:
    room = room_of(path)
    known = {parts[0] for parts in imports(path)} - {room, "Sandbox", "World", "WorldError"}
    assert known <= MAY_KNOW[room], f"{room} may not know {known - MAY_KNOW[room]}"


@pytest.mark.parametrize("part", INSIDE_SERVER)
def test_inside_the_server_nothing_knows_what_is_above_it(part: str) -> None:
    for path in (ROOT / "server" / part).rglob("*.py"):
        known = {parts[1] for parts in imports(path) if parts[0] == "server" and len(parts) > 1}
        allowed = INSIDE_SERVER[part]
        assert known <= allowed, f"{path} may not know {known - allowed}"


def test_every_room_has_its_walls() -> None:
    assert set(ROOMS) <= set(MAY_KNOW)


def test_a_shape_or_route_holds_no_rule() -> None:
    for path in (ROOT / "server" / "v3").rglob("*.py"):
        named = [parts for parts in imports(path) if parts[:3] == ("server", "access", "rules")]
        assert not named, f"{path} knows rules: decisions are taken in operations"
