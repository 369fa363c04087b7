"""Web pages: whose may read answers, and for which names the server answers."""

from collections.abc import Awaitable, Callable

import aiohttp
import httpx
import pytest

from v6sim.inspector import install
from v6sim.server.app import Server
from v6sim.server.serving import Serving
from v6sim.server.settings import Settings
from v6sim.world import World

Ask = Callable[..., Awaitable[httpx.Response]]
OUTBOX = "/_v6sim/outbox"
CORS = ("access-control-allow-origin", "access-control-allow-methods",
        "access-control-allow-headers", "access-control-allow-credentials")  # fmt: skip


def ask_at(server: Server, host: str = "localhost:5000") -> Ask:
    """Ask a server as programs and browsers do."""
    transport = httpx.ASGITransport(server.app, client=("127.0.0.1", 9))

    async def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as http:
            return await http.request(method, path, headers=named)

    return ask


def elsewhere(**settings: object) -> Server:
    """A server that is going to listen on all addresses."""
    given = Settings.of({}, database_url="sqlite://", **settings)
    return Server(given, World.load("manual"), listening="0.0.0.0")


@pytest.mark.parametrize("path", ["/api/version", "/api/user", "/api/nothing", "/nothing"])
@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("http://localhost:8080", True), ("http://127.0.0.1", True), ("https://[::1]:1", True),
        ("http://ui.example", True), ("HTTP://UI.example", True), ("http://ui.example:81", False),
        ("https://ui.example", False), ("http://evil.example", False), ("null", False),
        ("http://localhost.evil.example", False), ("", False),
    ],
)  # fmt: skip
async def test_pages_of_loopback_and_those_that_are_named_read_answers(
    make_server, path, origin, is_allowed
) -> None:
    ask = ask_at(make_server(allowed_origins=["http://ui.example"]))
    answer = await ask(path, origin=origin)
    assert answer.headers.get("access-control-allow-origin") == (origin if is_allowed else None)
    assert answer.headers["vary"] == "Origin"


async def test_a_request_of_no_page_gets_no_header_of_cors(server) -> None:
    """A cache might give its answer to a page: `cache: 'force-cache'` reads it then."""
    for path in ("/api/version", "/api/user", "/socket.io/?EIO=4&transport=polling"):
        answer = await ask_at(server)(path)
        assert not set(CORS) & set(answer.headers), path
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["http://localhost:8080", "http://evil.example"])
async def test_a_preflight_is_answered_to_the_same_pages(server, origin) -> None:
    asked = {"access-control-request-method": "PATCH", "access-control-request-headers": "x-y"}
    answer = await ask_at(server)("/api/user/1", "OPTIONS", origin=origin, **asked)
    expected = {
        "access-control-allow-origin": origin,
        "access-control-allow-headers": "x-y",
        "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
    }
    given = {name: answer.headers[name] for name in CORS if name in answer.headers}
    assert given == (expected if "localhost" in origin else {})


async def test_bound_elsewhere_any_page_reads_answers_as_at_the_genuine_server() -> None:
    origin = "http://evil.example"
    answer = await ask_at(elsewhere())("/api/version", origin=origin)
    assert answer.headers["access-control-allow-origin"] == origin
    answer = await ask_at(elsewhere(allowed_origins=[]))("/api/version", origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    answer = await ask_at(elsewhere(allowed_origins=["*"]))("/api/version", origin=origin)
    assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("path", ["/api/version", "/_v6sim/health", "/_v6sim/ui/login",
                                  "/socket.io/?EIO=4&transport=polling"])  # fmt: skip
@pytest.mark.parametrize(
    ("host", "is_answered"),
    [
        ("localhost", True), ("localhost:1", True), ("x.localhost", True), ("127.0.0.1:5000", True),
        ("[::1]:5000", True), ("host.docker.internal:5000", True), ("server", True),
        ("a.example.org", True), ("example.org", False), ("evil.example", False),
        ("localhost.evil.example", False), ("192.0.2.1", False), ("0.0.0.0", False),
        ("evil.example:36395", False),
    ],
)  # fmt: skip
async def test_on_loopback_it_answers_for_its_names_alone(
    make_server, path, host, is_answered
) -> None:
    server = make_server(allowed_hosts=["server", "*.example.org"])
    install(server)
    answer = await ask_at(server)(path, host=host)
    assert (answer.status_code != 421) is is_answered
    if not is_answered:
        name = host.partition(":")[0]
        assert f"--allow-host {name}," in answer.json()["msg"]
        assert "`allowed_hosts`" in answer.json()["msg"]


@pytest.mark.parametrize("host", ["", " ", "a b", "-x.example", "evil.example:x", "[::1"])
async def test_what_is_no_host_is_not_one_to_be_allowed(server, host) -> None:
    answer = await ask_at(server)("/api/version", host=host)
    assert answer.status_code == 421
    assert "--allow-host" not in answer.json()["msg"]


async def test_bound_elsewhere_any_name_is_answered_unless_names_are_given() -> None:
    asked = {"host": "v6.example"}
    assert (await ask_at(elsewhere())("/api/version", **asked)).status_code == 200
    assert (await ask_at(elsewhere(allowed_hosts=[]))("/api/version", **asked)).status_code == 421
    named = elsewhere(allowed_hosts=["v6.example"])
    assert (await ask_at(named)("/api/version", **asked)).status_code == 200


async def test_sockets_are_for_the_same_pages_and_names(server) -> None:
    async with Serving(server) as serving, aiohttp.ClientSession() as http:
        url = f"{serving.url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await http.ws_connect(url, headers=headers)
            assert caught.value.status == 403
        for headers in ({}, {"Origin": "http://localhost:8080"}, {"Host": "localhost"}):
            async with http.ws_connect(url, headers=headers) as socket:
                assert (await socket.receive_str()).startswith("0{")


async def test_nothing_of_v6sim_is_for_pages_or_caches(server) -> None:
    install(server)
    secret = f"Bearer {server.secret}"
    asks = [
        (OUTBOX, {}), (OUTBOX, {"authorization": secret}), ("/_v6sim/health", {}),
        ("/_v6sim/ui/login", {}), ("/_v6sim/", {}), ("/_v6sim/nothing", {}),
        (OUTBOX, {"origin": "http://localhost:8080", "authorization": secret}),
        (OUTBOX, {"sec_fetch_site": "cross-site"}),
    ]  # fmt: skip
    for path, headers in asks:
        answer = await ask_at(server)(path, **headers)
        assert not set(CORS) & set(answer.headers), (path, headers)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"


NAVIGATION = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
PAGES = ["/_v6sim/", "/_v6sim/ui/login", "/_v6sim/ui/tasks", "/_v6sim/ui/open?secret=x"]
NO_PAGES = [OUTBOX, "/_v6sim/health", "/_v6sim/ui/live", "/_v6sim/ui/static/inspector.css"]


@pytest.mark.parametrize(
    "site", ["cross-site", "same-site", "Cross-Site", '"cross-site"', "cross-site;x=1", "", "new"]
)
async def test_pages_of_other_origins_only_link_to_pages(server, site) -> None:
    install(server)
    ask = ask_at(server)
    for path in PAGES:
        assert "web pages" not in (await ask(path, sec_fetch_site=site, **NAVIGATION)).text
        for changes in (
            {"sec_fetch_mode": "no-cors"}, {"sec_fetch_mode": "cors"}, {"sec_fetch_dest": "iframe"},
            {"sec_fetch_dest": "object"}, {"sec_fetch_dest": "image"},
        ):  # fmt: skip
            headers = {**NAVIGATION, **changes, "sec_fetch_site": site}
            assert (await ask(path, **headers)).status_code == 403
        for method in ("POST", "HEAD", "OPTIONS", "PUT"):
            refused = await ask(path, method, sec_fetch_site=site, **NAVIGATION)
            assert refused.status_code == 403, (method, path)
    for path in NO_PAGES:
        refused = await ask(path, sec_fetch_site=site, **NAVIGATION)
        assert (refused.status_code, "web pages" in refused.text) == (403, True), path


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_own_pages_and_what_users_type_get_through(server, site) -> None:
    install(server)
    secret = f"Bearer {server.secret}"
    answer = await ask_at(server)(OUTBOX, sec_fetch_site=site, authorization=secret)
    assert answer.status_code == 200
    assert (await ask_at(server)("/_v6sim/ui/login", sec_fetch_site=site)).status_code == 200


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"origin": "http://evil.example"}),
        ("POST", {"origin": "null"}),
        ("GET", {"host": "evil.example"}),
        ("POST", {"sec_fetch_site": "cross-site"}),
    ],
)
async def test_a_web_page_turns_nothing(server, method, headers) -> None:
    answer = await ask_at(server)("/_v6sim/reset", method, **headers)
    assert answer.status_code in (401, 403, 421)
