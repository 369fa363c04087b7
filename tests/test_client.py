"""The client of a user, and what it says when no vantage6 server answers."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from v6sim.client import ApiError, Client


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers whatever it is asked in the same way."""

    status, kind, body = 502, "text/html", b"<html>\n<h1>Bad gateway</h1>"

    def do_POST(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()
        thread.join()


def test_what_is_no_json_is_shown_with_its_address(address) -> None:
    with pytest.raises(ApiError) as caught:
        Client(address, "u", "p")
    assert str(caught.value) == (
        f"POST /token/user: {address}/token/user answered 502 with text/html, not JSON: "
        "'<html> <h1>Bad gateway</h1>'. Is this the address of a vantage6 server, with the path of "
        "its API?"
    )


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"msg": "a second factor first"}'])
def test_a_login_without_a_token_is_an_error(address, monkeypatch, body) -> None:
    monkeypatch.setattr(Answering, "status", 200)
    monkeypatch.setattr(Answering, "body", body)
    with pytest.raises(ApiError, match="gave 'u' no token"):
        Client(address, "u", "p")


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ApiError, match=r"no answer from http://127.0.0.1:9/api/: .*refused"):
        Client("http://127.0.0.1:9/api", "u", "p")


def test_a_failed_login_leaves_no_connection_open(address, monkeypatch) -> None:
    closed: list[object] = []
    monkeypatch.setattr("httpx.Client.close", closed.append)
    with pytest.raises(ApiError):
        Client(address, "u", "p")
    assert len(closed) == 1
