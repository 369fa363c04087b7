"""The mock client: what suites on the genuine one ask, and what production does otherwise."""

import gc
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest

from tests.components import lacking
from tests.genuine.environments import CLIENTS
from v6sim import AlgorithmFailed
from v6sim.client import ApiError
from v6sim.testing import CannotTravel, ClientMockProtocol, MockAlgorithmClient, MockClient
from v6sim.testing.data import WrongData
from v6sim.testing.mock import stage

_PATIENCE = 180  # seconds; a suite imports pandas and starts federations
MOCKED = Path(__file__).parent / "mocked"
SUITES = [("older", "3.7.3"), ("older", "3.11.1"), ("newer", "3.11.1")]
ALGORITHM = """
import threading


def master(client, data, ids=None):
    rows = client.get_organizations_in_my_collaboration()
    task = client.create_new_task({"method": "half"}, ids or [row["id"] for row in rows])
    while not client.get_task(task["id"])["complete"]:
        pass
    return {"results": client.get_results(task["id"]), "token": len(client.token)}


def RPC_half(data):
    if data["x"].sum() > 5:
        raise ValueError("too much")
    return int(data["x"].sum())


def claims(client, data):
    import jwt

    return jwt.decode(client.token, options={"verify_signature": False})["sub"]


def RPC_add(data, things):
    things.append(4)
    return things


def RPC_unserializable(data):
    return threading.Lock()


def RPC_kinds(data):
    return [str(kind) for kind in data.dtypes]
"""
FRAMES = [pd.DataFrame({"x": [1, 2]}), pd.DataFrame({"x": [30]})]


@pytest.fixture(scope="module")
def algorithm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("algorithm")
    (folder / "v6_mocked_algorithm.py").write_text(ALGORITHM)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield "v6_mocked_algorithm"
    sys.modules.pop("v6_mocked_algorithm", None)


@pytest.fixture
def mock(algorithm):
    with MockClient(datasets=FRAMES, module=algorithm) as client:
        yield client


def results(mock, method, *where, **given):
    return mock.get_results(mock.create_new_task({"method": method, **given}, where or [0])["id"])


# --- as the genuine one ---


@pytest.mark.parametrize(("suite", "version"), SUITES)
def test_a_suite_moves_by_changing_an_import(tmp_path, suite, version) -> None:
    environment = CLIENTS[version]
    if not environment.is_ready:
        lacking(f"the genuine client {version}", "make genuine")
    text = (MOCKED / f"{suite}.py").read_text()
    moved = text.replace("from vantage6.tools.mock_client import", "from v6sim.testing import")
    assert moved != text
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PY")}
    genuine = run_suite(tmp_path / "genuine", text, environment.python, clean)
    ours = run_suite(tmp_path / "ours", moved, Path(sys.executable), {**os.environ})
    assert ours == genuine


def run_suite(folder: Path, text: str, python: Path, env: dict[str, str]) -> object:
    """What a suite has seen; all of it has to pass."""
    folder.mkdir()
    (folder / "sums.py").write_text((MOCKED / "sums.py").read_text())
    (folder / "test_it.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    said = subprocess.run(
        [python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=folder, env=env,
        capture_output=True, text=True, timeout=_PATIENCE, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-5000:] + said.stderr[-2000:]
    return json.loads((folder / "seen.json").read_text())


def test_it_goes_by_the_genuine_name_too() -> None:
    assert ClientMockProtocol is MockClient


# --- as in production ---


def test_ids_are_those_of_a_server_where_that_is_wanted(algorithm) -> None:
    with MockClient(FRAMES, algorithm, ids="server") as mock:
        ids = [row["id"] for row in mock.get_organizations_in_my_collaboration()]
        assert ids == [4, 5]
        assert mock.host_node_id == 3
        task = mock.create_new_task({"method": "half"}, ids[:1])
        assert (task["status"], task["initiator"]) == ("completed", ids[0])
        with pytest.raises(ApiError, match="organization 0 is not in collaboration 1"):
            results(mock, "half", 0)


def test_a_task_shows_the_ids_that_the_test_gives(mock) -> None:
    task = mock.create_new_task({"method": "half"}, [0])
    assert task["initiator"] == 0
    [row] = mock.request(f"task/{task['id']}/result")
    assert (row["organization"], row["node"]["id"]) == (0, 0)


def test_the_claims_of_a_token_have_them(mock) -> None:
    [claims] = results(mock, "claims", 1, master=True)
    assert (claims["organization_id"], claims["node_id"], claims["collaboration_id"]) == (1, 1, 1)
    [claims] = results(mock, "claims", 0, master=True)
    assert (claims["organization_id"], claims["node_id"]) == (0, 0)


def test_a_master_is_given_a_containers_client_and_the_results_of_those_that_work(mock) -> None:
    [given] = results(mock, "master", master=True)
    assert given["results"] == [3], "the other organization's run has crashed"
    assert given["token"] > 100


def test_ids_mean_the_same_inside_an_algorithm(mock) -> None:
    [given] = results(mock, "master", 1, master=True, kwargs={"ids": [0]})
    assert given["results"] == [3]


def test_strangers_cannot_be_asked(mock) -> None:
    with pytest.raises(ApiError, match=r"organization 2 is not in collaboration 1; .*: \[0, 1\]"):
        results(mock, "half", 2)


def test_the_ledger_names_the_organization_of_id_0(mock) -> None:
    results(mock, "master", 1, master=True, kwargs={"ids": [0]})
    left = [(each.entry.kind, each.receivers) for each in mock._stage.box.egress]
    assert ("subtask input", ["mock-0"]) in left
    assert left[-2] == ("result", ["mock-0"])


# --- forms of another generation ---

FRAME = FRAMES[0]


@pytest.mark.parametrize("kind", [MockClient, MockAlgorithmClient])
@pytest.mark.parametrize(
    "datasets",
    [
        [[{"database": FRAME, "db_type": "csv"}]],
        [[{"database": "own.csv", "db_type": "csv"}], [{"database": "own.csv"}]],
        [[{"database": FRAME}]],
        [{"database": FRAME, "db_type": "csv"}],
        [FRAME, ({"database": "own.csv", "type": "csv"},)],
    ],
)
def test_datasets_of_4_are_refused(algorithm, kind, datasets) -> None:
    with pytest.raises(WrongData, match=r"the one of vantage6 3\.x yet") as caught:
        kind(datasets, algorithm)
    assert "'type': 'csv'" in str(caught.value)


def test_rows_with_a_column_of_that_name_are_a_table(algorithm) -> None:
    with MockClient([[{"database": "a", "x": 1}]], algorithm) as mock:
        assert results(mock, "half") == [1]


def test_calls_of_4_are_refused_with_what_to_write_instead(algorithm) -> None:
    with MockAlgorithmClient([{"database": FRAME}], algorithm) as mock:
        for call, wanted in (
            (lambda: mock.task.create({"method": "half"}, organizations=[0]), "organization_ids="),
            (lambda: mock.task.create(method="half", organizations=[0]), "input_={'method'"),
            (lambda: mock.task.create(organization_ids=[0]), "input_={'method'"),
            (lambda: mock.task.create({"method": "half"}, [0], databases=[]), "databases="),
        ):
            with pytest.raises(TypeError, match=re.escape(wanted)):
                call()
        for owner, name in ((mock, "run"), (mock.result, "from_task")):
            with pytest.raises(AttributeError, match=r"client\.result\.get\(task_id\)"):
                getattr(owner, name)
        assert not hasattr(mock, "vpn")
        assert mock.tasks == []


def test_arguments_are_sent_not_shared(mock) -> None:
    things = [1]
    assert results(mock, "add", args=[things]) == [[1, 4]]
    assert things == [1]


def test_an_input_that_cannot_be_sent_is_refused(mock) -> None:
    with pytest.raises(CannotTravel, match="could not be sent to an organization: "):
        results(mock, "add", args=[threading.Lock()])


def test_a_result_that_cannot_be_sent_crashes_its_run(mock) -> None:
    with pytest.raises(AlgorithmFailed, match=r"cannot pickle '_thread.lock' object"):
        results(mock, "unserializable")
    assert mock.get_task(1)["status"] == "failed"


def test_an_error_is_one_of_its_own_kind_and_shows_its_traceback(mock) -> None:
    with pytest.raises(ValueError, match="too much") as caught:
        results(mock, "half", 0, 1)
    assert isinstance(caught.value, AlgorithmFailed)
    assert 'raise ValueError("too much")' in str(caught.value)
    assert caught.value.outcome.results["mock-0"] == 3
    assert mock.get_results(1) == [3]


def test_a_method_that_does_not_exist_is_told_with_those_that_do(mock) -> None:
    with pytest.raises(AlgorithmFailed, match=r"RPC_add.*\n.*method 'RPC_gone' not found!"):
        results(mock, "gone")


def test_results_can_be_json(mock) -> None:
    assert results(mock, "half", output_format="json") == [3]


def test_what_comes_out_of_a_csv_file_is_what_a_node_reads(algorithm) -> None:
    days = pd.DataFrame({"day": pd.to_datetime(["2020-01-01"])})
    with MockClient([days], algorithm) as mock:
        assert results(mock, "kinds") == [[str(pd.Series(["2020-01-01"]).dtype)]]


# --- its life ---


def test_two_live_side_by_side(algorithm) -> None:
    others = [pd.DataFrame({"x": [4]}), FRAMES[1]]
    with MockClient(FRAMES, algorithm) as one, MockClient(others, algorithm) as other:
        assert results(one, "half") == [3]
        assert results(other, "half") == [4]


def test_one_begins_anew_where_another_has_ended(algorithm) -> None:
    first = MockClient(FRAMES, algorithm)
    results(first, "half")
    del first
    gc.collect()
    before = list(stage._all)
    with MockClient([FRAMES[1], FRAMES[0]], algorithm) as second:
        assert second._stage in before, "no sandbox had to be started"
        assert second.create_new_task({"method": "half"}, [1])["id"] == 1
        assert second.get_results(1) == [3]


def test_a_closed_one_says_so(algorithm) -> None:
    mock = MockClient(FRAMES, algorithm)
    mock.close()
    mock.close()
    with pytest.raises(RuntimeError, match="this mock client is closed"):
        mock.get_results(1)


def test_nothing_is_left_at_the_end_of_a_program(tmp_path, algorithm) -> None:
    (tmp_path / "here.py").write_text("def RPC_one(data):\n    return 1\n")
    (tmp_path / "run.py").write_text(
        "from v6sim.testing import MockClient\n"
        "mock = MockClient([[{'x': 1}]], 'here')\n"
        "print(mock.create_new_task({'method': 'one'}, [0])['status'])\n"
    )
    (tmp_path / "tmp").mkdir()
    said = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, env={**os.environ, "TMPDIR": "tmp"},
        capture_output=True, text=True, timeout=_PATIENCE, check=False,
    )  # fmt: skip
    assert (said.stdout, said.stderr) == ("completed\n", "")
    assert not list((tmp_path / "tmp").iterdir())


def test_what_cannot_be_is_told(algorithm) -> None:
    for make, kind, text in (
        (lambda: MockClient([], algorithm), ValueError, "at least one is needed"),
        (lambda: MockClient(["gone.csv"], algorithm), WrongData, "there is no file gone.csv"),
        (lambda: MockClient(FRAMES, "v6_gone"), ImportError, "v6_gone"),
        (
            lambda: MockAlgorithmClient(FRAMES, algorithm, organization_ids=[7, 7]),
            ValueError, "organization id 7 is given twice",
        ),
        (
            lambda: MockAlgorithmClient(FRAMES, algorithm, node_ids=[-1, 2]),
            ValueError, "-1 cannot be the id of a node: a whole number from 0",
        ),
        (
            lambda: MockAlgorithmClient(FRAMES, algorithm, node_ids=[1, 2], ids="server"),
            ValueError, "leave out organization_ids and node_ids",
        ),
        (lambda: MockClient(FRAMES, algorithm, ids=cast("Any", "x")), ValueError, "ids='x'"),
        (lambda: MockClient(FRAMES[0], algorithm), WrongData, "a list is expected"),
        (
            lambda: MockClient([{"database": FRAMES[0]}], algorithm),
            WrongData, "as MockAlgorithmClient takes it",
        ),
        (
            lambda: MockAlgorithmClient([{"database": "x.csv"}], algorithm),
            WrongData, "does not say which 'type'",
        ),
        (
            lambda: MockAlgorithmClient([{"database": "x", "type": "sql"}], algorithm),
            WrongData, "is of type 'sql'; csv, excel and parquet are read here",
        ),
    ):  # fmt: skip
        with pytest.raises(kind, match=text):
            make()


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """Run a script on a mock, beside an algorithm that imports vantage6's library."""
    (tmp_path / "algo.py").write_text(
        "from vantage6.tools.util import info\n\n\ndef RPC_rows(data):\n    return len(data)\n"
    )
    (tmp_path / "a.csv").write_text("x\n1\n2\n")

    def run(first: str, *words: str) -> str:
        (tmp_path / "script.py").write_text(
            f"{first}\nclient = ClientMockProtocol(['a.csv'], 'algo')\n"
            "task = client.create_new_task({'method': 'rows'}, [0])\n"
            "print(client.get_results(task['id']))\n"
        )
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            timeout=60,
        )  # fmt: skip
        return done.stdout + done.stderr

    return run


def test_a_script_moves_by_changing_an_import(script: Callable[..., str]) -> None:
    assert script("from v6sim.testing import ClientMockProtocol", "script.py") == "[2]\n"


def test_a_script_runs_as_it_is(script: Callable[..., str]) -> None:
    genuine = "import algo\nfrom vantage6.tools.mock_client import ClientMockProtocol"
    assert "No module named" in script(genuine, "script.py")
    assert script(genuine, "-m", "v6sim.testing", "script.py") == "[2]\n"
    said = script(genuine, "-m", "v6sim.testing", "gone.py")
    assert said.startswith("error: there is no file 'gone.py'")
