"""Whose passwords and keys `up` and `server` print, and where."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.commands import ended, running
from tests.e2e.terminal import at_terminal

KEY = "11111111-2222-4333-8444-555555555555"
WORLD = f"""
settings: {{root_password: Root-of-mine-1}}
organizations:
  - name: one
    users: [{{username: ada, password: Ada-12345, email: ada@one.example, roles: [Researcher]}}]
collaborations:
  - name: trial
    participants: [{{name: one, api_key: {KEY}, databases: {{default: one.csv}}}}]
"""
PASSWORDS = ("Root-of-mine-1", "Ada-12345")


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A world with passwords that nobody else knows."""
    (tmp_path / "one.csv").write_text("age\n30\n")
    (tmp_path / "world.yaml").write_text(WORLD)
    return tmp_path / "world.yaml"


def said_by(*words: str | Path) -> str:
    """All that a command says into a pipe, of the mail about a lost password too."""
    with running(*words, "--port", "0") as (child, address):
        httpx.post(f"{address}/recover/lost", json={"username": "ada"}).raise_for_status()
        child.send_signal(signal.SIGINT)
        said, complaints = ended(child)
    return said + complaints


def test_those_of_a_world_file_are_not_for_the_logs_of_a_ci(world: Path) -> None:
    said = said_by("up", "--world", world)
    for secret in PASSWORDS:
        assert secret not in said
    assert said.count("(hidden)") == 2
    assert "Mail to ada@one.example" in said
    assert "\ney" not in said, "the token in a mail is as good as a password"


def test_they_are_shown_to_who_asks_for_them(world: Path) -> None:
    said = said_by("up", "--world", world, "--show-passwords")
    for secret in PASSWORDS:
        assert secret in said
    assert "\ney" in said


def test_they_are_shown_at_a_terminal(world: Path, tmp_path: Path) -> None:
    with at_terminal("up", "--port", "0", "--world", str(world), cwd=tmp_path) as terminal:
        said = terminal.read_until("Images, and what is run for them")
    for secret in PASSWORDS:
        assert secret in said


def test_keys_of_nodes_are_as_passwords(world: Path) -> None:
    hidden = said_by("server", "--world", world)
    assert KEY not in hidden
    assert "--show-passwords shows them" in hidden
    assert KEY in said_by("server", "--world", world, "--show-passwords")


@pytest.mark.parametrize("verb", ["up", "server"])
def test_those_in_addresses_of_databases_are_as_others(verb: str, world: Path) -> None:
    address = "postgresql://ada:Data-12345@db.example/x"
    world.write_text(WORLD.replace("one.csv", f"'{address}'"))
    said = said_by(verb, "--world", world)
    assert "postgresql://ada:***@db.example/x" in said
    assert "Data-12345" not in said
    if verb == "server":
        assert address in said_by(verb, "--world", world, "--show-passwords")


@pytest.mark.parametrize("verb", ["up", "server"])
def test_those_of_a_built_in_world_are_known_to_everybody(verb: str, monkeypatch) -> None:
    monkeypatch.setenv("V6SIM_ROOT_PASSWORD", "Root-of-mine-1")
    with running(verb, "--port", "0") as (child, _):
        child.send_signal(signal.SIGINT)
        said, complaints = ended(child)
    assert ("Researcher-1" if verb == "up" else "00000000-0000-4000-8000-000000000001") in said
    assert "Root-of-mine-1" not in said + complaints


def test_those_that_are_made_up_are_nobodys(tmp_path: Path) -> None:
    with running("server", "--port", "0", "--keep", tmp_path / "k", "--new-secrets") as (child, _):
        child.send_signal(signal.SIGINT)
        said, complaints = ended(child)
    secrets = (tmp_path / "k" / "secrets.json").read_text()
    for word in set(said.split()) | set(complaints.split()):
        assert len(word) < 30 or word not in secrets
    assert said.count("--api-key=(hidden)") == 3
