"""The web UI 3.7 as the server meets it: what a browser does around each of its calls.

reference: ui; clients, section C.
"""

from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from tests.commands import PATIENCE

ORIGIN = "http://localhost:8080"
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


class Shown(Exception):
    """What the UI shows in place of what was asked for: the server's `msg`."""


class Browser:
    """Somebody at the UI. Each call is preceded by its pre-flight, and renewed as the UI does it.

    Args:
        api_url: the server's API.
    """

    def __init__(self, api_url: str) -> None:
        parts = urlsplit(api_url)
        self.server_url = f"{parts.scheme}://{parts.netloc}"
        self.api_url = api_url
        self._http = httpx.AsyncClient(timeout=PATIENCE, headers={"Origin": ORIGIN})
        self.tokens: dict[str, str] = {}
        self.user_id = ""

    async def __aenter__(self) -> Self:
        """Open it."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close it."""
        await self._http.aclose()

    async def log_in(self, username: str, password: str, mfa_code: str | None = None) -> Any:
        """Log in; whoever is let in has tokens then. The answer says which page comes next."""
        body = {"username": username, "password": password}
        answer = await self.post("token/user", {**body, "mfa_code": mfa_code} if mfa_code else body)
        if "access_token" in answer:
            self.tokens = {name: answer[name] for name in ("access_token", "refresh_token")}
            self.user_id = answer["user_url"].rpartition("/")[2]
        return answer

    async def get(self, path: str, **query: Any) -> Any:
        """Ask for something."""
        return await self._call("GET", path, None, query)

    async def post(self, path: str, body: Any, status: int = 200) -> Any:
        """Send something; `status` is what the answer has to have."""
        return await self._call("POST", path, body, {}, status)

    async def patch(self, path: str, body: Any) -> Any:
        """Change something."""
        return await self._call("PATCH", path, body, {})

    async def delete(self, path: str) -> Any:
        """Delete something."""
        return await self._call("DELETE", path, None, {})

    async def preflight(self, method: str, url: str, *, has_body: bool) -> httpx.Response:
        """Ask whether a page of this origin may ask; without a token, as browsers do."""
        headers = "authorization,content-type" if has_body else "authorization"
        wishes = {
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        }
        return await self._http.options(url, headers=wishes)

    async def poll(self, url: str) -> str:
        """The first poll of a socket, from another origin: the packet that it opens with."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        answer = await self._http.get(url, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        return answer.text

    async def send(
        self, method: str, path: str, body: Any, query: dict[str, Any], token: str
    ) -> httpx.Response:
        """One request with its pre-flight; an answer that no page could read is an error here."""
        url = f"{self.api_url}/{path}"
        asked = await self.preflight(method, url, has_body=body is not None)
        assert asked.status_code == 200, (method, url, asked.status_code)
        assert asked.headers["access-control-allow-origin"] == ORIGIN
        assert "Origin" in asked.headers["vary"]
        assert set(asked.headers["access-control-allow-methods"].split(", ")) == _METHODS
        assert "authorization" in asked.headers["access-control-allow-headers"]
        assert body is None or "content-type" in asked.headers["access-control-allow-headers"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self._http.request(method, url, params=query, headers=headers, json=body)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "Origin" in answer.headers["vary"]
        assert answer.headers["content-type"].startswith("application/json")
        return answer

    async def _call(
        self, method: str, path: str, body: Any, query: dict[str, Any], status: int | None = None
    ) -> Any:
        token = self.tokens.get("access_token", "undefined")
        answer = await self.send(method, path, body, query, token)
        if answer.status_code == 401:
            token = await self._renew()
            answer = await self.send(method, path, body, query, token)
        if answer.is_error:
            raise Shown(answer.json()["msg"])
        assert answer.status_code == (status or 200)
        return answer.json()

    async def _renew(self) -> str:
        """Have the token renewed; after 422 the UI goes on with none, after others it is stuck."""
        old = self.tokens.get("refresh_token", "null")
        answer = await self.send("POST", "token/refresh", {}, {}, old)
        if answer.status_code == 422:
            return "undefined"
        assert answer.status_code == 200
        self.tokens["access_token"] = answer.json()["access_token"]
        return self.tokens["access_token"]
