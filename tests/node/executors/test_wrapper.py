"""The wrapper: what it reads, calls and writes, and where it runs."""

import ast
import base64
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from v6sim.node.executors import inside, spawner
from v6sim.node.executors.inside import payloads, wrapper
from v6sim.wire import payload

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

of_one_loop = pytest.mark.asyncio(loop_scope="module")

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
    assert payloads.read_input(str(file)) == case["value"]


@pytest.mark.parametrize("case", FACTS["odd"], ids=lambda case: case["name"])
def test_odd_inputs_fare_as_with_the_genuine_wrapper(case: dict[str, Any], file: Path) -> None:
    file.write_bytes(base64.b64decode(case["bytes_base64"]))
    expected: str = case["wrapper_load_input"]
    try:
        outcome = f"returned {payloads.read_input(str(file))}"
    except Exception as error:
        outcome = f"{type(error).__name__}: {error}"
    assert outcome.startswith(expected)


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
    payloads.write_output(str(file), {"a": 1}, output_format)
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    ("output_format", "left"), [("json", b"json."), ("csv", b"csv."), ("RDS", b"RDS.")]
)
def test_an_output_that_cannot_be_written_leaves_its_prefix(
    output_format: str, left: bytes, file: Path
) -> None:
    with pytest.raises((TypeError, ValueError)):
        payloads.write_output(str(file), {1}, output_format)
    assert file.read_bytes() == left


@pytest.mark.parametrize(
    ("given", "code"), [(None, 0), (0, 0), (3, 3), (-1, 255), (256, 0), ("text", 1)]
)
def test_an_exit_has_the_code_that_a_process_would_have(given: Any, code: int) -> None:
    assert wrapper.exit_code(SystemExit(given)) == code


INSIDE = [Path(spawner.__file__), *sorted(Path(inside.__file__).parent.glob("*.py"))]


@pytest.mark.parametrize("file", INSIDE, ids=lambda file: file.name)
def test_what_runs_in_the_algorithms_interpreter_is_written_for_old_ones(file: Path) -> None:
    source = file.read_text()
    tree = ast.parse(source, feature_version=(3, 6))
    names = {
        each.module or "" if isinstance(each, ast.ImportFrom) else each.names[0].name
        for each in ast.walk(tree)
        if isinstance(each, ast.Import) or (isinstance(each, ast.ImportFrom) and not each.level)
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
    command = [sys.executable, str(Path(inside.__file__).parent), "algorithm", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "output").read_bytes() == b"json.2"


# --- whole runs, the quickest way ---


@of_one_loop
async def test_args_and_kwargs_reach_the_method(inline: "Bench") -> None:
    given = {"method": "give_back", "args": [1, "a"], "kwargs": {"b": None}}
    of_r = b'json.{"method":"give_back","args":{},"kwargs":{}}'
    assert await inline.value("", content=payload.serialize(given)) == [[1, "a"], {"b": None}]
    assert await inline.value("", content=of_r) == [[], {}]


@of_one_loop
async def test_an_input_in_json_is_read_and_answered_in_json(inline: "Bench") -> None:
    given = {"method": "mean", "kwargs": {"column": "age"}, "output_format": "json"}
    outcome = await inline.run(content=payload.serialize(given, "json"))
    assert outcome.output == b'json.{"mean": 2.0, "rows": 2}'


@of_one_loop
async def test_without_a_format_the_answer_is_a_bare_pickle(inline: "Bench") -> None:
    outcome = await inline.run("mean", column="age")
    assert pickle.loads(outcome.output) == {"mean": 2.0, "rows": 2}


@of_one_loop
async def test_a_table_in_json_is_as_pandas_writes_it(inline: "Bench") -> None:
    outcome = await inline.run("head", output_format="json")
    assert outcome.output == b'json.{"age":{"0":1},"name":{"0":"a"}}'


@of_one_loop
async def test_numbers_of_numpy_are_written_so_that_old_clients_read_them(inline: "Bench") -> None:
    outcome = await inline.run("sum")
    assert b"numpy.core" in outcome.output
    assert b"numpy._core" not in outcome.output
    assert payload.read(outcome.output) == 4
    assert pickle.loads(outcome.output) == 4


@of_one_loop
async def test_a_prefix_of_the_users_own_is_a_crash_that_says_what_to_ask_for(
    inline: "Bench",
) -> None:
    outcome = await inline.run("RPC_mean", column="age")
    assert outcome.status == "crashed"
    assert "ask for 'mean'" in outcome.log
    assert outcome.log.endswith("warn > method 'RPC_RPC_mean' not found!\n")


@of_one_loop
async def test_missing_arguments_are_a_crash(inline: "Bench") -> None:
    outcome = await inline.run("mean")
    assert outcome.status == "crashed"
    assert "missing 1 required positional argument: 'column'" in outcome.log
    assert "Traceback" in outcome.log


@of_one_loop
async def test_an_unreadable_input_is_a_crash_that_says_so(inline: "Bench") -> None:
    outcome = await inline.run(content=b"{}")
    assert outcome.status == "crashed"
    assert "Could not deserialize input" in outcome.log


@of_one_loop
async def test_an_unknown_output_format_is_a_crash_after_its_prefix(inline: "Bench") -> None:
    outcome = await inline.run("mean", column="age", output_format="csv")
    assert outcome.status == "crashed"
    assert outcome.output == b"csv."
    assert "'csv' is not a valid DataFormat" in outcome.log


@of_one_loop
async def test_what_json_cannot_hold_is_a_crash(inline: "Bench") -> None:
    outcome = await inline.run("unserializable", output_format="json")
    assert outcome.status == "crashed"
    assert outcome.output == b"json."
    assert "TypeError: Object of type set is not JSON serializable" in outcome.log
    assert "error > the result cannot be sent: result" in outcome.log
    assert "Traceback" not in outcome.log


class Model:
    def __init__(self) -> None:
        self.fitted, self.score = {"with": [1.5, (number for number in "")]}, 2


class Broken:
    def __getstate__(self) -> None:
        raise ValueError("of its own")


LOOP: list[Any] = [1]
LOOP += [LOOP, {"b": sys}]


@pytest.mark.parametrize(
    ("value", "output_format", "place"),
    [
        (lambda: 0, None, "result is of type function"),
        (sys, "pickle", "result is of type module"),
        ({"model": [sys]}, None, "result['model'][0] is of type module"),
        ({"a": 1, "b": (2, Model())}, None, "result['b'][1].fitted['with'][1] is of type generat"),
        ({sys: 1}, None, "result (the key "),
        ({("a",): 1}, "json", "result is of type dict, which json has no form for (TypeError: key"),
        ({"a": [1, {2}]}, "json", "result['a'][1] is of type set, which json has no form for"),
        (LOOP, None, "result[2]['b'] is of type module"),
        ({"a": Broken()}, None, "result['a'] is of type Broken"),
    ],
)
def test_what_cannot_be_written_is_named_with_its_place(
    value: Any, output_format: str | None, place: str, file: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with pytest.raises(wrapper.Stop):
        wrapper._write(str(file), value, output_format)
    said = capfd.readouterr()
    assert said.out.startswith(f"error > the result cannot be sent: {place}"), said.out
    assert said.out.count("\n") == 1
    assert "inside" not in said.err
    assert ("in __getstate__" in said.err) == ("Broken" in said.out)


def test_a_result_that_nests_without_end_is_told_too(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    value: list[Any] = []
    for _ in range(10**5):
        value = [value]
    with pytest.raises(wrapper.Stop):
        wrapper._write(str(file), value, None)
    assert "the result cannot be sent: RecursionError: " in capfd.readouterr().out
