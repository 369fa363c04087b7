"""Who is let in, and what each answer carries."""

import json

import pytest

from tests.conftest import PASSWORDS
from tests.inspector.conftest import OPERATOR, Reader, is_asked_to_log_in
from v6sim.inspector.routes import _ROUTES, Access

PATHS = [name.replace("{key:int}", "1").replace("{name}", "sign.svg") for name in _ROUTES]
GUARDED = [
    path
    for path, route in zip(PATHS, _ROUTES.values(), strict=True)
    if route.access is not Access.ANYBODY
]
CHANGES = [
    path.removeprefix("POST /_v6sim")
    for path, route in zip(PATHS, _ROUTES.values(), strict=True)
    if route.access is Access.CHANGES
]
SEEN_BY_FEW = ["/ui/journal", "/ui/outbox", "/ui/controls"]


@pytest.mark.parametrize("request_", GUARDED)
async def test_nobody_sees_anything_without_a_log_in(visiting, request_) -> None:
    nobody = await visiting()
    method, _, path = request_.partition(" ")
    response = await nobody.http.request(method, path)
    assert is_asked_to_log_in(response), response.text


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "192.0.2.7"}])
@pytest.mark.parametrize("client", ["127.0.0.1", "192.0.2.7"])
async def test_it_is_no_matter_where_one_comes_from(visiting, client, headers) -> None:
    visit = await visiting(client=client, headers=headers)
    assert is_asked_to_log_in(await visit.get("/"))
    assert (await visit.log_in("root")).status_code == 303
    assert (await visit.get("/ui/journal")).status_code == 200


async def test_the_setting_off_leaves_no_page(visiting, make_server) -> None:
    visit = await visiting(to=make_server(inspector="off"))
    for path in ("", "/", "/ui/login", "/ui/static/sign.svg"):
        assert (await visit.get(path)).status_code == 404


async def test_read_only_is_for_everybody(visiting, make_server) -> None:
    server = make_server(inspector="read-only")
    wanted = {"username": "root", "method": "GET", "path": "/task"}
    for username in (OPERATOR, "root"):
        visit = await visiting(username, to=server)
        page = await visit.get("/ui/controls")
        assert "The inspector is read-only" in Reader(page.text).text
        buttons = [each for tag, each in Reader(page.text).tags if tag == "button"][1:]
        assert buttons
        assert all("disabled" in each for each in buttons)
        for path in CHANGES:
            assert (await visit.post(path)).status_code == 403, path
        assert (await visit.post("/ui/what-if", **wanted)).is_success


async def test_what_if_tells_nobody_whether_a_password_is_right(visiting) -> None:
    visit = await visiting("viewer")
    wanted = {"username": "viewer", "method": "POST", "path": "/token/user"}
    for password in ("wrong", PASSWORDS["researcher"]):
        body = json.dumps({"username": "researcher", "password": password})
        page = await visit.post("/ui/what-if", **wanted, body=body)
        assert page.status_code == 400
        assert "access_token" not in page.text
        assert "is not tried out" in Reader(page.text).text


async def test_only_the_operator_changes_something(visiting, server) -> None:
    operator = await visiting(OPERATOR)
    response = await operator.post("/ui/controls/snapshots", name="now")
    assert response.status_code == 303
    assert "now" in server.core.snapshots
    for username in ("root", "collaboration_admin", "researcher", "viewer"):
        visit = await visiting(username)
        for path in CHANGES:
            assert (await visit.post(path)).status_code == 403, path


async def test_what_no_rule_is_about_is_for_the_operator_and_root(visiting) -> None:
    for username in (OPERATOR, "root", "collaboration_admin", "researcher", "viewer"):
        visit = await visiting(username)
        status = 200 if username in (OPERATOR, "root") else 403
        for path in SEEN_BY_FEW:
            assert (await visit.get(path)).status_code == status, (username, path)


async def test_a_form_from_elsewhere_is_refused(visiting, server) -> None:
    operator, viewer = await visiting(OPERATOR), await visiting("viewer")
    own = operator.token
    for token in ("", "x", viewer.token):
        operator.token = token
        assert (await operator.post("/ui/controls/snapshots", name="now")).status_code == 403
    operator.token = own
    for origin in ("http://evil.example", "null"):
        response = await operator.post(
            "/ui/controls/snapshots", name="now", headers={"Origin": origin}
        )
        assert response.status_code == 403
    assert not server.core.snapshots
    ours = await operator.post(
        "/ui/controls/snapshots", name="now", headers={"Origin": "http://localhost:5000"}
    )
    assert ours.status_code == 303


async def test_a_log_in_from_elsewhere_is_refused(visiting) -> None:
    visit = await visiting()
    response = await visit.post("/ui/login", username="root", password="root")
    assert response.status_code == 403
    assert "session" not in response.headers.get("set-cookie", "")


async def test_a_form_is_bounded_and_of_its_kind(visiting) -> None:
    operator = await visiting(OPERATOR)
    long = await operator.post("/ui/controls/snapshots", name="x" * 200_000)
    assert long.status_code == 400
    body = {"token": operator.token, "name": "now"}
    response = await operator.http.post("/_v6sim/ui/controls/snapshots", json=body)
    assert response.status_code == 400


async def test_every_answer_has_its_headers(visiting) -> None:
    root = await visiting("root")
    for path in ("/", "/ui/login", "/ui/tasks/77", "/ui/nothing", "/ui/static/inspector.css"):
        headers = (await root.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
    assert (await root.get("/")).headers["cache-control"] == "no-store"


async def test_pages_need_nothing_from_elsewhere_and_nothing_that_the_policy_forbids(
    visiting,
) -> None:
    root = await visiting("root")
    for path in ("/", "/ui/tasks", "/ui/people", "/ui/what-if", "/ui/controls", "/ui/login"):
        page = Reader((await root.get(path)).text)
        for tag, attributes in page.tags:
            assert tag != "style"
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            for name in ("href", "src", "action", "hx-get"):
                assert "//" not in (attributes.get(name) or ""), (path, tag, attributes)
            if tag == "script":
                assert str(attributes["src"]).startswith("/_v6sim/ui/static/")


async def test_files_are_sent_once(visiting) -> None:
    visit = await visiting()
    first = await visit.get("/ui/static/htmx-2.0.10.min.js")
    assert first.headers["content-type"].startswith("text/javascript")
    etag = {"If-None-Match": first.headers["etag"]}
    assert (await visit.get("/ui/static/htmx-2.0.10.min.js", headers=etag)).status_code == 304
    for name in ("..%2Fgate.py", "gate.py", "nothing.css"):
        assert (await visit.get(f"/ui/static/{name}")).status_code == 404


async def test_the_api_for_programs_is_as_it_was(visiting, calling, server) -> None:
    await visiting("root")
    nobody = await calling()
    assert (await nobody.ask_control("GET", "/journal")).status_code == 200
    assert (await nobody.ask_control("POST", "/reset")).status_code == 204
    assert await nobody.control("GET", "/outbox") == []
