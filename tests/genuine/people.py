"""Somebody who looks at a server, genuine or ours, from outside."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import socketio

from tests.commands import PATIENCE
from tests.genuine.programs import until

Heard = list[tuple[str, Any]]


class Person:
    """A user; signs in again whenever the server does not take the token any more.

    Args:
        api_url: the server's API.
        username: who.
        password: theirs.
    """

    def __init__(self, api_url: str, username: str, password: str) -> None:
        self._url = api_url
        self._login = {"username": username, "password": password}
        self._token = ""

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Ask, and give the answer's body; whatever is no success is an error here."""
        if not self._token:
            self._sign_in()
        answer = self._send(method, path, body, query)
        if answer.status_code in (401, 422):
            self._sign_in()
            answer = self._send(method, path, body, query)
        answer.raise_for_status()
        return answer.json()

    def is_online(self, name: str) -> bool:
        """Whether the server shows a node as online."""
        [node] = self("GET", "/node", name=name)
        return bool(node["status"] == "online")

    def run_of(self, task: Any) -> Any:
        """The only run of a task."""
        [run] = self("GET", f"/task/{task['id']}/result")
        return run

    def wait_for_status(self, task: Any, status: str) -> Any:
        """Wait until the only run of a task has a status; the run as it is then."""
        until(lambda: self.run_of(task)["status"] == status)
        return self.run_of(task)

    def killable(self, task: Any, kind: str) -> int:
        """Whose id a kill of that kind names: the task, or the node of its only run."""
        if kind == "task":
            return int(task["id"])
        [run] = self("GET", "/result", task_id=task["id"])
        return int(run["node"]["id"])

    @contextmanager
    def hearing(self) -> Iterator[Heard]:
        """What the server's events tell meanwhile: their names and payloads."""
        heard: Heard = []
        with ExitStack() as stack:
            self._listen(heard, stack)
            yield heard

    def _listen(self, heard: Heard, stack: ExitStack) -> None:
        """Open a socket, and another one when its token has expired."""
        self._sign_in()
        ears = socketio.Client(reconnection=False)
        ears.on("*", lambda name, *data: heard.append((name, *data)), namespace="/tasks")
        ears.on("expired_token", lambda *_: self._listen(heard, stack), namespace="/tasks")
        stack.callback(lambda: ears.eio.disconnect(abort=True))  # at once: there may be many
        parts = urlsplit(self._url)
        ears.connect(
            f"{parts.scheme}://{parts.netloc}",
            headers={"Authorization": f"Bearer {self._token}"},
            namespaces=["/tasks"],
            wait_timeout=PATIENCE,
        )

    def _sign_in(self) -> None:
        answer = httpx.post(f"{self._url}/token/user", json=self._login, timeout=PATIENCE)
        self._token = answer.raise_for_status().json()["access_token"]

    def _send(self, method: str, path: str, body: Any, query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        return httpx.request(
            method, self._url + path, json=body, params=query, headers=headers, timeout=PATIENCE
        )
