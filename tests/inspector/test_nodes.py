"""What is seen of nodes that run beside the server: what left them, and the environment of runs."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.inspector.conftest import Reader
from v6sim import Sandbox, World

ALGORITHM = """
def RPC_rows(data):
    return {"count": 2, "ages": data["age"].tolist()}
"""
PEOPLE = {"researcher": "Researcher-1", "researcher2": "Researcher-2", "root": "root"}


def world(*, encrypted: bool) -> World:
    """The manual's, with a secret among the variables of the first node."""
    made = World.load("manual")
    [collaboration] = made.collaborations
    first, *others = collaboration.participants
    first = first.model_copy(update={"algorithm_env": {"DB_PASSWORD": "hush", "LEVEL": "3"}})
    changes = {"encrypted": encrypted, "participants": [first, *others]}
    return made.model_copy(update={"collaborations": [collaboration.model_copy(update=changes)]})


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "encrypted"])
def box(request, tmp_path_factory) -> Iterator[Sandbox]:
    package = tmp_path_factory.mktemp("algorithm") / "rows.py"
    package.write_text(ALGORITHM)
    with Sandbox(world(encrypted=request.param), executor="inline") as box:
        box.run(package, "rows", user="researcher", organizations=["example_org1", "example_org2"])
        yield box


@pytest.fixture
def read(box):
    """What a user reads on a page."""

    def seen(username: str, path: str) -> str:
        with httpx.Client(base_url=box.url, trust_env=False, timeout=30) as http:
            page = http.get("/_v6sim/ui/login").text
            [token] = re.findall(r'name="token" value="(\w+)"', page)
            form = {"username": username, "password": PEOPLE[username], "token": token}
            http.post("/_v6sim/ui/login", data=form)
            return Reader(http.get(f"/_v6sim{path}").text).text

    return seen


def is_encrypted(box: Sandbox) -> bool:
    return box.world.collaborations[0].encrypted


def test_what_left_is_shown_with_findings(read) -> None:
    text = read("root", "/ui/egress")
    assert "2 results" in text
    assert "row-length" in text
    assert "'ages': [" in text


def test_who_may_see_a_run_sees_what_left_because_of_it(read, box) -> None:
    text = read("researcher2", "/ui/egress?task=1")
    assert "2 results" in text
    assert "row-length" in text


def test_what_is_encrypted_is_read_by_those_alone_whom_it_concerns(read, box) -> None:
    """Both results are for the first organization; the second one has sent one of them."""
    assert read("researcher", "/ui/egress?task=1").count("'ages': [") == 4  # preview and content
    others = read("researcher2", "/ui/egress?run=1")
    assert ("'ages'" in others) is not is_encrypted(box)
    assert ("values, which are those of column" in others) is not is_encrypted(box)
    assert "'ages': [" in read("researcher2", "/ui/egress?run=2")


def test_an_organization_that_takes_the_name_of_another_reads_nothing_of_it(read, box) -> None:
    with box.own_client("root") as root:
        before = root.ask("GET", "/organization/2")["name"]
        other = root.ask("GET", "/organization/1")["name"]
        root.ask("PATCH", "/organization/2", json={"name": other})
        try:
            others = read("researcher2", "/ui/egress?run=1")
        finally:
            root.ask("PATCH", "/organization/2", json={"name": before})
    assert ("'ages'" in others) is not is_encrypted(box)
    assert ("row-length" in others) is not is_encrypted(box)


def test_a_payload_that_is_encrypted_is_not_shown(read, box) -> None:
    text = read("researcher", "/ui/runs/1")
    assert ("private key of the organization" in text) is is_encrypted(box)
    assert ('"ages"' in text) is not is_encrypted(box)


def test_the_environment_is_shown_to_the_own_organization_without_secrets(read) -> None:
    text = read("researcher", "/ui/runs/1")
    assert "LEVEL 3" in text
    assert "DB_PASSWORD (hidden)" in text
    assert "hush" not in text
    assert "org1.csv" in text
    others = read("researcher2", "/ui/runs/1").partition("Environment")[2]
    assert "It is shown to users of the organization" in others
    assert "LEVEL" not in others
    assert "LEVEL 3" in read("root", "/ui/runs/1")
