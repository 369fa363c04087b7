"""Users (reference: server-api, section 3.5)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from v6sim.server.operations import users
from v6sim.server.operations.call import Call
from v6sim.server.store.tables import Identity, User, UserRole, UserRule
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json, message
from v6sim.server.v3.bodies import Form, ids, number, numbers, read_raw, text
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list
from v6sim.server.v3.requests import Key, asks
from v6sim.server.v3.shapes.users import UserShape, user_shapes

router = APIRouter(prefix="/user", tags=["user"])

FILTERS = {
    "username": filters.like(User.username),
    "firstname": filters.like(User.firstname),
    "lastname": filters.like(User.lastname),
    "email": filters.like(User.email),
    "organization_id": filters.equal(User.organization_id),
    "role_id": filters.within(
        User.id, lambda key: select(UserRole.user_id).where(UserRole.role_id == key)
    ),
    "rule_id": filters.within(
        User.id, lambda key: select(UserRule.user_id).where(UserRule.rule_id == key)
    ),
    "last_seen_from": filters.since(Identity.last_seen),
    "last_seen_till": filters.until(Identity.last_seen),
}
_NAMES = ("username", "firstname", "lastname", "email")
NEW = Form(
    text("username", required=True),
    text("firstname", required=True),
    text("lastname", required=True),
    text("password", required=True),
    text("email", required=True),
    number("organization_id"),
    numbers("roles"),
    numbers("rules"),
)
CHANGES = Form(*(text(name) for name in _NAMES), number("organization_id"))


@router.get("", **docs.listing(UserShape, FILTERS))
async def list_users(call: Annotated[Call, asks("user.list")], request: Request) -> Response:
    """The users that one may see."""
    statement = filters.apply(users.visible(call), request, FILTERS)
    return answer_list(call, request, statement.order_by(col(User.id)), user_shapes)


@router.post("", **docs.route(UserShape, status=201, body=NEW))
async def create_user(call: Annotated[Call, asks("user.create")], request: Request) -> Response:
    """Make a user."""
    given = NEW.read(request)
    user = users.create(
        call,
        **{name: given[name] for name in _NAMES},
        password=given["password"],
        organization_id=given["organization_id"],
        role_ids=given["roles"] or (),
        rule_ids=given["rules"] or (),
    )
    return Json(user_shapes(View(call), [user])[0], 201)


@router.get("/{key:int}", **docs.route(UserShape))
async def get_user(call: Annotated[Call, asks("user.view")], key: Key) -> Response:
    """One user."""
    return Json(user_shapes(View(call), [users.view(call, key)])[0])


@router.patch("/{key:int}", **docs.route(UserShape, body=CHANGES))
async def edit_user(
    call: Annotated[Call, asks("user.edit")], request: Request, key: Key
) -> Response:
    """Change a user, or replace their roles and extra rules."""
    user = users.edit(call, key, lambda: _changes(request))
    return Json(user_shapes(View(call), [user])[0])


@router.delete("/{key:int}", **docs.route(docs.Message))
async def delete_user(call: Annotated[Call, asks("user.delete")], key: Key) -> Response:
    """Delete a user."""
    users.remove(call, key)
    return message(f"user {key} is deleted")


def _changes(request: Request) -> users.UserChanges:
    fields, body = CHANGES.read(request), read_raw(request)
    fields["password"] = body.get("password")
    return users.UserChanges(fields, ids(body, "roles"), ids(body, "rules"))
