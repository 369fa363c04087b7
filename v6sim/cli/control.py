"""Asking a v6sim that runs, under /_v6sim/."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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

    root = server.rstrip("/").removesuffix("/api")
    with httpx.Client(base_url=root, timeout=None, trust_env=False) as http:  # noqa: S113
        try:
            yield http
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Mistake(f"{server} does not answer as a v6sim does: {error}") from None


def ask(http: "httpx.Client", path: str) -> Any:
    """What it answers to a question, read from its JSON."""
    response = http.get(path)
    try:
        body = response.json()
    except ValueError:
        raise Mistake(f"{http.base_url} does not answer as a v6sim does") from None
    if response.is_error:
        raise Mistake(body.get("msg", f"the server answers {response.status_code}"))
    return body
