"""Roles (reference: server-api, section 3.4)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import or_
from sqlmodel import col, select

from v6sim.server.operations import roles
from v6sim.server.operations.call import Call
from v6sim.server.store.find import whole
from v6sim.server.store.tables import Role, RoleRule, UserRole
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json, message
from v6sim.server.v3.bodies import (
    Form,
    as_text,
    ids,
    number,
    numbers,
    read_json,
    read_raw_or_other,
    text,
)
from v6sim.server.v3.kept import KeptRoute
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list
from v6sim.server.v3.requests import Key, RuleId, asks
from v6sim.server.v3.shapes.roles import RoleShape, role_shapes
from v6sim.server.v3.shapes.rules import RuleShape, rule_shapes

router = APIRouter(prefix="/role", tags=["role"], route_class=KeptRoute)

FILTERS = {
    "name": filters.like_any(Role.name),
    "description": filters.like_any(Role.description),
    "rule_id": filters.within(
        Role.id, lambda key: select(RoleRule.role_id).where(RoleRule.rule_id == key)
    ),
    "user_id": filters.within(
        Role.id, lambda key: select(UserRole.role_id).where(UserRole.user_id == key)
    ),
}
NEW = Form(
    text("name", required=True),
    text("description", required=True),
    numbers("rules"),
    number("organization_id"),
)
CHANGES = docs.properties(name="string", description="string", rules="array")


@router.get("", **docs.listing(RoleShape, [*FILTERS, "organization_id", "include_root"]))
async def list_roles(call: Annotated[Call, asks("role.list")], request: Request) -> Response:
    """The roles that one may see; with `include_root`, default ones beside an organization's."""
    statement = filters.apply(roles.visible(call), request, FILTERS)
    statement = _of_organizations(statement, request)
    return answer_list(call, request, statement.order_by(col(Role.id)), role_shapes)


def _of_organizations(statement: Any, request: Request) -> Any:
    if not (given := request.query_params.getlist("organization_id")):
        return statement
    keys = [key for value in given if (key := whole(value)) is not None]
    condition: Any = col(Role.organization_id).in_(keys)
    if request.query_params.get("include_root"):
        condition = or_(condition, col(Role.organization_id).is_(None))
    return statement.where(condition)


@router.post("", **docs.route(RoleShape, status=201, body=NEW))
async def create_role(call: Annotated[Call, asks("role.create")], request: Request) -> Response:
    """Make a role of an organization."""
    given = NEW.read(request)
    role = roles.create(
        call, given["name"], given["description"], given["rules"] or (), given["organization_id"]
    )
    return Json(role_shapes(View(call), [role])[0], 201)


@router.get("/{key:int}", **docs.route(RoleShape))
async def get_role(call: Annotated[Call, asks("role.view")], key: Key) -> Response:
    """One role."""
    return Json(role_shapes(View(call), [roles.view(call, key)])[0])


@router.patch("/{key:int}", **docs.route(RoleShape, body=CHANGES))
async def edit_role(
    call: Annotated[Call, asks("role.edit")], request: Request, key: Key
) -> Response:
    """Change a role's name or description, or replace its rules."""
    read_json(request)  # what cannot be read is refused before anything else
    role = roles.edit(
        call,
        key,
        lambda: read_raw_or_other(request).get("name"),
        lambda: _changes(read_raw_or_other(request)),
    )
    return Json(role_shapes(View(call), [role])[0])


@router.delete("/{key:int}", **docs.route(docs.Message))
async def delete_role(call: Annotated[Call, asks("role.delete")], key: Key) -> Response:
    """Delete a role."""
    roles.remove(call, key)
    return message(f"role {key} is deleted")


@router.get("/{key:int}/rule", **docs.listing(RuleShape))
async def list_rules_of_role(
    call: Annotated[Call, asks("role.rules")], request: Request, key: Key
) -> Response:
    """The rules in a role."""
    return answer_list(call, request, roles.rules_of(call, key), rule_shapes)


@router.post("/{key:int}/rule/{rule_id:int}", **docs.route(docs.Nothing, status=201))
async def add_rule(
    call: Annotated[Call, asks("role.add rule")], key: Key, rule_id: RuleId
) -> Response:
    """Put a rule into a role; the answer is empty, as upstream."""
    roles.add_rule(call, key, rule_id)
    return Json({}, 201)


@router.delete("/{key:int}/rule/{rule_id:int}", **docs.route(docs.Nothing))
async def remove_rule(
    call: Annotated[Call, asks("role.remove rule")], key: Key, rule_id: RuleId
) -> Response:
    """Take a rule out of a role; the answer is empty, as upstream."""
    roles.remove_rule(call, key, rule_id)
    return Json({})


def _changes(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any] | None]:
    names = [name for name in ("name", "description") if name in body]
    return {name: as_text(body[name], name) for name in names}, ids(body, "rules")
