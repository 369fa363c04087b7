"""Lost and changed passwords, lost second factors (reference: auth, sections 2 and 3)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from v6sim.server.errors import Invalid
from v6sim.server.operations import accounts, nodes
from v6sim.server.operations.call import Call
from v6sim.server.v3 import docs
from v6sim.server.v3.answers import Json, message
from v6sim.server.v3.bodies import read_raw
from v6sim.server.v3.requests import AnonymousDep, asks
from v6sim.server.v3.tokens import FactorShape, factor_answer
from v6sim.wire.excerpt import excerpt

router = APIRouter(tags=["recover"])

CHANGE = docs.properties({"current_password": "string", "new_password": "string"})
LOST = docs.properties(username="string", email="string")
RESET = docs.properties({"reset_token": "string", "password": "string"})
LOST_FACTOR = docs.properties({"password": "string"}, username="string", email="string")
RESET_FACTOR = docs.properties({"reset_token": "string"})
NODE = docs.properties({"id": "integer"})
_NEUTRAL = "if this account exists, a mail is on its way"


class ApiKeyShape(TypedDict):
    """A new API key."""

    api_key: str


@router.patch("/password/change", **docs.route(docs.Message, body=CHANGE))
async def change_password(
    call: Annotated[Call, asks("password.change")], request: Request
) -> Response:
    """Change one's own password."""
    body = read_raw(request)
    current, new = _text(body, "current_password"), _text(body, "new_password")
    accounts.change_password(call, current, new)
    return message("the password is changed")


@router.post("/recover/lost", **docs.route(docs.Message, body=LOST, secured=False))
async def lose_password(call: AnonymousDep, request: Request) -> Response:
    """Have a token mailed with which a lost password can be replaced."""
    accounts.send_reset_token(call, *_account(read_raw(request)))
    return message(_NEUTRAL)


@router.post("/recover/reset", **docs.route(docs.Message, body=RESET, secured=False))
async def reset_password(call: AnonymousDep, request: Request) -> Response:
    """Replace a lost password."""
    body = read_raw(request)
    accounts.reset_password(call, _text(body, "reset_token"), _text(body, "password"))
    return message("the password is reset")


@router.post("/recover/2fa/lost", **docs.route(docs.Message, body=LOST_FACTOR, secured=False))
async def lose_factor(call: AnonymousDep, request: Request) -> Response:
    """Have a token mailed with which a lost second factor can be replaced."""
    body = read_raw(request)
    username, email = _account(body)
    if not body.get("password"):
        raise Invalid("'password' is missing")
    accounts.send_factor_token(call, username, email, body["password"])
    return message(_NEUTRAL)


@router.post("/recover/2fa/reset", **docs.route(FactorShape, body=RESET_FACTOR, secured=False))
async def reset_factor(call: AnonymousDep, request: Request) -> Response:
    """Replace a lost second factor."""
    body = read_raw(request)
    return factor_answer(accounts.reset_factor(call, _text(body, "reset_token")))


@router.post("/recover/node", **docs.route(ApiKeyShape, body=NODE))
async def renew_api_key(call: Annotated[Call, asks("node.new key")], request: Request) -> Response:
    """A new API key for a node."""
    key = read_raw(request).get("id")
    if not key:
        raise Invalid("'id' is missing")
    return Json({"api_key": nodes.renew_key(call, key)})


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not value:
        raise Invalid(f"{name!r} is missing")
    if not isinstance(value, str):
        raise Invalid(f"{name!r} has to be a text, not {excerpt(value)}")
    return value


def _account(body: Mapping[str, Any]) -> tuple[str | None, str | None]:
    username, email = body.get("username"), body.get("email")
    if not username and not email:
        raise Invalid("'username' or 'email' is needed")
    if isinstance(username, list | dict) or isinstance(email, list | dict):
        raise Invalid("'username' and 'email' have to be texts")
    return (str(username) if username else None), (str(email) if email else None)
