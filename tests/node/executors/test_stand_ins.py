"""What stands in for the libraries that algorithms import."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from v6sim.node.executors import inside

INSIDE = Path(inside.__file__).parent
IMPORTS = """
from vantage6.client import Client, ContainerClient, UserClient
from vantage6.client.algorithm_client import AlgorithmClient
from vantage6.common import (ClickLogger, base64s_to_bytes, bytes_to_base64s, debug, echo, error,
    info, logger_name, warning)
from vantage6.common.globals import APPNAME, STRING_ENCODING
from vantage6.tools import util
from vantage6.tools.data_format import DataFormat
from vantage6.tools.deserialization import deserialize
from vantage6.tools.dispatch_rpc import dispact_rpc, dispatch_rpc
from vantage6.tools.docker_wrapper import (DockerWrapper, ParquetWrapper, WrapperBase,
    docker_wrapper, load_input, multidb_wrapper, parquet_wrapper, sparql_wrapper, write_output)
from vantage6.tools.exceptions import DeserializationException
from vantage6.tools.mock_client import ClientMockProtocol, MockAlgorithmClient
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
        ("from vantage6.tools import nothing", "pip install 'vantage6-client<4'"),
        ("import vantage6.server", "pip install 'vantage6-client<4'"),
        ("from vantage6.algorithm.tools.decorators import data", "a library of vantage6 4"),
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
