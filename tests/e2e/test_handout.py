"""Nodes elsewhere, started with what the server has handed out to them."""

import stat
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.commands import ended, running, until, v6sim
from v6sim.client import ApiError, Client
from v6sim.control_client import ControlClient
from v6sim.wire.payload import serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
MASTER = {"master": True, "method": "master", "kwargs": {"column_name": "age"}}
ENCRYPTED = """
organizations:
  - name: a
    users: [{username: anna, password: Anna-1, roles: [Researcher]}]
  - name: b
collaborations:
  - name: c
    encrypted: true
    participants:
      - {name: a, databases: {default: a.csv}}
      - {name: b, databases: {default: b.csv}, allowed_images: ["nothing/else"]}
"""


@pytest.fixture
def encrypted(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("age\n40\n")
    (tmp_path / "b.csv").write_text("age\n60\n")
    file = tmp_path / "world.yaml"
    file.write_text(ENCRYPTED)
    return file


def logins(keep: Path) -> dict[str, str]:
    lines = (keep / "logins").read_text().splitlines()[1:]
    return {words[0]: words[1] for words in map(str.split, lines)}


def test_secrets_are_made_up_once_and_told_in_a_file_of_its_owners(tmp_path: Path) -> None:
    server = ("server", "--port", "0", "--keep", tmp_path / "kept", "--new-secrets")
    with running(*server) as (_, address):
        until((tmp_path / "kept" / "logins").exists)
        until(lambda: bool((tmp_path / "kept" / "logins").read_text()))
        passwords = logins(tmp_path / "kept")
        for username, password in {"researcher": "Researcher-1", "root": "root"}.items():
            with pytest.raises(ApiError, match="401"):
                Client(address, username, password)
            Client(address, username, passwords[username]).close()
    assert stat.S_IMODE((tmp_path / "kept" / "logins").stat().st_mode) == 0o600
    with running(*server) as (_, address):
        Client(address, "researcher", passwords["researcher"]).close()
        assert logins(tmp_path / "kept") == passwords


def test_nodes_need_no_more_than_what_was_handed_out(tmp_path: Path) -> None:
    keep, out = tmp_path / "kept", tmp_path / "out"
    options = ("--keep", keep, "--handout", out, "--new-secrets")
    with ExitStack() as stack:
        server, address = stack.enter_context(running("server", "--port", "0", *options))
        assert stat.S_IMODE((out / "1").stat().st_mode) == 0o700
        for number in (1, 2, 3):
            node = ("node", "--server", address, "--handout", out / str(number))
            stack.enter_context(running(*node, "--presence", tmp_path / f"online-{number}"))
        assert all((tmp_path / f"online-{number}").exists() for number in (1, 2, 3))
        with Client(address, "researcher", logins(keep)["researcher"]) as client:
            task = client.wait(client.submit(1, [2], IMAGE, serialize(MASTER)))
            assert task.runs[0].result == {"average": 53.25}
        server.terminate()
        said, _ = ended(server)
        until(lambda: not any((tmp_path / f"online-{number}").exists() for number in (1, 2, 3)))
    assert f"--handout {out}/3" in said
    assert "api-key" not in said


def test_keys_and_policies_of_nodes_are_handed_out_too(tmp_path: Path, encrypted: Path) -> None:
    keep, out = tmp_path / "kept", tmp_path / "out"
    with ExitStack() as stack:
        words = ("server", "--world", encrypted, "--port", "0", "--keep", keep, "--handout", out)
        _, address = stack.enter_context(running(*words))
        for number in (1, 2):
            stack.enter_context(
                running("node", "--server", address, "--handout", out / str(number))
            )
        with Client(address, "anna", "Anna-1", keep / "keys" / "a.pem") as client:
            given = {"method": "average_partial", "kwargs": {"column_name": "age"}}
            runs = client.wait(client.submit(1, [2, 3], IMAGE, serialize(given))).runs
    assert runs[0].result == {"sum": 40, "count": 1}
    assert runs[1].status == "failed"
    assert "nothing/else" in runs[1].log


WRONG = {
    "nothing there": (["--handout", "{out}"], "there is no {out}/node.json"),
    "something else there": (["--handout", "{out}/other"], "node.json is not as a server hands"),
    "said twice": (["--handout", "{out}", "--database", "a=b"], "leave --api-key, --database,"),
    "nothing at all": ([], "--api-key KEY is needed"),
}


@pytest.mark.parametrize(("options", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_handout_is_told(tmp_path: Path, options: list[str], expected: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "node.json").write_text('{"key": 1}')
    words = [option.format(out=tmp_path) for option in options]
    done = v6sim("node", "--server", "http://127.0.0.1:9", *words)
    assert done.returncode == 2
    assert expected.format(out=tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


def test_new_secrets_without_a_place_are_a_mistake() -> None:
    done = v6sim("server", "--port", "0", "--new-secrets")
    assert done.returncode == 2
    assert "--keep DIR is needed too" in done.stderr


def test_the_demo_plays_at_a_server_that_runs() -> None:
    with running("up", "--port", "0") as (_, address):
        done = v6sim("demo", "--server", address)
        assert done.returncode == 0, done.stderr
        assert "{'average': 53.25}" in done.stdout
        with ControlClient(address) as control:
            assert len(control.ask("GET", "/journal")) > 0
        refused = v6sim("demo", "--server", address, "--password", "wrong")
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr
