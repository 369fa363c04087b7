"""Who opens the inspector by the secret of its server."""

import pytest

from tests.inspector.conftest import OPERATOR, Reader, is_asked_to_log_in

OPEN = "/ui/open"


async def test_the_secret_opens_a_session_and_stays_behind(visiting, server) -> None:
    visit = await visiting()
    response = await visit.get(OPEN, params={"secret": server.secret})
    assert response.status_code == 200
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    [cookie] = [each for each in response.headers.get_list("set-cookie") if "session" in each]
    for word in ("HttpOnly", "SameSite=strict", "Path=/_v6sim"):
        assert word in cookie
    [refresh] = [each for tag, each in Reader(response.text).tags if "http-equiv" in each]
    assert refresh["content"] == "0; url=/_v6sim/"
    for text in (response.text, cookie):
        assert server.secret not in text
    assert "Logged in as operator" in await visit.read("/")


@pytest.mark.parametrize("secret", ["", "x", "{secret}x", "\udc80", "ä" * 40])
async def test_another_secret_opens_nothing(visiting, server, secret) -> None:
    visit = await visiting()
    shown = secret.format(secret=server.secret).encode(errors="surrogateescape")
    response = await visit.get(OPEN, params={"secret": shown})
    assert response.status_code == 403
    assert "Open the link that it has printed last" in Reader(response.text).text
    assert "session" not in response.headers.get("set-cookie", "")
    assert is_asked_to_log_in(await visit.get("/"))


async def test_without_control_there_is_no_operator(visiting, make_server) -> None:
    server = make_server(control=False)
    visit = await visiting(to=server)
    assert (await visit.open(server.secret)).status_code == 403
    assert is_asked_to_log_in(await visit.get("/"))


async def test_the_session_of_the_operator_is_of_one_secret(visiting, make_server) -> None:
    """The key that signs sessions may be kept from start to start; the secret is another one."""
    key = "k" * 32
    one, other = make_server(jwt_secret_key=key), make_server(jwt_secret_key=key)
    visit, later = await visiting(OPERATOR, to=one), await visiting(to=other)
    assert (await visit.get("/")).status_code == 200
    later.http.cookies = visit.http.cookies
    assert is_asked_to_log_in(await later.get("/"))


async def test_the_operator_sees_all_and_logs_out(visiting) -> None:
    operator = await visiting(OPERATOR)
    for path in ("/", "/ui/tasks", "/ui/people", "/ui/egress", "/ui/journal", "/ui/controls"):
        assert (await operator.get(path)).status_code == 200, path
    await operator.get("/")
    await operator.post("/ui/logout")
    assert is_asked_to_log_in(await operator.get("/"))


async def test_the_cookie_opens_pages_and_no_routes_for_programs(visiting) -> None:
    """Else a page that the browser takes for ours, on another port, could turn everything."""
    operator = await visiting(OPERATOR)
    for method, path in (("GET", "/outbox"), ("POST", "/reset"), ("GET", "/decisions")):
        assert (await operator.http.request(method, f"/_v6sim{path}")).status_code == 401
