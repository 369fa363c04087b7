"""Answers: what browsers and careless callers get."""

import json

import pytest

USER = {
    "username": "new", "password": "New-user-1", "email": "new@x.example", "firstname": "N",
    "lastname": "U",
}  # fmt: skip


async def test_head_answers_as_get_without_its_route_knowing(calling) -> None:
    researcher = await calling("researcher")
    assert (await researcher.ask("HEAD", "/organization")).headers["total-count"] == "3"


async def test_a_preflight_is_answered_where_there_is_something(calling) -> None:
    nobody = await calling()
    headers = {
        "Origin": "http://localhost:8080",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    answer = await nobody.ask("OPTIONS", "/user/3", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:8080"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    assert (await nobody.ask("OPTIONS", "/user/-1", headers=headers)).status_code == 404


async def test_errors_can_be_read_by_web_pages_too(calling) -> None:
    nobody = await calling()
    headers = {"Origin": "http://localhost:8080"}
    for path, status in (("/user", 401), ("/nothing", 404)):
        answer = await nobody.ask("GET", path, headers=headers)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "http://localhost:8080"


async def test_a_wrong_method_says_which_are_right(calling) -> None:
    nobody = await calling()
    answer = await nobody.ask("PUT", "/user/3")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "\ud800"},
        {"name": "x", "collaboration_id": 10**30},
        {"collaboration_id": 1, "organizations": [{"id": 10**30}]},
        {"collaboration_id": 1, "organizations": [[]]},
        [[[[]]]],
    ],
    ids=["lone surrogate", "huge id", "huge organization", "list in list", "nested lists"],
)
async def test_odd_values_are_refused_cleanly(calling, body) -> None:
    researcher = await calling("researcher")
    content, headers = json.dumps(body), {"Content-Type": "application/json"}
    answer = await researcher.ask("POST", "/task", content=content, headers=headers)
    assert 400 <= answer.status_code < 500
    assert await researcher("GET", "/task") == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/user", {**USER, "rules": None}, "rules"),
        ("/user", {**USER, "roles": [1, None]}, "roles"),
        ("/collaboration", {"name": "new", "organization_ids": [None]}, "organization_ids"),
    ],
)
async def test_a_null_among_numbers_is_told_to_those_who_may(calling, path, body, field) -> None:
    refused = await (await calling("viewer")).ask("POST", path, body)
    assert refused.status_code == 401
    told = await (await calling("root")).ask("POST", path, body)
    assert told.status_code == 400
    assert told.json()["message"] == {field: f"{field!r} has to be of type integer, not None"}


async def test_text_that_cannot_be_stored_is_refused_cleanly(calling) -> None:
    root = await calling("root")
    content, headers = json.dumps({"name": "\ud800"}), {"Content-Type": "application/json"}
    answer = await root.ask("POST", "/organization", content=content, headers=headers)
    assert answer.status_code == 400
    assert "cannot be stored" in answer.json()["msg"]


async def test_huge_numbers_in_paths_and_filters_find_nothing(calling) -> None:
    root = await calling("root")
    assert (await root.ask("GET", f"/user/{10**30}")).status_code == 404
    assert await root("GET", f"/task?collaboration_id={10**30}") == []


async def test_a_refused_change_changes_nothing(calling) -> None:
    root = await calling("root")
    me = next(row for row in await root("GET", "/user") if row["username"] == "viewer")
    change = {"firstname": "Changed", "roles": [999]}
    assert (await root.ask("PATCH", f"/user/{me['id']}", change)).status_code == 404
    assert (await root("GET", f"/user/{me['id']}"))["firstname"] == me["firstname"]
