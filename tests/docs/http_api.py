"""The page of the HTTP API, made from the server's own OpenAPI document and routes."""

import inspect
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import httpx
from fastapi.routing import APIRoute

from tests.docs.markdown import code, table
from v6sim.sandbox import Sandbox
from v6sim.server.app import _CONTROL
from v6sim.server.control.authentication import (
    allow_anybody,
    require_node,
    require_secret,
    require_token,
)

INTRODUCTION = """# HTTP API

The routes of vantage6 3.7.3, made from the server's own OpenAPI document. A server that runs shows
it at `/apidocs/`, to try out, and gives it at `/apispec_1.json`. Paths here are below the setting
`api_path`, `/api` unless it says otherwise.

* `POST /token/user` gives an access token; all other routes but the first few take it as
  `Authorization: Bearer <token>`.
* Lists are bare arrays with everything in them. `page` and `per_page` cut them into pages,
  `include=metadata` puts them into `{"data": [...], "links": {...}}`, and the header `total-count`
  says how many there are in all.
* What refers to something else has its `id`, and its `link`: a path that can be asked for.
* Errors are objects whose `msg` (of bodies that do not fit: `message`) is a text for people. The
  header `X-V6sim-Decision` of any answer leads to its reasons.
"""
SOCKETS = """## The web UI

The UI 3.7 works unmodified: in its `assets/env.js`, `server_url` is the address of the server
without a path, and `api_path` is `/api`. Its page has to be one of this machine's loopback, or of
an origin that `--allow-origin` names; a server that listens elsewhere answers any page.

## Socket.IO

At `/socket.io/`, which is not below `api_path`, in the namespace `/tasks`, with the access token in
the header `Authorization` of the first request; by polling or websocket. Users hear of
collaborations as far as their rules on `event` reach at that moment, and until their token expires.
Nodes may send `algorithm_status_change`, for their own runs, and `ping`; what others send under
these names is ignored.
"""
EVENTS = (
    ("`task_created`", "`task_id`, `run_id`, `collaboration_id`, `init_org_id`", "a task was made"),
    ("`new_task`", "the id of the task", "the same, for nodes"),
    (
        "`algorithm_status_change`",
        (
            "`status`, `result_id`, `task_id`, `run_id`, `collaboration_id`, `node_id`, "
            "`organization_id`, `parent_id`"
        ),
        "a node tells how a run goes",
    ),
    ("`status_update`", "`result_id`", "a node reports on a run"),
    ("`node-online`, `node-offline`", "`id`, `name`, `org_id`", "a node came or went"),
    (
        "`kill_containers`",
        "`kill_list` or `node_id`, and `collaboration_id`",
        "somebody has runs ended",
    ),
    ("`message`", "a text", "somebody came or went"),
    ("`expired_token`", "nothing", "the token of this very connection has expired"),
)
CONTROL = """## Of v6sim's own

What vantage6 has not is outside of the API, under `/_v6sim/`. Each route takes one of these as
`Authorization: Bearer ...`: the [secret](security.md#the-secret) of the server, which is good for
all; a token of the API, for what is its owner's own; the token of a node. The setting
`control: false` shuts them. Pages of other origins are refused, and no answer is kept by caches.
"""
TAKES = {
    require_secret: "the secret",
    require_token: "the secret, or a token",
    require_node: "the token of the node",
    allow_anybody: "nothing",
}
_NAMES = {"vpn": "VPN"}


def page() -> str:
    """The page."""
    with Sandbox("empty", with_nodes=False) as box:
        document = httpx.get(f"{box.url}/apispec_1.json").json()
    lines = [INTRODUCTION, *table(("status", "what it says"), _errors(document))]
    tag = ""
    for path, method, operation in _operations(document):
        if operation["tags"][0] != tag:
            tag = operation["tags"][0]
            lines += [f"## {_NAMES.get(tag, tag.capitalize())}", ""]
        lines += _route(document, path.removeprefix("/api"), method, operation)
    lines += [SOCKETS, *table(("event", "what it carries", "when"), EVENTS)]
    lines += [CONTROL, *table(("route", "takes", "what it does"), _control())]
    return "\n".join(lines).rstrip() + "\n"


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method.upper(), operation


def _errors(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The statuses of errors, which are the same everywhere."""
    _, _, operation = next(_operations(document))
    for status, answer in operation["responses"].items():
        if status >= "400":
            yield status, answer["description"]


def _route(
    document: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> list[str]:
    shown = path.replace("{key}", "{id}")
    lines = [f"### {method} {shown}", "", operation["description"], ""]
    query = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    if query:
        lines.append(f"* query: {', '.join(map(_parameter, query))}")
    if body := operation.get("requestBody"):
        lines.append(f"* body: {_body(document, body['content']['application/json']['schema'])}")
    [(status, answer)] = [
        (status, each) for status, each in operation["responses"].items() if status < "400"
    ] or [("501", {})]
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    fields = code(_fields(document, schema))
    lines.append(f"* answer: {status}" + (f", with {fields}" if fields else ""))
    return [*lines, ""]


def _parameter(parameter: dict[str, Any]) -> str:
    words = parameter["schema"].get("items", {}).get("enum")
    return f"`{parameter['name']}`" + (f" ({code(words)})" if words else "")


def _body(document: dict[str, Any], schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    fields = _fields(document, schema)
    needed = [name for name in fields if name in required]
    free = [name for name in fields if name not in required]
    parts = [code(needed), f"if wanted {code(free)}" if free else ""]
    return "; ".join(filter(None, parts))


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The names of what an object, or each object of a list, has; of pages as of lists."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "items" in schema:
        return _fields(document, schema["items"])
    found: dict[str, None] = dict.fromkeys(schema.get("properties", ()))
    for each in schema.get("anyOf", ()):
        found.update(dict.fromkeys(_fields(document, each)))
    if {"data", "links"} <= found.keys():
        found = {name: None for name in found if name not in ("data", "links")}
    return list(found)


def _control() -> Iterator[tuple[str, str, str]]:
    for require, parts in _CONTROL.items():
        for route in chain.from_iterable(part.router.routes for part in parts):
            assert isinstance(route, APIRoute)
            path = re.sub(r":\w+}", "}", route.path).replace("{key}", "{id}")
            about = " ".join(inspect.cleandoc(route.endpoint.__doc__ or "").split())
            for method in sorted(route.methods or ()):
                yield f"`{method} /_v6sim{path}`", TAKES[require], about
