"""Signing in (reference: server-api, section 3.2; auth, section 1.2)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from v6sim.server.access.callers import Kind
from v6sim.server.access.second_factor import Factor
from v6sim.server.errors import Invalid
from v6sim.server.operations import logins
from v6sim.server.operations.call import Call
from v6sim.server.v3 import docs
from v6sim.server.v3.answers import Json, message
from v6sim.server.v3.bodies import read_raw
from v6sim.server.v3.requests import AnonymousDep, asks, bearer
from v6sim.wire.excerpt import excerpt

router = APIRouter(tags=["token"])


class TokensShape(TypedDict):
    """Tokens."""

    access_token: str
    refresh_token: str


class SignedInShape(TokensShape):
    """Tokens, and where to have them renewed."""

    refresh_url: str


class UserTokensShape(SignedInShape):
    """Tokens of a user, and where to find out more about them."""

    user_url: str


class NodeTokensShape(SignedInShape):
    """Tokens of a node, and where to find out more about it."""

    node_url: str


class ContainerTokenShape(TypedDict):
    """The token of an algorithm."""

    container_token: str


class FactorShape(TypedDict):
    """A new second factor."""

    qr_uri: str
    otp_secret: str
    msg: str


LOGIN = docs.properties({"username": "string", "password": "string"}, mfa_code="string")
NODE_LOGIN = docs.properties({"api_key": "string"})
CONTAINER = docs.properties({"task_id": "integer", "image": "string"})


@router.post(
    "/token/user",
    **docs.route(
        UserTokensShape | FactorShape | docs.Message, body=LOGIN, secured=False,
        headers=docs.TOKEN_HEADER,
    ),
)  # fmt: skip
async def log_in_user(call: AnonymousDep, request: Request) -> Response:
    """Sign in by name and password, and a code where the server wants a second factor."""
    body = read_raw(request)
    username, password = body.get("username"), body.get("password")
    if password and not username:
        raise Invalid("'username' is missing")
    if isinstance(username, list | dict):
        raise Invalid("'username' has to be a text")
    code = body.get("mfa_code")
    name = None if username is None else str(username)
    match logins.log_in(call, name, password, str(code) if code else None):
        case logins.SignedIn() as signed_in:
            return _answer(call, signed_in)
        case logins.FactorToSetUp(factor):
            return factor_answer(factor)
    return message("a code of the second factor is needed: send it as 'mfa_code'")


@router.post(
    "/token/node",
    **docs.route(NodeTokensShape, body=NODE_LOGIN, secured=False, headers=docs.TOKEN_HEADER),
)
async def log_in_node(call: AnonymousDep, request: Request) -> Response:
    """Sign in by API key."""
    key = read_raw(request).get("api_key")
    if not key:
        raise Invalid("'api_key' is missing")
    if not isinstance(key, str):
        raise Invalid(f"'api_key' has to be a text, not {excerpt(key)}")
    signed_in = logins.log_in_node(call, key)
    return _answer(call, signed_in)


@router.post("/token/container", **docs.route(ContainerTokenShape, body=CONTAINER))
async def create_container_token(
    call: Annotated[Call, asks("container token.create")], request: Request
) -> Response:
    """A token for an algorithm that the calling node is about to run."""
    body = read_raw(request)
    if body.get("task_id") is None:
        raise Invalid("'task_id' is missing")
    token = logins.container_token(call, body["task_id"], body.get("image"))
    return Json({"container_token": token})


@router.post("/token/refresh", **docs.route(TokensShape))
async def refresh_token(call: AnonymousDep, request: Request) -> Response:
    """A new access token; also a refresh token, which clients from 3.8 on expect."""
    signed_in = logins.refresh(call, bearer(request))
    return Json({"access_token": signed_in.access, "refresh_token": signed_in.refresh})


def factor_answer(factor: Factor) -> Response:
    """What a client needs to set up a second factor."""
    text = "set up the second factor in an authenticator app, then log in with its code"
    return Json({"qr_uri": factor.uri, "otp_secret": factor.secret, "msg": text})


def _answer(call: Call, signed_in: logins.SignedIn) -> Response:
    """The tokens, one of them in a header too."""
    prefix = call.core.settings.api_path
    tokens: SignedInShape = {
        "access_token": signed_in.access,
        "refresh_token": signed_in.refresh,
        "refresh_url": f"{prefix}/token/refresh",
    }
    whose: UserTokensShape | NodeTokensShape
    if signed_in.kind is Kind.USER:
        whose = {**tokens, "user_url": f"{prefix}/user/{signed_in.id}"}
    else:
        whose = {**tokens, "node_url": f"{prefix}/node/{signed_in.id}"}
    return Json(whose, headers={"jwt-token": signed_in.access})
