"""People: who may do what, what was decided of late, and what would happen if."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select
from starlette.responses import Response

from v6sim.inspector.asks import Ask
from v6sim.inspector.seen import Seen
from v6sim.server.access.actions import ACTIONS
from v6sim.server.access.matrix import cell
from v6sim.server.access.records import Record
from v6sim.server.control.decisions import shape
from v6sim.server.control.rehearse import Wanted, rehearse
from v6sim.server.errors import Invalid, NotFound, Refused
from v6sim.server.operations import rules
from v6sim.server.store.tables import Identity, Role, UserRole

_MOST = 60  # decisions
METHODS = ("GET", "POST", "PATCH", "DELETE")


def show(ask: Ask) -> Response:
    """Users, the matrix of roles, and decisions; `?refused=1` leaves refusals alone."""
    refused = ask.query("refused") == "1"
    with ask.seeing() as seen:
        roles = [] if ask.is_part else seen.roles()  # decisions alone are shown anew
        decisions = [shape(seen.session, each) for each in _decisions(ask, refused_only=refused)]
        return ask.page(
            "people", organizations=seen.organizations(), roles=roles, decisions=decisions,
            refused=refused, users=[] if ask.is_part else _users(seen, roles),
            matrix=[] if ask.is_part else _matrix(seen, roles),
        )  # fmt: skip


def show_what_if(ask: Ask) -> Response:
    """The form with which one tries out a request; the address may fill it in."""
    asked = {name: ask.query(name) for name in ("username", "method", "path")}
    return _what_if(ask, asked)


async def try_out(ask: Ask) -> Response:
    """What would come of a request; nothing of it lasts."""
    asked = {
        name: ask.form.get(name, "").strip() for name in ("username", "method", "path", "body")
    }
    visitor = ask.visitor
    if not visitor.sees_all and asked["username"] != visitor.name:
        raise Refused("only those who hold all global rules ask what others may")
    try:
        wanted = Wanted(asked["username"], asked["method"], asked["path"], _body(asked["body"]))
        if wanted.method not in METHODS:
            raise Invalid(f"the method {wanted.method!r} is none of {', '.join(METHODS)}")
        told = await rehearse(ask.house.server.api, ask.request.scope, ask.core, wanted)
    except (Invalid, NotFound) as error:
        return _what_if(ask, asked, 400, problem=str(error))
    body = told["body"]
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    return _what_if(ask, asked, told={**told, "text": text[:20_000]})


def _what_if(ask: Ask, asked: Mapping[str, str], status: int = 200, **content: Any) -> Response:
    with ask.seeing() as seen:
        names = sorted(user.username or "" for user in seen.users())
    names = names if ask.visitor.sees_all else [ask.visitor.name]
    return ask.page(
        "what_if", status, **{"names": names, "asked": {"body": "", **asked}, "methods": METHODS,
        "told": None, "problem": "", **content},
    )  # fmt: skip


def _body(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the body is not JSON: {error}") from None


def _decisions(ask: Ask, *, refused_only: bool) -> list[Record]:
    """Those of late: one's own, or everybody's for who sees all."""
    visitor, everything = ask.visitor, ask.core.records.recent(1000, refused_only=refused_only)
    if visitor.sees_all:
        return everything[:_MOST]
    return [each for each in everything if each.decision.caller == visitor.caller][:_MOST]


def _users(seen: Seen, roles: list[Role]) -> list[Mapping[str, Any]]:
    """Users, with the names of those of their roles that one sees, and whether they are there."""
    names = {role.id: role.name or "" for role in roles}
    held: dict[int, list[str]] = defaultdict(list)
    for row in seen.session.exec(select(UserRole).order_by(col(UserRole.role_id))):
        held[row.user_id].append(names.get(row.role_id, f"role {row.role_id}"))
    online = select(Identity.id).where(Identity.kind == "user", Identity.status == "online")
    there = set(seen.session.exec(online))
    return [
        {"user": user, "roles": held[user.id], "is_online": user.id in there}
        for user in seen.users()
    ]


def _matrix(seen: Seen, roles: list[Role]) -> list[tuple[str, list[str]]]:
    """For each action a row: with what each role may do it."""
    held = {
        role.id: frozenset(map(rules.key_of, rules.of_role(seen.session, role))) for role in roles
    }
    return [
        (action.name, [cell(action, _kind_of(role), held[role.id]) for role in roles])
        for action in ACTIONS.values()
    ]


def _kind_of(role: Role) -> str:
    """The name of a default role; a role of an organization may be called as it likes."""
    return role.name or "" if role.organization_id is None else ""
