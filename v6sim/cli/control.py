"""Asking a v6sim that runs, under /_v6sim/."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from v6sim.cli.addresses import address
from v6sim.cli.failures import Mistake

if TYPE_CHECKING:
    import httpx


@contextmanager
def at(server: str) -> Iterator["httpx.Client"]:
    """What asks a server; whatever keeps it from answering is said.

    Args:
        server: its address, with or without the path of its API.
    """
    import httpx

    base_url = address("--server", server).rstrip("/").removesuffix("/api")
    with httpx.Client(base_url=base_url, timeout=None, trust_env=False) as http:  # noqa: S113
        try:
            yield http
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _no_v6sim(server, str(error)) from None


def ask(http: "httpx.Client", path: str, question: Any = None) -> Any:
    """What it answers, read from its JSON.

    Args:
        http: asks the server.
        path: from the root on.
        question: what to post as JSON; None: nothing, the path says it all.
    """
    response = http.get(path) if question is None else http.post(path, json=question)
    try:
        body = response.json()
    except ValueError:
        raise _no_v6sim(str(http.base_url), f"{response.status_code} without JSON") from None
    if response.is_error:
        said = body.get("msg") if isinstance(body, dict) else None
        raise Mistake(said or f"{http.base_url} answers {response.status_code}")
    return body


def _no_v6sim(server: str, why: str) -> Mistake:
    return Mistake(
        f"--server {server} does not answer as a v6sim does: {why}. Name one that runs, as "
        "`v6sim up` says where"
    )
