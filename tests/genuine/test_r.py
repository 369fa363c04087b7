"""R's way: its client and its algorithms, with the libraries that they use, by the same calls."""

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest

from tests.commands import PATIENCE, running
from tests.components import lacking
from tests.genuine.federation import manual

HERE = Path(__file__).parent
ALGORITHM = HERE / "algorithms" / "r_mean"
IMAGE = "registry.example/r-mean"
PARTS = [{"sum": 253, "count": 4}, {"sum": 173, "count": 4}, {"sum": 213, "count": 4}]
SECRET = "signs the tokens of these tests alone"
MEAN = [{"mean": 53.25}]


@cache
def r_is_there() -> bool:
    asked = ["Rscript", "-e", "library(httr); library(jsonlite)"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The manual's world with an algorithm in R."""
    if not r_is_there():
        lacking("R with httr and jsonlite", ".ci/r")
    world = manual()
    world["algorithms"] = {IMAGE: {"package": str(ALGORITHM), "command": ["Rscript", "run.R"]}}
    world["settings"] = {"jwt_secret_key": SECRET}
    (tmp_path / "world.json").write_text(json.dumps(world))
    with running("up", "--world", tmp_path / "world.json", "--port", "0") as (_, address):
        yield address


def test_a_user_of_r_gets_results_of_algorithms_in_r(address: str, tmp_path: Path) -> None:
    url = urlsplit(address)
    about = (ALGORITHM, f"http://{url.netloc}", url.path, "researcher", "Researcher-1", IMAGE)
    claims = {"sub": 2, "type": "access", "jti": "1", "client_type": "user", "exp": 1}
    expired = jwt.encode(claims, SECRET)
    said = subprocess.run(
        ["Rscript", HERE / "scripts" / "client.R", *about, expired, tmp_path / "seen.json"],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert seen["collaborations"] == ["example_collab1"]
    assert seen["json"] == seen["rds"] == seen["bare"] == PARTS
    assert seen["wrong"] == [{"error": 'could not find function "RPC_nothing"'}]
    assert seen["master json"] == seen["master bare"] == MEAN
    assert (seen["name"], seen["refreshed"]) == ("researcher", True)
