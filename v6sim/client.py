"""A user at work: logs in, sends tasks, looks how they fare, reads results, all over the API."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from v6sim import pause, tls
from v6sim.views import RunView, TaskView, Ticket
from v6sim.wait_notices import Tell, WaitNotices
from v6sim.wire import payload
from v6sim.wire.cryptor import RSACryptor, seal
from v6sim.wire.json_reader import JsonReader
from v6sim.wire.json_writer import JsonDocument
from v6sim.wire.keys import PrivateKey, WrongKey
from v6sim.wire.long_payload import is_sealed
from v6sim.wire.long_text import AnyText, OmittedText, iterate_pieces
from v6sim.wire.wait_reasons import SECONDS, lines, open_runs

if TYPE_CHECKING:
    from v6sim.wire.limits import PayloadLimits

_GLANCE = 0.05  # seconds between two looks at a task that is shown while it runs
_SHOWN = 200  # characters of an answer that makes no sense
_BRIEF = {"Prefer": "return=minimal"}
"""Has v6sim's server leave out long texts; others take no notice of it."""
_POLL = {"Prefer": f"wait={SECONDS:.0f}"}
"""Has v6sim's server hold an answer back no longer than until there is something to say."""
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
        self._tells_why = True
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

    def look(self, ticket: Ticket, *, brief: bool = False) -> TaskView:
        """A task with all below it, as it is now.

        Args:
            ticket: of the task.
            brief: of long inputs, results and logs only their lengths are of interest.
        """
        query = {"run_id": ticket.job_id, "include": "results"}
        headers = _BRIEF if brief else None
        found = self._request("GET", "/task", params=query, headers=headers)
        rows = {row["id"]: row for row in found}
        if ticket.task_id not in rows:
            raise ApiError(f"task {ticket.task_id} no longer exists")
        return self._view(rows, ticket.task_id)

    def watch(
        self, ticket: Ticket, show: Callable[[TaskView], None], tell: Tell | None = None
    ) -> TaskView:
        """Show a task over and over until all of it has ended; return it as it is then.

        Args:
            ticket: of the task.
            show: takes the task as it is at the moment.
            tell: takes lines that say what is waited for, if that takes long.
        """
        notices = WaitNotices(lambda: self.waiting_for(ticket), tell)
        while True:
            begun = time.monotonic()
            view = self.look(ticket, brief=True)
            show(view)
            if view.has_ended:
                return view if view.is_whole else self.look(ticket)
            notices.look()
            time.sleep(max(_GLANCE, time.monotonic() - begun))

    def kill(self, ticket: Ticket) -> None:
        """Have all runs of a task, and of those below it, stopped.

        Raises:
            ApiError: the server refuses it.
        """
        self._request("POST", "/kill/task", json={"id": ticket.task_id})

    def wait(self, ticket: Ticket, seconds: float = math.inf, tell: Tell | None = None) -> TaskView:
        """Wait until a task and all below it have ended; return it as it is then.

        The time in which a debugger has stopped an algorithm of this process does not count.

        Args:
            ticket: of the task.
            seconds: how long to wait at most.
            tell: takes lines that say what is waited for, if that takes long.

        Raises:
            TimeoutError: that takes longer than it may; says what was waited for.
        """
        waiting_for, end = [ticket.task_id], pause.monotonic() + seconds
        notices = WaitNotices(lambda: self.waiting_for(ticket), tell)
        while waiting_for:
            while not self._request("GET", f"/task/{waiting_for[0]}", headers=_POLL)["complete"]:
                if pause.monotonic() > end:
                    raise TimeoutError(self._has_not_ended(ticket, seconds))
                notices.look()
                time.sleep(_GLANCE)
            view = self.look(ticket)
            waiting_for = [task.id for task in view if not task.is_complete]
        return view

    def waiting_for(self, ticket: Ticket) -> list[str]:
        """Which nodes a task waits for, and why: lines, none if it waits for nothing.

        v6sim's server knows more of that than the API tells.
        """
        try:
            if self._tells_why:
                path = f"/_v6sim/tasks/{ticket.task_id}/waiting"
                url = self._http.base_url.copy_with(path=path)
                return list(self._request("GET", str(url))["lines"])
        except (ApiError, KeyError, TypeError):
            self._tells_why = False  # it is another server, or does not want to
        try:
            query = {"run_id": ticket.job_id, "include": "results"}
            tasks = self._request("GET", "/task", params=query, headers=_BRIEF)
        except ApiError:
            return []
        rows = [{**run, "task": task["id"]} for task in tasks for run in task["results"]]
        return lines(open_runs(rows))

    def _has_not_ended(self, ticket: Ticket, seconds: float) -> str:
        said = [f"task {ticket.task_id} has not ended in {seconds:g} s"]
        return "\n".join([*said, *self.waiting_for(ticket)])

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
            log="".join(_pieces(row["log"])),
            sealed=_text(row["result"]),
            open_=self._open,
            sealed_input=_text(row["input"]),
            is_whole=not any(isinstance(row[name], dict) for name in ("input", "result", "log")),
            limits=self._limits,
        )

    def _is_encrypted(self, collaboration_id: int) -> bool:
        if collaboration_id not in self._encrypts:
            row = self._request("GET", f"/collaboration/{collaboration_id}")
            self._encrypts[collaboration_id] = bool(row["encrypted"])
        return self._encrypts[collaboration_id]

    def _seal(self, given: bytes, organization_id: int) -> AnyText:
        """A payload that only that organization can read."""
        row = self._request("GET", f"/organization/{organization_id}")
        try:
            return seal(given, row["public_key"])
        except WrongKey as error:
            raise ApiError(f"nothing can be encrypted for {row['name']!r}: {error}") from None

    def _open(self, text: AnyText) -> bytes:
        """The payload in a text on the wire, encrypted or not."""
        if not is_sealed(text):
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

    def _request(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        if json is not None:
            options |= _json_body(JsonDocument(json))
        try:
            with self._http.stream(method, path, **options) as response:
                body = _read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            text = f"{method} {path}: no answer from {self._http.base_url}: {error}"
            raise ApiError(text) from error
        except ValueError as error:
            raise ApiError(f"{method} {path}: {error}") from None
        if response.is_error:
            raise ApiError(f"{method} {path}: {response.status_code} {_said(body)}")
        return body


def _json_body(document: JsonDocument) -> dict[str, Any]:
    """How HTTPX takes a JSON document as the body of a request."""
    headers = {"Content-Type": "application/json", "Content-Length": str(document.size)}
    content = iter(document) if document.is_long else document.skeleton
    return {"content": content, "headers": headers}


def _read(response: httpx.Response) -> Any:
    """The JSON value of an answer; a long one is taken apart as it comes.

    Raises:
        ValueError: it is no JSON; the text says what it is.
    """
    reader, begin = JsonReader(), b""
    try:
        for chunk in response.iter_bytes():
            begin = begin or chunk[: 4 * _SHOWN]
            reader.feed(chunk)
        return reader.value()
    except ValueError:
        raise ValueError(_no_json(response, begin.decode(errors="replace"))) from None


def _encode(given: bytes, _organization_id: int) -> AnyText:
    """A payload that everybody can read."""
    return payload.encode(given)


def _text(value: Any) -> AnyText:
    """A text of a row; of one that is left out its length."""
    return OmittedText(value["omitted"]) if isinstance(value, dict) else value or ""


def _pieces(value: Any) -> Iterable[str]:
    """The pieces of a text of a row; none if it is left out."""
    text = _text(value)
    return iterate_pieces(text) if isinstance(text, str) or text.is_here else ()


def _parent(row: dict[str, Any]) -> int | None:
    return row["parent"]["id"] if row["parent"] else None


def _time(text: str | None) -> datetime | None:
    """Nodes write their own time, which the server passes on as if it were UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None


def _no_json(response: httpx.Response, content: str) -> str:
    """What came instead of an answer of the API."""
    kind = response.headers.get("content-type", "no content type")
    begin = " ".join(content[:_SHOWN].split()) or "nothing"
    return (
        f"{response.url} answered {response.status_code} with {kind}, not JSON: {begin!r}. "
        "Is this the address of a vantage6 server, with the path of its API?"
    )


def _said(body: Any) -> str:
    return str(body.get("msg") or body.get("message") or body) if isinstance(body, dict) else ""
