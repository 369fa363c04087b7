"""The wrapper by itself: what it reads and writes, and where it runs."""

import ast
import base64
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from v6sim.node.executors import spawner, wrapper

FACTS = json.loads(
    (Path(__file__).parents[2] / "wire" / "serialization.json").read_text(encoding="utf-8")
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize(
    "case", FACTS["inputs"], ids=lambda case: f"{case['name']}, {case['data_format']}"
)
def test_inputs_of_the_genuine_client_are_read(case: dict[str, Any], file: Path) -> None:
    file.write_bytes(base64.b64decode(case["bytes_base64"]))
    assert wrapper.read_input(str(file)) == case["value"]


@pytest.mark.parametrize("case", FACTS["odd"], ids=lambda case: case["name"])
def test_odd_inputs_fare_as_with_the_genuine_wrapper(case: dict[str, Any], file: Path) -> None:
    file.write_bytes(base64.b64decode(case["bytes_base64"]))
    expected: str = case["wrapper_load_input"]
    try:
        outcome = f"returned {wrapper.read_input(str(file))}"
    except Exception as error:
        outcome = f"{type(error).__name__}: {error}"
    # the genuine one has an exception of its own, of which only the text is seen in a log
    assert outcome.startswith(expected.replace("DeserializationException", "ValueError"))


@pytest.mark.parametrize(
    ("output_format", "content"),
    [
        (None, pickle.dumps({"a": 1}, 4)),
        ("", pickle.dumps({"a": 1}, 4)),
        ("pickle", b"pickle." + pickle.dumps({"a": 1}, 4)),
        ("json", b'json.{"a": 1}'),
        ("JSON", b'JSON.{"a": 1}'),
    ],
)
def test_outputs_are_written_in_the_format_asked_for(
    output_format: str | None, content: bytes, file: Path
) -> None:
    wrapper.write_output(str(file), {"a": 1}, output_format)
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    ("output_format", "left"), [("json", b"json."), ("csv", b"csv."), ("RDS", b"RDS.")]
)
def test_an_output_that_cannot_be_written_leaves_its_prefix(
    output_format: str, left: bytes, file: Path
) -> None:
    with pytest.raises((TypeError, ValueError)):
        wrapper.write_output(str(file), {1}, output_format)
    assert file.read_bytes() == left


@pytest.mark.parametrize(
    ("given", "code"), [(None, 0), (0, 0), (3, 3), (-1, 255), (256, 0), ("text", 1)]
)
def test_an_exit_has_the_code_that_a_process_would_have(given: Any, code: int) -> None:
    assert wrapper.exit_code(SystemExit(given)) == code


@pytest.mark.parametrize("module", [wrapper, spawner], ids=["wrapper", "spawner"])
def test_what_runs_in_the_algorithms_interpreter_is_written_for_old_ones(module: Any) -> None:
    source = Path(module.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 6))
    names = {
        each.module or "" if isinstance(each, ast.ImportFrom) else each.names[0].name
        for each in ast.walk(tree)
        if isinstance(each, ast.Import | ast.ImportFrom)
    }
    outside = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    assert outside <= {"pandas"}


def test_it_can_be_run_by_hand(tmp_path: Path) -> None:
    (tmp_path / "algorithm.py").write_text("def RPC_rows(data): return len(data)\n")
    (tmp_path / "data.csv").write_text("a\n1\n2\n")
    (tmp_path / "input").write_text('json.{"method": "rows", "output_format": "json"}')
    (tmp_path / "token").write_text("token")
    environment = {
        "INPUT_FILE": "input",
        "OUTPUT_FILE": "output",
        "TOKEN_FILE": "token",
        "DATABASE_URI": "data.csv",
    }
    command = [sys.executable, wrapper.__file__, "algorithm", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "output").read_bytes() == b"json.2"
