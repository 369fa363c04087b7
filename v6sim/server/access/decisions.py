"""Decisions: may this caller do that, and why."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from v6sim.server.access.actions import ACTIONS, USERS, Action, Grant, Reach
from v6sim.server.access.callers import Caller
from v6sim.server.access.rules import RuleKey


@dataclass(frozen=True)
class Target:
    """What an action is about, as far as it matters for the decision.

    Args:
        text: how messages name it.
        organization_id: the organization it belongs to.
        members: ids of the organizations of the collaboration it belongs to.
        identity_id: of the user or node it is or belongs to.
        role_id: of the role it is.
    """

    text: str
    organization_id: int | None = None
    members: Collection[int] = ()
    identity_id: int | None = None
    role_id: int | None = None


@dataclass(frozen=True)
class Decision:
    """Whether a caller may do something, and why.

    Args:
        caller: who asked.
        action: what was asked.
        target: about what; None for a list, from which each sees what they may.
        held: the grants that the caller has, whatever the target.
        fitting: the grants that would allow it, whoever has them.
        obstacle: what else stands in the way, whatever one may; empty if nothing does.
    """

    caller: Caller
    action: Action
    target: Target | None
    held: tuple[Grant, ...]
    fitting: tuple[Grant, ...]
    obstacle: str = ""

    @cached_property
    def by(self) -> Grant | None:
        """The grant that allowed it; None if it was refused."""
        if self.obstacle:
            return None
        return next((grant for grant in self.fitting if grant in self.held), None)

    @property
    def allowed(self) -> bool:
        """Whether the caller may."""
        return self.by is not None

    @property
    def reaches(self) -> frozenset[Reach]:
        """Which things the caller may do it with."""
        return frozenset(grant.reach for grant in self.held)

    def __str__(self) -> str:
        """One sentence: who, what, and which rules it takes."""
        what = f"{self.action.name}{f' ({self.target.text})' if self.target else ''}"
        if self.by:
            return f"{self.caller} may {what}: {self.by.rule or 'everybody may'}"
        if self.obstacle:
            return f"{self.caller} may not {what}: {self.obstacle}"
        if self.caller.kind not in self.action.callers:
            kinds = ", ".join(sorted(self.action.callers))
            return f"{self.caller} may not {what}: only for callers of kind {kinds}"
        needed = " or ".join(sorted({str(grant.rule) for grant in self.fitting if grant.rule}))
        return f"{self.caller} may not {what}: {f'it takes {needed}' if needed else 'nobody may'}"


def decide(
    caller: Caller, action: str, target: Target | None = None, obstacle: str = ""
) -> Decision:
    """Look up whether `caller` may do `action`; without a target, whether with anything at all."""
    return _decide(caller, ACTIONS[action], target, obstacle)


def decide_hand_out(caller: Caller, rule: RuleKey) -> Decision:
    """Whether `caller` may give or take a rule: they have to hold it, exactly."""
    asked = Action("rule.hand out", USERS, (Grant(rule, Reach.ANYTHING),))
    return _decide(caller, asked, Target(str(rule)), "")


def _decide(caller: Caller, asked: Action, target: Target | None, obstacle: str) -> Decision:
    if caller.kind not in asked.callers:
        return Decision(caller, asked, target, (), (), obstacle)
    held = tuple(
        grant for grant in asked.grants if grant.rule is None or grant.rule in caller.rules
    )
    fitting = tuple(
        grant for grant in asked.grants if target is None or _covers(grant.reach, caller, target)
    )
    return Decision(caller, asked, target, held, fitting, obstacle)


def _covers(reach: Reach, caller: Caller, target: Target) -> bool:
    match reach:
        case Reach.ANYTHING:
            return True
        case Reach.ORGANIZATION:
            return caller.organization_id is not None and (
                caller.organization_id == target.organization_id
            )
        case Reach.COLLABORATION:
            return caller.organization_id in target.members
        case Reach.ONESELF:
            return caller.id == target.identity_id
        case Reach.HELD:
            return target.role_id in caller.roles
        case Reach.DEFAULT:
            return target.role_id is not None and target.organization_id is None
    return False
