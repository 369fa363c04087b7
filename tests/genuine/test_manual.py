"""What the vantage6 manual walks its reader through, with the genuine clients, unmodified."""

import contextlib
import json
from pathlib import Path

import pytest

from tests.commands import running

AVERAGE = {"average": 53.25}
PARTS = [{"sum": 173, "count": 4}, {"sum": 253, "count": 4}]  # the newest result comes first


def test_the_manual_works_word_for_word(play, up) -> None:
    seen = play("manual.py", up)
    assert seen["whoami"] == ["Rosa", "example_org1"]
    assert seen["collaborations"] == [{"id": 1, "name": "example_collab1"}]
    assert seen["organizations"] == [
        {"id": 2, "name": "example_org1"},
        {"id": 3, "name": "example_org2"},
        {"id": 4, "name": "example_org3"},
    ]
    assert seen["master"] == [AVERAGE]
    assert seen["master at two"] == [AVERAGE, AVERAGE]
    assert seen["rpc"] == PARTS
    assert seen["json"] == PARTS
    assert seen["other database"] == [{"sum": 306, "count": 6}, {"sum": 275, "count": 5}]


@pytest.fixture
def data(tmp_path: Path) -> list[Path]:
    files = []
    for number, ages in enumerate(([30, 40], [50, 60, 71])):
        files.append(tmp_path / f"{number}.csv")
        files[-1].write_text("age\n" + "\n".join(map(str, ages)) + "\n")
    return files


def test_a_federation_is_built_from_nothing_and_its_nodes_run_elsewhere(play, data) -> None:
    with contextlib.ExitStack() as stack:
        _, address = stack.enter_context(running("server", "--world", "empty", "--port", "0"))
        built = play("build.py", address)
        assert built["key kept"]
        assert "taken" in built["refused"]["msg"]
        for key, file in zip(built["api keys"], data, strict=True):
            node = ("node", "--api-key", key, "--server", address, "--database", f"default={file}")
            stack.enter_context(running(*node))
        what = {
            "username": "builder",
            "password": "Builder-1",
            "private_key": None,
            "tasks": [
                {
                    "collaboration": built["collaboration"],
                    "organizations": built["organizations"][:1],
                    "image": "harbor2.vantage6.ai/demo/average",
                    "input": {
                        "method": "master", "master": True, "kwargs": {"column_name": "age"}
                    },
                }
            ],
        }  # fmt: skip
        [[run]] = play("tasks.py", address, json.dumps(what))["tasks"]
    assert run["result"] == {"average": 50.2}
