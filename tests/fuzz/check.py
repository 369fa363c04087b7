"""Putting generated requests to the server, and holding its answers against the document."""

import asyncio
from collections import defaultdict
from typing import Any

import requests
from schemathesis import Case, Response
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks

from tests.parity.asgi import ask
from tests.properties.players import Players, server

load_all_checks()
_CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
_HOST = "http://localhost"


def put(players: Players, caller: str | None, case: Case[Any]) -> int:
    """Send a request as somebody; the status of its answer.

    Raises:
        FailureGroup: the answer is none that the document allows.
    """
    request = _request(players, caller, case)
    body = request.body.encode() if isinstance(request.body, str) else request.body
    assert body is None or isinstance(body, bytes)
    sent = {name: str(value) for name, value in request.headers.items()}
    target = str(request.url).removeprefix(_HOST)
    answer = asyncio.run(ask(server().app, str(request.method), target, sent, body))
    headers = defaultdict(list)
    for name, value in answer.headers.multi_items():
        headers[name.lower()].append(value)
    case.validate_response(
        Response(answer.status_code, headers, answer.content, request, elapsed=0, verify=False),
        checks=[check for check in _CHECKS if not _is_excused(check, answer.status_code)],
    )
    return answer.status_code


def _request(players: Players, caller: str | None, case: Case[Any]) -> requests.PreparedRequest:
    arguments = case.as_transport_kwargs(base_url=_HOST)
    request = requests.Request(**arguments).prepare()
    request.headers.pop("Host", None)  # with another one it is for another server
    if caller is not None:
        request.headers["Authorization"] = f"Bearer {players.token(caller)}"
    return request


def _is_excused(check: object, status: int) -> bool:
    """What the server has not is no failure of it."""
    return check is not_a_server_error and status == 501
