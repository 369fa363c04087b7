"""The rules and default roles are those of the reference."""

import pytest

from tests.conftest import Caller
from v6sim.server.access.roles import DEFAULT_ROLES
from v6sim.server.access.rules import RULES, Operation, Scope, describe, rule
from v6sim.world import DEFAULT_ROLES as NAMES_IN_WORLDS

NUMBERS = {"Root": 53, "container": 7, "node": 9, "Viewer": 12, "Researcher": 14,
           "Organization Admin": 24, "Collaboration Admin": 37}  # fmt: skip


def test_there_are_53_different_rules() -> None:
    assert len(RULES) == len(set(RULES)) == 53


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "node V-glo"), (8, "node D-org"), (16, "organization V-col"), (23, "task C-org"),
     (34, "user E-own"), (45, "role D-org"), (48, "event V-org"), (53, "event C-glo")],
)  # fmt: skip
def test_a_rule_has_the_id_of_the_reference(number: int, text: str) -> None:
    assert RULES[number - 1] == rule(text)


def test_every_rule_is_described_in_its_own_words() -> None:
    assert len({describe(key) for key in RULES}) == 53


def test_the_default_roles_have_as_many_rules_as_in_the_reference() -> None:
    assert {role.name: len(role.rules) for role in DEFAULT_ROLES} == NUMBERS


def test_worlds_know_the_same_default_roles() -> None:
    assert [role.name for role in DEFAULT_ROLES] == list(NAMES_IN_WORLDS)


async def test_the_server_shows_them_with_their_ids(calling) -> None:
    root: Caller = await calling("root")
    rules = await root("GET", "/rule")
    assert [(row["name"], row["operation"], row["scope"]) for row in rules] == [
        (key.resource, key.operation, key.scope) for key in RULES
    ]
    roles = await root("GET", "/role")
    assert {row["name"]: row["id"] for row in roles} == {
        name: number for number, name in enumerate(NUMBERS, 1)
    }


def test_scopes_and_operations_are_written_as_on_the_wire() -> None:
    assert rule("task C-org") == ("task", Scope.ORGANIZATION, Operation.CREATE)
    assert str(rule("task C-org")) == "task CREATE ORGANIZATION"
