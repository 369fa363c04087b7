"""A user at work: logs in, sends tasks, looks how they fare, reads results, all over the API."""

import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from v6sim import pause, tls
from v6sim.views import RunView, TaskView, Ticket
from v6sim.wire import payload
from v6sim.wire.cryptor import SEPARATOR, RSACryptor, seal
from v6sim.wire.keys import PrivateKey, WrongKey

if TYPE_CHECKING:
    from v6sim.wire.limits import PayloadLimits

_GLANCE = 0.05  # seconds between two looks at a task that is shown while it runs
_SHOWN = 200  # characters of an answer that makes no sense
_PATIENCE = 60  # seconds that the server may take for an answer; it holds some back


class ApiError(Exception):
    """The server refused a request, or gave no proper answer; the text says which and why."""


class Client:
    """A user of a server; a context manager.

    Args:
        api_url: address of the server with its API path.
        username: who to be.
        password: their password.
        private_key: file with the private key of their organization; without one, encrypted results
            cannot be read.
        limits: how large results may be to be used; None for the usual limits.

    Raises:
        ApiError: the server does not let them in, or there is none.
        WrongKey: the file holds no private key.
    """

    def __init__(
        self, api_url: str, username: str, password: str, private_key: Path | None = None,
        limits: "PayloadLimits | None" = None,
    ) -> None:  # fmt: skip
        self._cryptor = RSACryptor(PrivateKey.load(private_key)) if private_key else None
        self._http = httpx.Client(
            base_url=api_url, timeout=_PATIENCE, trust_env=False, verify=tls.context()
        )
        self._limits = limits
        self._names: dict[int, str] = {}
        self._encrypts: dict[int, bool] = {}
        try:
            self._log_in(username, password)
        except BaseException:
            self._http.close()
            raise

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close its connections."""
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def organizations(self) -> dict[str, int]:
        """Ids of the organizations that the user may see, by name."""
        rows = self._request("GET", "/organization")
        self._names = {row["id"]: row["name"] for row in rows}
        return {row["name"]: row["id"] for row in rows}

    def collaborations(self) -> dict[str, int]:
        """Ids of the collaborations that the user may see, by name."""
        rows = self._request("GET", "/collaboration")
        self._encrypts = {row["id"]: bool(row["encrypted"]) for row in rows}
        return {row["name"]: row["id"] for row in rows}

    def submit(
        self,
        collaboration_id: int,
        organization_ids: Sequence[int],
        image: str,
        given: bytes,
        *,
        name: str = "",
        description: str = "",
        database: str = "default",
    ) -> Ticket:
        """Send a task.

        Args:
            collaboration_id: where it is to run.
            organization_ids: at which organizations.
            image: name of the algorithm.
            given: the input, serialized, the same for all.
            name: for people.
            description: for people too.
            database: label of the data it is to run on.

        Raises:
            ApiError: the server refuses it; or it is to be encrypted for an organization without
                a public key.
        """
        write = self._seal if self._is_encrypted(collaboration_id) else _encode
        task = {
            "collaboration_id": collaboration_id,
            "organizations": [{"id": key, "input": write(given, key)} for key in organization_ids],
            "image": image,
            "name": name,
            "description": description,
            "database": database,
        }
        made = self._request("POST", "/task", json=task)
        return Ticket(made["id"], made["run_id"])

    def look(self, ticket: Ticket) -> TaskView:
        """A task with all below it, as it is now."""
        query = {"run_id": ticket.job_id, "include": "results"}
        rows = {row["id"]: row for row in self._request("GET", "/task", params=query)}
        if ticket.task_id not in rows:
            raise ApiError(f"task {ticket.task_id} no longer exists")
        return self._view(rows, ticket.task_id)

    def watch(self, ticket: Ticket, show: Callable[[TaskView], None]) -> TaskView:
        """Show a task over and over until all of it has ended; return it as it is then."""
        while not (view := self.look(ticket)).has_ended:
            show(view)
            time.sleep(_GLANCE)
        show(view)
        return view

    def kill(self, ticket: Ticket) -> None:
        """Have all runs of a task, and of those below it, stopped.

        Raises:
            ApiError: the server refuses it.
        """
        self._request("POST", "/kill/task", json={"id": ticket.task_id})

    def wait(self, ticket: Ticket, seconds: float = math.inf) -> TaskView:
        """Wait until a task and all below it have ended; return it as it is then.

        The time in which a debugger has stopped an algorithm of this process does not count.

        Raises:
            TimeoutError: that takes longer than it may.
        """
        waiting_for, end = [ticket.task_id], pause.monotonic() + seconds
        while waiting_for:
            while not self._request("GET", f"/task/{waiting_for[0]}")["complete"]:
                if pause.monotonic() > end:
                    raise TimeoutError(f"task {ticket.task_id} has not ended in {seconds:g} s")
                time.sleep(_GLANCE)
            view = self.look(ticket)
            waiting_for = [task.id for task in view if not task.is_complete]
        return view

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Make any request of the API; the JSON of its answer.

        Args:
            method: of HTTP.
            path: such as `/task/1`.
            options: `json` and `params`, as HTTPX takes them.

        Raises:
            ApiError: the server refuses it.
        """
        return self._request(method, path, **options)

    def _log_in(self, username: str, password: str) -> None:
        login = {"username": username, "password": password}
        tokens = self._request("POST", "/token/user", json=login)
        if not isinstance(tokens, dict) or "access_token" not in tokens:
            raise ApiError(f"{self._http.base_url} gave {username!r} no token: {_said(tokens)}")
        self._http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def _view(self, rows: dict[int, Any], task_id: int) -> TaskView:
        row = rows[task_id]
        below = sorted(key for key, other in rows.items() if _parent(other) == task_id)
        return TaskView(
            id=task_id,
            name=row["name"] or "",
            image=row["image"] or "",
            status=row["status"],
            is_complete=row["complete"],
            runs=tuple(self._run(result) for result in row["results"]),
            subtasks=tuple(self._view(rows, key) for key in below),
        )

    def _run(self, row: dict[str, Any]) -> RunView:
        return RunView(
            id=row["id"],
            organization=self._name(row["organization"]),
            status=row["status"] or "",
            started=_time(row["started_at"]),
            finished=_time(row["finished_at"]),
            log=row["log"] or "",
            sealed=row["result"] or "",
            open_=self._open,
            sealed_input=row["input"] or "",
            limits=self._limits,
        )

    def _is_encrypted(self, collaboration_id: int) -> bool:
        if collaboration_id not in self._encrypts:
            row = self._request("GET", f"/collaboration/{collaboration_id}")
            self._encrypts[collaboration_id] = bool(row["encrypted"])
        return self._encrypts[collaboration_id]

    def _seal(self, given: bytes, organization_id: int) -> str:
        """A payload that only that organization can read."""
        row = self._request("GET", f"/organization/{organization_id}")
        try:
            return seal(given, row["public_key"])
        except WrongKey as error:
            raise ApiError(f"nothing can be encrypted for {row['name']!r}: {error}") from None

    def _open(self, text: str) -> bytes:
        """The payload in a text on the wire, encrypted or not."""
        if SEPARATOR not in text:
            return payload.to_bytes(text)
        if self._cryptor is None:
            raise payload.UnreadablePayload(
                "it is encrypted, and there is no private key to open it"
            )
        return self._cryptor.decrypt(text)

    def _name(self, organization_id: int) -> str:
        if organization_id not in self._names:
            self.organizations()
        return self._names.get(organization_id, f"organization {organization_id}")

    def _request(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = self._http.request(method, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            text = f"{method} {path}: no answer from {self._http.base_url}: {error}"
            raise ApiError(text) from error
        try:
            body = response.json()
        except ValueError:
            raise ApiError(f"{method} {path}: {_no_json(response)}") from None
        if response.is_error:
            raise ApiError(f"{method} {path}: {response.status_code} {_said(body)}")
        return body


def _encode(given: bytes, _organization_id: int) -> str:
    """A payload that everybody can read."""
    return payload.to_text(given)


def _parent(row: dict[str, Any]) -> int | None:
    return row["parent"]["id"] if row["parent"] else None


def _time(text: str | None) -> datetime | None:
    """Nodes write their own time, which the server passes on as if it were UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None


def _no_json(response: httpx.Response) -> str:
    """What came instead of an answer of the API."""
    kind = response.headers.get("content-type", "no content type")
    begin = " ".join(response.text[:_SHOWN].split()) or "nothing"
    return (
        f"{response.url} answered {response.status_code} with {kind}, not JSON: {begin!r}. "
        "Is this the address of a vantage6 server, with the path of its API?"
    )


def _said(body: Any) -> str:
    return str(body.get("msg") or body.get("message") or body) if isinstance(body, dict) else ""
