"""Who is let in, and what each answer carries."""

import httpx
import pytest

from tests.inspector.conftest import Reader
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


def is_asked_to_log_in(response: httpx.Response) -> bool:
    return str(response.headers.get("location")).startswith("/_v6sim/ui/login")


@pytest.mark.parametrize("request_", GUARDED)
async def test_nobody_sees_anything_without_a_log_in(visiting, request_) -> None:
    nobody = await visiting()
    method, _, path = request_.partition(" ")
    response = await nobody.http.request(method, path)
    assert is_asked_to_log_in(response), response.text


async def test_after_the_log_in_one_is_where_one_wanted_to_go(visiting) -> None:
    visit = await visiting()
    response = await visit.get("/ui/tasks?before=7")
    form = Reader((await visit.http.get(response.headers["location"])).text)
    [then] = [each["value"] for tag, each in form.tags if each.get("name") == "then"]
    assert then == "/_v6sim/ui/tasks?before=7"
    response = await visit.log_in("root", then=then)
    assert response.headers["location"] == then


@pytest.mark.parametrize(
    "then", ["https://evil.example/_v6sim/", "//evil.example/_v6sim/", "/\\evil.example", "/api/"]
)
async def test_a_log_in_leads_to_no_page_of_somebody_else(visiting, then) -> None:
    response = await (await visiting()).log_in("root", then=then)
    assert response.headers["location"] == "/_v6sim/"


async def test_the_session_is_a_cookie_that_no_script_and_no_other_page_uses(visiting) -> None:
    response = await (await visiting()).log_in("root")
    [cookie] = response.headers.get_list("set-cookie")
    assert cookie.startswith("v6sim-session-5000=")
    for word in ("HttpOnly", "SameSite=strict", "Path=/_v6sim"):
        assert word in cookie


async def test_over_https_the_cookie_stays_there(visiting) -> None:
    visit = await visiting(url="https://sandbox.example")
    assert "Secure" in (await visit.log_in("root")).headers["set-cookie"]


async def test_a_wrong_password_is_refused_and_locks_as_at_the_api(
    visiting, calling, make_server
) -> None:
    server = make_server(password_policy={"max_failed_attempts": 2})
    visit = await visiting(to=server)
    for _ in range(2):
        response = await visit.log_in("viewer", "wrong")
        assert response.status_code == 401
    response = await visit.log_in("viewer")
    assert response.status_code == 401
    assert "too many wrong passwords" in response.text
    assert is_asked_to_log_in(await visit.get("/"))
    caller = await calling(to=server)
    login = {"username": "viewer", "password": "Viewer-1"}
    assert (await caller.ask("POST", "/token/user", login)).status_code == 401


async def test_a_second_factor_is_asked_for_where_the_server_wants_one(
    visiting, make_server, clock
) -> None:
    import pyotp

    server = make_server(two_factor_auth=True)
    visit = await visiting(to=server)
    shown = Reader((await visit.log_in("viewer")).text)
    secret = next(word for word in shown.words if len(word) == 32 and word.isupper())
    assert "code of your second factor" in (await visit.log_in("viewer")).text
    wrong = await visit.log_in("viewer", code="1")
    assert wrong.status_code == 401
    assert "code of the second factor is wrong" in wrong.text
    right = await visit.log_in("viewer", code=pyotp.TOTP(secret).at(clock.now()))
    assert right.status_code == 303
    assert "Logged in as viewer" in await visit.read("/")


async def test_a_session_ends_with_log_out_even_for_who_kept_the_cookie(visiting) -> None:
    visit, thief = await visiting("root"), await visiting()
    thief.http.cookies = visit.http.cookies
    assert (await thief.get("/")).status_code == 200
    await visit.get("/")
    await visit.post("/ui/logout")
    assert is_asked_to_log_in(await visit.get("/"))
    assert is_asked_to_log_in(await thief.get("/"))


async def test_a_session_ends_with_the_password_and_with_the_user(visiting, calling) -> None:
    visit, other = await visiting("viewer"), await visiting("researcher")
    viewer, root = await calling("viewer"), await calling("root")
    passwords = {"current_password": "Viewer-1", "new_password": "Another-1"}
    await viewer("PATCH", "/password/change", passwords)
    assert is_asked_to_log_in(await visit.get("/"))
    [user] = [each for each in await root("GET", "/user") if each["username"] == "researcher"]
    await root("DELETE", f"/user/{user['id']}")
    assert is_asked_to_log_in(await other.get("/"))


async def test_who_moves_the_clock_is_not_thrown_out(visiting, server) -> None:
    root = await visiting("root")
    await root.get("/ui/controls")
    await root.post("/ui/controls/clock", by="300", unit="days")
    assert "moved on by 300 d" in await root.read("/ui/controls")


@pytest.mark.parametrize("value", ["", "x", "eyJhbGciOiJub25lIn0.eyJ1c2VyIjoxfQ."])
async def test_a_made_up_cookie_is_worth_nothing(visiting, value) -> None:
    visit = await visiting()
    visit.http.cookies.set("v6sim-session-5000", value)
    assert is_asked_to_log_in(await visit.get("/"))


async def test_a_token_of_the_api_is_no_session(visiting, calling) -> None:
    root, visit = await calling("root"), await visiting()
    token = root.http.headers["Authorization"].removeprefix("Bearer ")
    visit.http.cookies.set("v6sim-session-5000", token)
    assert is_asked_to_log_in(await visit.get("/"))


async def test_without_a_log_in_who_is_here_sees_all_and_changes_nothing(
    visiting, make_server
) -> None:
    visit = await visiting(to=make_server(inspector_login=False))
    for path in ["/", "/ui/tasks", "/ui/people", "/ui/egress", *SEEN_BY_FEW]:
        assert (await visit.get(path)).status_code == 200, path
    await visit.get("/ui/controls")
    for path in CHANGES:
        assert (await visit.post(path)).status_code == 403, path


@pytest.mark.parametrize(
    "options",
    [
        {"url": "http://sandbox.example"},
        {"client": "192.0.2.7"},
        {"headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"Forwarded": "for=192.0.2.7"}},
    ],
    ids=["another name", "another machine", "passed on", "passed on, too"],
)
async def test_who_is_elsewhere_logs_in_whatever_the_setting_says(
    visiting, make_server, options
) -> None:
    visit = await visiting(to=make_server(inspector_login=False), **options)
    assert is_asked_to_log_in(await visit.get("/"))
    assert (await visit.log_in("root")).status_code == 303
    assert (await visit.get("/ui/journal")).status_code == 200


async def test_the_setting_off_leaves_no_page(visiting, make_server) -> None:
    visit = await visiting(to=make_server(inspector="off"))
    for path in ("", "/", "/ui/login", "/ui/static/sign.svg"):
        assert (await visit.get(path)).status_code == 404


async def test_read_only_is_for_everybody(visiting, make_server) -> None:
    server = make_server(inspector="read-only")
    root = await visiting("root", to=server)
    page = await root.get("/ui/controls")
    assert "The inspector is read-only" in Reader(page.text).text
    buttons = [each for tag, each in Reader(page.text).tags if tag == "button"][1:]
    assert buttons
    assert all("disabled" in each for each in buttons)
    for path in CHANGES:
        assert (await root.post(path)).status_code == 403, path
    assert (await root.post("/ui/what-if", username="root", method="GET", path="/task")).is_success


async def test_a_change_is_made_by_who_holds_all_global_rules(visiting, server) -> None:
    root = await visiting("root")
    response = await root.post("/ui/controls/snapshots", name="now")
    assert response.status_code == 303
    assert "now" in server.core.snapshots
    for username in ("collaboration_admin", "researcher", "viewer"):
        visit = await visiting(username)
        for path in CHANGES:
            assert (await visit.post(path)).status_code == 403, path
        for path in SEEN_BY_FEW:
            assert (await visit.get(path)).status_code == 403, path


async def test_a_form_from_elsewhere_is_refused(visiting, server) -> None:
    root, viewer = await visiting("root"), await visiting("viewer")
    own = root.token
    for token in ("", "x", viewer.token):
        root.token = token
        assert (await root.post("/ui/controls/snapshots", name="now")).status_code == 403
    root.token = own
    for origin in ("http://evil.example", "null"):
        response = await root.post("/ui/controls/snapshots", name="now", headers={"Origin": origin})
        assert response.status_code == 403
    assert not server.core.snapshots
    ours = await root.post(
        "/ui/controls/snapshots", name="now", headers={"Origin": "http://localhost:5000"}
    )
    assert ours.status_code == 303


async def test_a_log_in_from_elsewhere_is_refused(visiting) -> None:
    visit = await visiting()
    response = await visit.post("/ui/login", username="root", password="root")
    assert response.status_code == 403
    assert "session" not in response.headers.get("set-cookie", "")


async def test_a_form_is_bounded_and_of_its_kind(visiting) -> None:
    root = await visiting("root")
    long = await root.post("/ui/controls/snapshots", name="x" * 200_000)
    assert long.status_code == 400
    body = {"token": root.token, "name": "now"}
    response = await root.http.post("/_v6sim/ui/controls/snapshots", json=body)
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
    assert (await nobody.ask("GET", "http://localhost/_v6sim/journal")).status_code == 200
    assert (await nobody.ask("POST", "http://localhost/_v6sim/reset")).status_code == 204
    assert (await nobody.ask("GET", "http://localhost/_v6sim/outbox")).json() == []
