"""`v6sim world`: making, checking and describing world files."""

import json

from tests.commands import running, v6sim


def test_the_example_is_good_and_comes_up(tmp_path) -> None:
    said = v6sim("world", "new", tmp_path / "mine")
    assert said.returncode == 0, said.stderr
    file = tmp_path / "mine" / "world.yaml"
    assert said.stdout.rstrip().endswith(f"v6sim up --world {file}")
    assert " is good: " in v6sim("world", "check", file).stdout
    with running("up", "--world", file, "--port", "0"):
        pass


def test_what_there_is_is_counted_in_words(tmp_path) -> None:
    (tmp_path / "w.yaml").write_text("organizations: [{name: a}]\ncollaborations: [{name: c}]\n")
    said = v6sim("world", "check", tmp_path / "w.yaml").stdout
    assert said.endswith("1 organization, 0 users, 1 collaboration with 0 participants\n")


def test_the_example_overwrites_nothing(tmp_path) -> None:
    (tmp_path / "world.yaml").write_text("mine: true\n")
    said = v6sim("world", "new", tmp_path)
    assert said.returncode == 2
    assert "world.yaml" in said.stderr
    assert (tmp_path / "world.yaml").read_text() == "mine: true\n"


def test_the_schema_is_json() -> None:
    assert json.loads(v6sim("world", "schema").stdout)["title"] == "v6sim world"


def test_the_version_and_help_are_quick_to_say() -> None:
    assert v6sim("--version").stdout.startswith("v6sim ")
    said = v6sim("--help").stdout
    for verb in ("demo", "up", "run", "server", "node", "world"):
        assert verb in said
