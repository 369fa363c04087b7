"""Which role may do what: the table of actions, seen from roles."""

from collections.abc import Collection

from v6sim.server.access.actions import Action, Reach
from v6sim.server.access.roles import CONTAINER, NODE
from v6sim.server.access.rules import RuleKey

SIGNS = {
    Reach.COLLABORATION: "collaborations",
    Reach.ORGANIZATION: "organization",
    Reach.ONESELF: "oneself",
    Reach.HELD: "own roles",
    Reach.DEFAULT: "default roles",
}
EVERYTHING = "all"


def cell(action: Action, role: str, rules: Collection[RuleKey]) -> str:
    """With which things a role may do something; empty for none.

    Args:
        action: what it is about.
        role: name of the role; those of nodes and containers are for callers of that kind alone.
        rules: the rules of the role.
    """
    if (role if role in (NODE, CONTAINER) else "user") not in action.callers:
        return ""
    reaches = {grant.reach for grant in action.grants if grant.rule is None or grant.rule in rules}
    if Reach.ANYTHING in reaches:
        return EVERYTHING
    return ", ".join(sign for reach, sign in SIGNS.items() if reach in reaches)
