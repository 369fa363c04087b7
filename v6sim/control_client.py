"""The client of what a running v6sim offers under `/_v6sim/`: for commands, fixtures and tests.

It shows the secret of that v6sim: the one it is given, else that of the environment variable
`V6SIM_CONTROL_TOKEN`, else the one that the server keeps in a file for the same user of the same
machine. Of that it asks the very address that the file names.
"""

import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from v6sim import tls
from v6sim.runtime.control_token import control_token
from v6sim.runtime.secret_file import find_secret

if TYPE_CHECKING:
    import httpx

_PATIENCE = 60  # seconds that an answer may take


class CannotReach(Exception):
    """A v6sim that should be running cannot be used; the text says why."""


class ControlRefused(CannotReach):
    """The v6sim refuses a request, or cannot do what is asked.

    Args:
        status: HTTP status.
        said: the server's own words.
    """

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class ControlClient:
    """Asks a running v6sim under `/_v6sim/`; a context manager.

    Args:
        url: address of its server. A path is ignored.
        secret: its secret. The default is looked up, as the module says.
        patience: seconds that an answer may take; None: any time.
    """

    def __init__(
        self, url: str, secret: str | None = None, *, patience: float | None = _PATIENCE
    ) -> None:
        parts = urlsplit(url)
        self.root = f"{parts.scheme}://{parts.netloc}"
        self._secret = secret or control_token()
        self._patience = patience
        self._http: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close its connections."""
        self.close()

    def close(self) -> None:
        """Close its connections; the next request opens one again."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        """Send a request and return the JSON of its answer; None for an empty answer.

        Args:
            method: HTTP method.
            path: path below `/_v6sim/`.
            body: what to send as JSON; None for nothing.
            query: parameters. Those that are None are left out.

        Raises:
            CannotReach: no v6sim answers there.
            ControlRefused: it refuses.
        """
        import httpx

        given = {key: value for key, value in (query or {}).items() if value is not None}
        try:
            answer = self._client().request(method, path, json=body, params=given)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(str(error)) from None
        return self._content(answer)

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[str]]:
        """Give the lines of an answer as they come.

        Raises:
            CannotReach: no v6sim answers there, or it goes away.
            ControlRefused: it refuses.
        """
        import httpx

        try:
            with self._client().stream("GET", path) as answer:
                if answer.is_error:
                    answer.read()
                    self._content(answer)
                yield answer.iter_lines()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(str(error)) from None

    def _client(self) -> "httpx.Client":
        import httpx

        if self._http is None:
            root, secret = self.root, self._secret
            if secret is None and (found := find_secret(root)):
                root, secret = found.url, found.secret
            headers = {"Authorization": f"Bearer {secret}"} if secret else {}
            self._http = httpx.Client(
                base_url=f"{root}/_v6sim", headers=headers, timeout=self._patience,
                trust_env=False, verify=tls.context(),
            )  # fmt: skip
            weakref.finalize(self, self._http.close)
        return self._http

    def _content(self, answer: "httpx.Response") -> Any:
        if answer.is_success and not answer.content:
            return None
        try:
            said = answer.json()
        except ValueError:
            raise self._unreachable(f"it answers {answer.status_code} without JSON") from None
        if answer.is_error:
            text = said.get("msg") if isinstance(said, dict) else None
            raise ControlRefused(
                answer.status_code, str(text or f"{self.root} answers {answer.status_code}")
            )
        return said

    def _unreachable(self, why: str) -> CannotReach:
        return CannotReach(
            f"no v6sim answers at {self.root}: {why}; name one that runs, as `v6sim up` says where"
        )
