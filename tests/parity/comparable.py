"""The comparable form of an answer: what may differ between two servers becomes a placeholder."""

import base64
import datetime as dt
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

Json = Any

TEXT_KEYS = {"msg", "message"}
SECRET_KEYS = {"otp_secret", "qr_uri"}
DEFAULT_ROLES = {
    "Root", "container", "node", "Viewer", "Researcher", "Organization Admin",
    "Collaboration Admin",
}  # fmt: skip
JWT = re.compile(r"^eyJ[\w-]+\.[\w-]+\.[\w-]+$")
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
PAGE_LINK = re.compile(r"^/[^ ]*\?[^ ]*page=\d+")
A_WHILE = dt.timedelta(days=1)
"""Times nearer to now than this were set by the server, others by a scenario."""


def canonical(value: Json) -> str:
    """One text a value; tells 1 from true and 1.0."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def comparable(response: httpx.Response, *, ordered: bool, show: list[str]) -> dict[str, Json]:
    """An answer without what may differ."""
    kind = response.headers.get("content-type", "").split(";")[0]
    answer: dict[str, Json] = {"status": response.status_code, "type": kind}
    shown: dict[str, Json] = {name: response.headers.get(name) for name in show}
    if "total-count" in response.headers:
        shown["total-count"] = response.headers["total-count"]
    if "link" in response.headers:
        shown["link"] = sorted(_link(part) for part in response.headers["link"].split(","))
    if "jwt-token" in response.headers:
        shown["jwt-token"] = _string("", response.headers["jwt-token"])
    if shown:
        answer["headers"] = shown
    if kind == "application/json" and response.content.strip():
        answer["body"] = _walk("", response.json())
    elif response.content:
        answer["body"] = "<text>"
    if not ordered:
        _sort(answer)
    return answer


def _sort(answer: dict[str, Json]) -> None:
    body = answer.get("body")
    if isinstance(body, list):
        answer["body"] = sorted(body, key=canonical)
    elif isinstance(body, dict) and isinstance(body.get("data"), list):
        body["data"] = sorted(body["data"], key=canonical)


def _walk(key: str, value: Json) -> Json:
    if isinstance(value, dict):
        return _dict(value)
    if isinstance(value, list):
        items = [_walk(key, item) for item in value]
        if key and all(isinstance(item, int | str) for item in items):
            items.sort(key=canonical)  # related things come in no particular order
        return items
    if key in TEXT_KEYS and isinstance(value, str) and value:
        return "<text>"
    return _string(key, value) if isinstance(value, str) else value


def _dict(value: dict[str, Json]) -> Json:
    if set(value) == {"id", "link", "methods"} and isinstance(value["methods"], list):
        return f"{value['id']} {value['link']} {' '.join(sorted(value['methods']))}"
    result = {key: _walk(key, item) for key, item in value.items()}
    for key in TEXT_KEYS & set(value):
        if isinstance(value[key], dict):  # one message a faulty field
            result[key] = dict.fromkeys(value[key], "<text>")
    is_rule = {"scope", "operation"} <= set(value)
    is_default_role = "rules" in value and value.get("name") in DEFAULT_ROLES
    if (is_rule or is_default_role) and value.get("description"):
        result["description"] = "<text>"
    return result


def _string(key: str, value: str) -> Json:
    if JWT.match(value):
        return _token(value)
    if key in SECRET_KEYS:
        return "<secret>"
    if key == "api_key" and UUID.match(value):
        return "<key>"
    if TIME.match(value):
        return _time(value)
    return _query(value) if PAGE_LINK.match(value) else value


def _time(value: str) -> str:
    moment = dt.datetime.fromisoformat(value)
    zone = "naive" if moment.tzinfo is None else value[19:].lstrip(".0123456789")
    age = dt.datetime.now(dt.UTC) - moment.replace(tzinfo=moment.tzinfo or dt.UTC)
    return f"<time {zone}>" if abs(age) < A_WHILE else value


def _token(value: str) -> Json:
    """A token as its claims; times become a lifetime in seconds."""
    head, claims = (
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in value.split(".")[:2]
    )
    lifetime = round(claims["exp"] - claims["iat"]) if {"exp", "iat"} <= set(claims) else None
    volatile = {"exp", "iat", "nbf", "jti"}
    lasting = {key: item for key, item in claims.items() if key not in volatile}
    also = sorted(volatile & set(claims))
    return {"<token>": {"alg": head.get("alg"), "lifetime": lifetime, "also": also, **lasting}}


def _query(url: str) -> str:
    path, query = url.split("?", 1)
    return f"{path}?{urlencode(sorted(parse_qsl(query, keep_blank_values=True)))}"


def _link(part: str) -> str:
    """One entry of a Link header."""
    url, _, rel = part.strip().partition(">")
    return f"<{_query(url[1:]) if '?' in url else url[1:]}>{rel}"
