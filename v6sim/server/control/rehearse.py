"""What would happen: a request by some user, of which nothing lasts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from fastapi import APIRouter, Request, Response
from sqlmodel import select
from starlette.types import ASGIApp, Message, Scope

from v6sim.server.access.callers import Kind
from v6sim.server.control.decisions import shape
from v6sim.server.errors import Invalid, NotFound
from v6sim.server.operations.call import Core
from v6sim.server.store.tables import User
from v6sim.server.v3.answers import Json
from v6sim.server.v3.bodies import read_raw, receive
from v6sim.server.v3.long_bodies import joined
from v6sim.server.v3.requests import REHEARSAL, core_of

router = APIRouter()


@dataclass(frozen=True)
class Wanted:
    """A request to try out."""

    username: str
    method: str
    path: str
    body: Any = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """What a body asks for.

        Raises:
            Invalid: something is missing or no text.
        """
        username, method, path = (given.get(name) for name in ("username", "method", "path"))
        if not all(isinstance(text, str) for text in (username, method, path)):
            raise Invalid("'username', 'method' and 'path' have to be texts")
        if not (str(method).isascii() and str(method).isalpha()):
            raise Invalid(f"{method!r:.30} is no method of HTTP, such as GET")
        return cls(str(username), str(method), str(path), given.get("body"))


@router.post("/explain")
async def explain(request: Request) -> Response:
    """The status and body that a request would get, and the decisions behind it."""
    await receive(request)
    wanted = Wanted.of(joined(read_raw(request)))
    return Json(await rehearse(request.app.state.api, request.scope, core_of(request), wanted))


async def rehearse(api: ASGIApp, scope: Scope, core: Core, wanted: Wanted) -> dict[str, Any]:
    """What would come of a request: its `status` and `body`, and the `decisions` behind them.

    Args:
        api: what would answer it.
        scope: how the one who asks is connected.
        core: the server's shared parts.
        wanted: the request.

    Raises:
        NotFound: there is no such user.
        Invalid: its path is none of the API, or takes or gives credentials.
    """
    with core.store.session() as session:
        key = session.exec(select(User.id).where(User.username == wanted.username)).first()
    if key is None:
        raise NotFound("user", wanted.username)
    state: dict[str, Any] = {REHEARSAL: True}
    token = core.tokens.access(key, Kind.USER)
    asked = _scope(scope, core.settings.api_path, wanted, token, state)
    status, body = await _ask(api, asked, wanted)
    if "declined" in state:
        raise Invalid(state["declined"])
    with core.store.session() as session:
        decisions = [shape(session, record) for record in state.get("records", ())]
    return {"status": status, "body": body, "decisions": decisions}


def _scope(
    around: Scope, prefix: str, wanted: Wanted, token: str, state: dict[str, Any]
) -> dict[str, Any]:
    """The request as a server takes it."""
    path, _, query = wanted.path.partition("?")
    if path.startswith("/_v6sim"):
        raise Invalid(f"{path} is not part of the API: only its paths can be explained")
    path = path if path.startswith(f"{prefix}/") else f"{prefix}{path}"
    method = wanted.method.upper().replace("HEAD", "GET")
    headers = {"host": "localhost", "authorization": f"Bearer {token}"}
    if wanted.body is not None:
        headers["content-type"] = "application/json"
    return {
        **{key: around[key] for key in ("type", "asgi", "http_version", "scheme", "server")},
        "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "client": around["client"],
        "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        "state": state,
    }  # fmt: skip


async def _ask(api: ASGIApp, scope: Scope, wanted: Wanted) -> tuple[int, Any]:
    """Put the request to this very server, without a network."""
    content = b"" if wanted.body is None else json.dumps(wanted.body).encode()
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content}

    async def send(message: Message) -> None:
        said.append(message)

    await api(scope, receive, send)
    body = b"".join(part.get("body", b"") for part in said[1:])
    is_json = dict(said[0]["headers"]).get(b"content-type", b"").startswith(b"application/json")
    return said[0]["status"], json.loads(body) if is_json and body else body.decode()
