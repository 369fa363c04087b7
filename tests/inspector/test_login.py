"""Logging in, and what a session is worth."""

import pytest

from tests.inspector.conftest import OPERATOR, Reader, is_asked_to_log_in


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


async def test_over_https_the_cookie_stays_there(visiting, make_server) -> None:
    server = make_server(allowed_hosts=["sandbox.example"])
    visit = await visiting(to=server, url="https://sandbox.example")
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
    root, operator = await visiting("root"), await visiting(OPERATOR)
    await operator.get("/ui/controls")
    await operator.post("/ui/controls/clock", by="300", unit="days")
    for visit in (operator, root):
        assert "moved on by 300 d" in await visit.read("/ui/controls")


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
