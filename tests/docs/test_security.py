"""What the page on security says is so: the tests that it names, limits, and routes."""

import re

import pytest

from tests.docs.page import ROOT
from v6sim.node.proxy_routes import ROUTES
from v6sim.server.settings import Settings
from v6sim.wire.sizes import parse_size

_PAGE = (ROOT / "docs" / "security.md").read_text()
_NAMED = re.findall(r"`(tests/\S+\.py)::(\w+)`", _PAGE)
_LIMITS = dict(re.findall(r"^\| `(max_\w+)` \| ([^|]+?) \|", _PAGE, re.MULTILINE))
_UNITS = {"million": 10**6}


@pytest.mark.parametrize(("file", "name"), _NAMED)
def test_what_is_said_to_hold_a_threat_is_a_test(file: str, name: str) -> None:
    text = (ROOT / file).read_text()
    assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE)


def test_each_threat_names_its_test() -> None:
    threats = _PAGE.partition("## Threats")[2].split("\n")
    rows = [line for line in threats if line.startswith("|")][2:]
    assert len(rows) == len(_NAMED) > 20
    assert all("::test_" in row for row in rows)


@pytest.mark.parametrize("name", sorted(_LIMITS))
def test_its_limits_are_the_defaults(name: str) -> None:
    said, default = _LIMITS[name], Settings.model_fields[name].default
    if name == "max_body":
        assert default is None
    else:
        number, unit = said.split()
        said_number = int(number) * _UNITS[unit] if unit in _UNITS else parse_size(said)
        assert said_number == default


def test_each_limit_of_a_setting_stands_there() -> None:
    assert set(_LIMITS) == {name for name in Settings.model_fields if name.startswith("max_")}


def test_what_an_algorithm_can_ask_for_is_the_list_of_the_proxy() -> None:
    page = (ROOT / "docs" / "running.md").read_text()
    section = page.partition("## What an algorithm can ask for")[2]
    listed = section.split("```")[1].removeprefix("text\n").split("\n")
    assert [line for line in listed if line] == sorted(ROUTES)
