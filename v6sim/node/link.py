"""A node's line to its server: requests with the node's token, which it keeps valid."""

import asyncio
from collections.abc import Mapping
from typing import Any

import jwt
from pydantic import SecretStr

from v6sim.node.errors import NodeRefused, ServerAway, ServerRefused
from v6sim.node.line import AWAY, FAILURES, Answer, Line, RequestOptions, describe_failure

VOID = (401, 422)
"""What a token that is expired, or not this server's, is answered; a 401 may also be a refusal."""

_MINIMAL = RequestOptions(is_minimal=True)
_REPORT = RequestOptions(is_minimal=True, longest=0)
"""A genuine server answers a report with all of the result, which nobody needs."""


class Link:
    """Asks the server on a node's behalf.

    Args:
        line: to the server.
        api_key: the node's key.
    """

    def __init__(self, line: Line, api_key: SecretStr) -> None:
        self.line = line
        self._api_key = api_key
        self._token = self._refresh_token = self._refresh_url = ""
        self._renewing = asyncio.Lock()

    @property
    def token(self) -> str:
        """The token in use."""
        return self._token

    async def sign_in(self) -> int:
        """Get a token for the api key, waiting for a server that is away; returns the node's id.

        Raises:
            NodeRefused: the server does not know the key.
            ServerRefused: what is there is no vantage6 server, or it refuses for another reason.
        """
        path = f"{self.line.address.path}/token/node"
        key = {"api_key": self._api_key.get_secret_value()}
        answer = await self.line.send_patiently("POST", path, "", body=key)
        if answer.status == 401:
            raise NodeRefused(str(self.line.address), answer.said)
        tokens = answer.json
        if answer.status != 200 or not isinstance(tokens, dict):
            raise ServerRefused(f"POST {self.line.address}/token/node", answer.status, answer.said)
        self._token = tokens["access_token"]
        self._refresh_token, self._refresh_url = tokens["refresh_token"], tokens["refresh_url"]
        claims = jwt.decode(self._token, options={"verify_signature": False})
        return int(claims["sub"] if "sub" in claims else claims["identity"])

    async def renew(self, expired: str) -> bool:
        """Replace a token that the server takes no more, unless that has happened meanwhile.

        Returns whether the server still took the refresh token; else it may have started over.

        Raises:
            NodeRefused: the server does not know the api key any more.
        """
        async with self._renewing:
            if self._token != expired:
                return True
            bearer = self._refresh_token
            answer = await self.line.send_patiently("POST", self._refresh_url, bearer)
            if answer.status == 200 and isinstance(answer.json, dict):
                self._token = answer.json["access_token"]
                return True
            await self.sign_in()
            return False

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, str | int] | None = None,
        options: RequestOptions = _MINIMAL,
    ) -> Any:
        """Ask as the node; a server that is away is waited for. Returns the answer's JSON.

        Args:
            method: of HTTP.
            path: below that of the API, without a slash at its start.
            body: what to send as JSON; None for nothing.
            params: the query.
            options: how to ask; by itself without the long texts that v6sim's server can omit.

        Raises:
            ServerRefused: the server answered with a refusal, also after a renewal of the token.
            NodeRefused: the token is void and the server does not know the api key any more.
        """
        token = self._token
        whole = f"{self.line.address.path}/{path}"
        send = self.line.send_patiently
        answer = await send(method, whole, token, body, params, options)
        if answer.status in VOID:
            await self.renew(token)
            answer = await send(method, whole, self._token, body, params, options)
        return _success(method, path, answer).json

    async def ask_at_once(
        self, method: str, path: str, body: Any = None, options: RequestOptions = _REPORT
    ) -> Answer:
        """The same for what makes sense only to a server that was not away meanwhile.

        Raises:
            ServerAway: the server cannot be reached, or took no token from before.
            ServerRefused: as above.
            NodeRefused: as above.
        """
        token = self._token
        whole = f"{self.line.address.path}/{path}"
        try:
            answer = await self.line.send(method, whole, token, body, options=options)
            if answer.status in VOID:
                if not await self.renew(token):
                    raise ServerAway("the server took no token from before")
                answer = await self.line.send(method, whole, self._token, body, options=options)
        except FAILURES as failure:
            raise ServerAway(describe_failure(failure)) from failure
        if answer.status in AWAY:
            raise ServerAway(f"it answers {answer.status}")
        return _success(method, path, answer)


def _success(method: str, path: str, answer: Answer) -> Answer:
    if answer.status >= 400:
        raise ServerRefused(f"{method} {path}", answer.status, answer.said)
    return answer
