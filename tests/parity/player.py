"""Plays scenarios: requests by several callers, one after another."""

import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jwt
from starlette.types import ASGIApp

from tests.parity.asgi import ask
from tests.parity.comparable import Json, comparable

HERE = Path(__file__).parent
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Unplayable(Exception):
    """A step that needs what no earlier answer gave."""


@dataclass(frozen=True)
class Step:
    """One request of a scenario; steps of one scope share what they remember of answers."""

    label: str
    who: str | None
    method: str
    path: str
    data: dict[str, Any]
    scope: int


def expand(scenario: dict[str, Any]) -> list[Step]:
    """The steps of a scenario; a list of callers makes a step for each of them."""
    steps: list[Step] = []

    def add(data: dict[str, Any], who: str | None, scope: int) -> None:
        method, path = data["do"].split(" ", 1)
        label = f"{len(steps) + 1:03d} {who or 'nobody'}: {data['do']}"
        steps.append(Step(label, who, method, path, data, scope))

    scope = 0
    for data in scenario["steps"]:
        who = data.get("as")
        if isinstance(who, str) and who.startswith("@"):
            who = scenario["groups"][who[1:]]
        if not isinstance(who, list):
            add(data, who, 0)
            continue
        scopes = range(scope + 1, scope + 1 + len(who))
        for scope in scopes:
            for before in data.get("prepare", []):
                add(before, before.get("as"), scope)
        for each, identity in zip(scopes, who, strict=True):
            add(data, identity, each)
    return steps


class Player:
    """Plays one scenario on one server, remembering logins and parts of answers."""

    def __init__(self, app: ASGIApp, scenario: dict[str, Any]) -> None:
        self.app = app
        self.steps = expand(scenario)
        self.tokens: dict[str, str] = {}
        world = json.loads((HERE / "world.json").read_text())
        self.secret = world["settings"]["jwt_secret_key"]
        self.logins = _logins(world)
        minted = {name: self._mint(claims) for name, claims in scenario.get("tokens", {}).items()}
        self.captures: dict[int, dict[str, Any]] = {0: minted}

    async def answers(self) -> AsyncIterator[tuple[Step, dict[str, Json]]]:
        """Each step with the comparable answer to it."""
        for step in self.steps:
            try:
                yield step, await self._play(step)
            except Unplayable as problem:
                yield step, {"problem": str(problem)}

    async def _play(self, step: Step) -> dict[str, Json]:
        data, known = step.data, {**self.captures[0], **self.captures.get(step.scope, {})}
        path = "".join(
            quote(str(_fill(part, known)), safe="/?&=%") if part.startswith("{") else part
            for part in re.split(r"(\{\w+\})", step.path)
        )
        if "query" in data:
            path += "?" + urlencode(_fill(data["query"], known), doseq=True)
        headers = dict(data.get("headers", {}))
        if step.who:
            headers["Authorization"] = f"Bearer {await self._token(_fill(step.who, known))}"
        body: bytes | None = None
        if "raw" in data:
            body = str(_fill(data["raw"], known)).encode()
        elif "body" in data:
            body = json.dumps(_fill(data["body"], known)).encode()
        if body is not None:
            headers.setdefault("Content-Type", data.get("type", "application/json"))
        response = await ask(self.app, step.method, path, headers, body)
        self._capture(step, response)
        ordered, show = data.get("ordered", True), data.get("show", [])
        return comparable(response, ordered=ordered, show=show)

    async def _token(self, who: str) -> str:
        if who.startswith("bearer:"):
            return who.removeprefix("bearer:")
        if who not in self.tokens:
            kind, login = self.logins[who]
            headers, body = {"content-type": "application/json"}, json.dumps(login).encode()
            response = await ask(self.app, "POST", f"/api/token/{kind}", headers, body)
            if response.is_error:
                raise Unplayable(f"{who} cannot log in (status {response.status_code})")
            self.tokens[who] = response.json()["access_token"]
        return self.tokens[who]

    def _capture(self, step: Step, response: httpx.Response) -> None:
        for name, path in step.data.get("save", {}).items():
            try:
                value = response.json()
                for part in path.split("."):
                    value = value[int(part)] if isinstance(value, list) else value[part]
            except (ValueError, KeyError, IndexError, TypeError):
                continue  # a later step that needs it will say so
            self.captures.setdefault(step.scope, {})[name] = value

    def _mint(self, claims: dict[str, Any]) -> str:
        """A token of our own making; "lifetime" and "secret" are ours, the rest are claims."""
        claims = dict(claims)
        secret = claims.pop("secret", self.secret)
        now, lifetime = int(time.time()), claims.pop("lifetime", 3600)
        issued = now + min(0, lifetime - 60)
        return jwt.encode(
            {
                "fresh": False, "iat": issued, "nbf": issued, "jti": str(uuid.uuid4()),
                "type": "access", "exp": now + lifetime, "roles": [], **claims,
            },
            secret,
        )  # fmt: skip


def _logins(world: dict[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """Who can log in, as what, and with what."""
    logins = {"root": ("user", {"username": "root", "password": "root"})}
    for organization in world["organizations"]:
        for user in organization["users"]:
            login = {key: user[key] for key in ("username", "password")}
            logins[user["username"]] = ("user", login)
    for collaboration in world["collaborations"]:
        for part in collaboration["participants"]:
            if "api_key" in part:
                name = f"node:{part['name']}/{collaboration['name']}"
                logins[name] = ("node", {"api_key": part["api_key"]})
    return logins


def _fill(value: Any, known: dict[str, Any]) -> Any:
    """Put in what was remembered; a text that is only {name} takes the type of that."""
    if isinstance(value, dict):
        return {key: _fill(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, known) for item in value]
    if not isinstance(value, str):
        return value
    try:
        if whole := PLACEHOLDER.fullmatch(value):
            return known[whole[1]]
        return PLACEHOLDER.sub(lambda match: str(known[match[1]]), value)
    except KeyError as error:
        raise Unplayable(f"no earlier answer gave {{{error.args[0]}}}") from None
