"""What stands in for the libraries that algorithms import."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from v6sim.node.executors import inside
from v6sim.wire.statuses import UNFINISHED, RunStatus, is_failed

INSIDE = Path(inside.__file__).parent
IMPORTS = """
from vantage6.client import (AuthenticationException, Client, ContainerClient, LogLevel, ServerInfo,
    UserClient, WhoAmI)
from vantage6.client.algorithm_client import AlgorithmClient, ClientBase
from vantage6.client.deserialization import load_data, unpack_legacy_results
from vantage6.client.serialization import serialize_json, serialize_pickle
from vantage6.common import (ClickLogger, base64s_to_bytes, bytes_to_base64s, debug, echo, error,
    info, logger_name, warning)
from vantage6.common import STRING_ENCODING
from vantage6.common.globals import APPNAME, DATABASE_TYPES, STRING_ENCODING
from vantage6.common.task_status import TaskStatus, has_task_finished
from vantage6.tools import util
from vantage6.tools.data_format import DataFormat
from vantage6.tools.deserialization import deserialize
from vantage6.tools.dispatch_rpc import dispact_rpc, dispatch_rpc
from vantage6.tools.docker_wrapper import (DockerWrapper, ParquetWrapper, WrapperBase,
    docker_wrapper, load_input, multidb_wrapper, parquet_wrapper, sparql_wrapper, write_output)
from vantage6.tools.exceptions import DeserializationException
from vantage6.tools.mock_client import ClientMockProtocol, MockAlgorithmClient, select_wrapper
from vantage6.tools.serialization import serialize
from vantage6.tools.wrapper import CSVWrapper, auto_wrapper
import vantage6.tools.util, vantage6.common as common
"""
START = f"""
import runpy
load = runpy.run_path({str(INSIDE / "__main__.py")!r}, run_name="start")["load"]
stand_ins = load("stand_ins")
stand_ins.provide()
"""


def python(code: str) -> "subprocess.CompletedProcess[str]":
    """What some code does in a process of its own that knows nothing of v6sim."""
    return subprocess.run(
        [sys.executable, "-c", START + code], capture_output=True, text=True, check=False
    )


def test_what_algorithms_import_is_there() -> None:
    process = python(IMPORTS + "common.info('a'); common.warning('b'); util.warn('c')")
    assert process.stderr == ""
    assert process.stdout.splitlines() == ["[info]  - a", "[warn]  - b", "warn > c"]


def test_values_go_there_and_back() -> None:
    process = python(
        IMPORTS + "import io, json\n"
        "for form in DataFormat:\n"
        "    print(json.dumps(deserialize(io.BytesIO(serialize([1], form)), form)))\n"
        "print(base64s_to_bytes(bytes_to_base64s(b'x')) == b'x')\n"
    )
    assert process.stdout.splitlines() == ["[1]", "[1]", "true".title()], process.stderr


def test_what_has_no_place_in_an_algorithm_says_what_to_install() -> None:
    process = python(IMPORTS + "Client('http://127.0.0.1', 5000)")
    assert "RuntimeError: v6sim does not stand in for vantage6.client.Client" in process.stderr
    assert "pip install 'vantage6-client<4'" in process.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from vantage6.common import generate_apikey", "pip install 'vantage6-client<4'"),
        ("import vantage6.common.docker.addons", "pip install 'vantage6-client<4'"),
        ("import vantage6.server", "pip install 'vantage6-server<4'"),
        ("from vantage6.tools import nothing", "knows of no vantage6.tools.nothing in any"),
        ("import vantage6.tools.nothing", "knows of no vantage6.tools.nothing in any"),
        ("from vantage6.algorithm.tools.decorators import data", "a library of vantage6 4"),
        ("from vantage6.tools import wrap", "vantage6.tools.wrap is a library of vantage6 4"),
        ("from vantage6.tools.wrap import wrap_algorithm", "a library of vantage6 4"),
        ("import vantage6.tools.container_client", "is vantage6.client.ContainerClient"),
        (
            "from vantage6.tools.container_client import ClientContainerProtocol",
            "is of vantage6 before 3.0",
        ),
        ("import no_such_module", ""),
    ],
)
def test_an_import_that_nothing_serves_comes_with_advice(line: str, said: str) -> None:
    process = python(
        "import vantage6\n"
        f"try:\n    {line}\n"
        "except ImportError as error:\n    print(stand_ins.advice(error))\n"
    )
    assert said in process.stdout
    assert bool(said) == bool(process.stdout.strip())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("wrapper.missing", "knows of no vantage6.tools.wrapper.missing in any"),
        ("wrapper.SPARQLWrapper", "pip install 'vantage6-client<4'"),
        ("common.encryption.RSACryptor.create_new_rsa_key", "does not stand in for vantage6"),
    ],
)
def test_what_a_stand_in_has_not_says_what_to_do(line: str, said: str) -> None:
    process = python(
        "import vantage6.tools.wrapper as wrapper, vantage6.common.encryption\n"
        f"from vantage6 import common\n{line}\n"
    )
    last = process.stderr.splitlines()[-1]
    assert last.startswith("AttributeError: ")
    assert said in last


def test_statuses_are_those_of_runs() -> None:
    process = python(
        "from vantage6.common.task_status import TaskStatus, has_task_failed, has_task_finished\n"
        "import json\n"
        "of = lambda s: (has_task_failed(s), has_task_finished(s), has_task_finished(s.value))\n"
        "print(json.dumps({status.value: of(status) for status in TaskStatus}))\n"
    )
    found = json.loads(process.stdout)
    assert set(RunStatus) <= set(found)
    for status, (failed, *finished) in found.items():
        assert failed == is_failed(status)
        assert finished == [status not in UNFINISHED] * 2


def test_algorithms_have_formats_of_their_own() -> None:
    process = python(
        "import io\n"
        "from vantage6.client import deserialization as client\n"
        "from vantage6.tools import deserialization, serialization\n"
        "from vantage6.tools.wrapper import load_input, select_wrapper, write_output\n"
        "@serialization.serializer('csv')\n"
        "def write(values):\n    return ','.join(values).encode()\n"
        "@deserialization.deserializer('csv')\n"
        "def read(file):\n    return file.read().decode().split(',')\n"
        "import tempfile; path = tempfile.mktemp()\n"
        "write_output('csv', ['a', 'b'], path)\n"
        "print(open(path).read(), load_input(path), client.load_data(b'json.[1]'))\n"
        "print(type(select_wrapper('excel')).__name__, select_wrapper('other'))\n"
    )
    assert process.stdout.splitlines() == [
        "csv.a,b ['a', 'b'] [1]", "ExcelWrapper None",
    ], process.stderr  # fmt: skip


def test_names_of_loggers_are_short() -> None:
    process = python(
        "from vantage6.common import logger_name\n"
        "print(logger_name('a.of_14_letters_'), logger_name('a.of_15_letters__'))"
    )
    assert process.stdout == "of_14_letters_ of_15_lette..\n", process.stderr


def test_advice_comes_where_a_function_imports_too(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("def RPC_it(data):\n    from vantage6.tools import wrap\n")
    process = python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "load('wrapper').dispatch(None, {'method': 'it'}, 'late', '', False, {})\n"
    )
    said = "error > vantage6.tools.wrap is a library of vantage6 4"
    assert any(line.startswith(said) for line in process.stdout.splitlines()), process.stderr


def test_what_is_installed_comes_first(tmp_path: Path) -> None:
    (tmp_path / "vantage6" / "common").mkdir(parents=True)
    (tmp_path / "vantage6" / "common" / "__init__.py").write_text("info = print\n")
    process = python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from vantage6.common import info\ninfo('genuine')\n"
        "from vantage6.tools.util import warn\nwarn('stand-in')\n"
    )
    assert process.stdout.splitlines() == ["genuine", "warn > stand-in"], process.stderr


def test_names_are_told_with_nothing_else_printed(tmp_path: Path) -> None:
    (tmp_path / "found.py").write_text("print('hello')\nfrom json import *\nx = 1\n")
    process = subprocess.run(
        [sys.executable, INSIDE, "--names", "found", tmp_path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(json.loads(process.stdout)) >= {"dumps", "loads"}


def test_a_stand_in_is_not_taken_for_the_genuine_library() -> None:
    wrapper = importlib.import_module("v6sim.node.executors.inside.wrapper")
    stand_ins = importlib.import_module("v6sim.node.executors.inside.stand_ins")
    stand_ins.provide()
    assert stand_ins.is_stand_in(importlib.util.find_spec("vantage6.client"))
    assert wrapper.genuine_library() is None
