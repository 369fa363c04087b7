"""A line to the control API of a v6sim that runs elsewhere."""

from collections.abc import Mapping
from typing import Any

from v6sim import tls

_PATIENCE = 60  # seconds


class CannotReach(Exception):
    """A v6sim that should be running cannot be used; the text says why."""


class Impossible(NotImplementedError):
    """What cannot be done with a v6sim that runs in another process; the text says what can."""

    def __init__(self, what: str, url: str, instead: str) -> None:
        super().__init__(f"{what} is impossible at {url}, a v6sim of another process: {instead}")


class ControlLine:
    """Asks a v6sim under `/_v6sim/`.

    Args:
        root: its address, without a path.

    Raises:
        CannotReach: no v6sim answers there, or none that may be controlled from here.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.ask("GET", "clock")

    def ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        """What it answers, as JSON; None for an empty answer.

        Raises:
            CannotReach: it does not answer, or refuses.
        """
        import httpx

        given = {key: value for key, value in (query or {}).items() if value is not None}
        try:
            answer = httpx.request(
                method, f"{self.root}/_v6sim/{path}", json=body, params=given, timeout=_PATIENCE,
                trust_env=False, verify=tls.context(),
            )  # fmt: skip
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CannotReach(
                f"no v6sim answers at {self.root}: {error}; start one with `v6sim up`, or leave "
                "out --v6sim-url"
            ) from None
        if answer.is_success and not answer.content:
            return None
        try:
            said = answer.json()
        except ValueError:
            said = {}
        if answer.is_error or said == {}:
            why = said.get("msg") if isinstance(said, dict) else None
            raise CannotReach(
                f"what answers at {self.root} cannot be driven: {answer.status_code} "
                f"{why or '(no v6sim, it seems)'}; start one with `v6sim up`"
            )
        return said
