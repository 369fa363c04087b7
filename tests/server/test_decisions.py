"""Decisions carry their reasons."""

from v6sim.server.access.callers import Caller, Kind
from v6sim.server.access.decisions import Target, decide
from v6sim.server.access.roles import DEFAULT_ROLES
from v6sim.server.access.rules import rule

ROLES = {role.name: frozenset(role.rules) for role in DEFAULT_ROLES}
TASK = Target("task 7", organization_id=3, members={2, 3, 4})


def user(role: str, organization_id: int = 2) -> Caller:
    return Caller(Kind.USER, 5, "alice", organization_id, ROLES[role])


def test_a_decision_says_which_rule_allowed_it() -> None:
    decision = decide(user("Researcher"), "task.delete", TASK)
    assert decision.allowed
    assert decision.by
    assert decision.by.rule == rule("task D-org")
    assert str(decision) == "user 'alice' may task.delete (task 7): task DELETE ORGANIZATION"


def test_a_refusal_says_which_rules_it_would_take() -> None:
    decision = decide(user("Viewer"), "task.delete", TASK)
    assert not decision.allowed
    assert {grant.rule for grant in decision.fitting} == {rule("task D-glo"), rule("task D-org")}
    assert str(decision).endswith("it takes task DELETE GLOBAL or task DELETE ORGANIZATION")


def test_outside_the_collaboration_only_a_global_rule_would_do() -> None:
    decision = decide(user("Researcher", organization_id=9), "task.delete", TASK)
    assert not decision.allowed
    assert [grant.rule for grant in decision.fitting] == [rule("task D-glo")]


def test_a_wider_rule_does_not_contain_a_narrower_one() -> None:
    caller = Caller(Kind.USER, 5, "alice", 2, frozenset({rule("task V-glo")}))
    assert decide(caller, "task.view", TASK).allowed
    assert not decide(caller, "task.delete", TASK).allowed


def test_a_refusal_by_kind_of_caller_names_the_right_kinds() -> None:
    node = Caller(Kind.NODE, 5, "n", 2, ROLES["node"])
    decision = decide(node, "task.create", TASK)
    assert str(decision) == "node 'n' may not task.create (task 7): only for callers of kind user"


def test_everybody_may_see_themselves() -> None:
    nobody = Caller(Kind.USER, 5, "alice", 2, frozenset())
    assert decide(nobody, "user.view", Target("user 5", 2, identity_id=5)).allowed
    assert not decide(nobody, "user.view", Target("user 6", 2, identity_id=6)).allowed
