"""Starting on what is there already, starting on what cannot be used, and being told to end."""

import json
import signal
import subprocess

import pytest

from tests.commands import V6SIM, ended, environment, running, v6sim


def test_a_kept_database_is_not_mixed_with_another_world(tmp_path) -> None:
    keep, world = tmp_path / "kept", tmp_path / "world.json"
    world.write_text(json.dumps({"organizations": [{"name": "one"}, {"name": "two"}]}))
    with running("up", "--port", "0", "--keep", keep, "--world", world):
        pass
    world.write_text(json.dumps({"organizations": [{"name": "one"}, {"name": "three"}]}))
    said = v6sim("up", "--port", "0", "--keep", keep, "--world", world)
    assert said.returncode == 2
    assert "was made from another world: organization three, organization two differ" in said.stderr


def test_broken_secrets_are_said(tmp_path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    said = v6sim("up", "--port", "0", "--keep", tmp_path)
    assert said.returncode == 2
    assert f"{tmp_path / 'secrets.json'} is not as it was written" in said.stderr


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("api_path", "api", "world.json:1: settings.api_path: expected a path such as /api"),
        ("database_url", "nonsense", "expected an SQLAlchemy URL such as sqlite:///server.db"),
        ("database_url", "sqlite:////nowhere/x", "sqlite:////nowhere/x cannot be used: unable"),
    ],
)
def test_a_setting_that_cannot_be_is_said(tmp_path, setting, value, expected) -> None:
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"settings": {setting: value}}))
    said = v6sim("up", "--port", "0", "--world", world)
    assert said.returncode == 2
    assert expected in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
def test_the_demo_ends_when_told_and_leaves_nothing(how, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    child = subprocess.Popen(
        [V6SIM, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(),
    )  # fmt: skip
    assert child.stdout
    child.stdout.readline()  # all is up
    child.send_signal(how)
    _, complaints = ended(child)
    assert child.returncode == 128 + how
    assert "Traceback" not in complaints
    assert not list(tmp_path.iterdir())
