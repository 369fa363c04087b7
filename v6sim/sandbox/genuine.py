"""The genuine Python client, if it is installed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from v6sim.runtime.extras import find_module

if TYPE_CHECKING:
    from v6sim.sandbox.orders import Person

WANTED = "vantage6-client>=3,<4"


class NoGenuineClient(ImportError):
    """The genuine client is not installed here, or is one of another age."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f'{why}: sandbox.client needs the genuine one: pip install "{WANTED}" "numpy<2". '
            "Without it there are sandbox.http, for plain requests, and sandbox.own_client, "
            "v6sim's own small client"
        )


def genuine_client(api_url: str, person: "Person", private_key: Path | None) -> Any:
    """The genuine client, logged in, its keys set up.

    Args:
        api_url: the server's API.
        person: who to be.
        private_key: that of their organization; None where nothing is encrypted for it.

    Raises:
        NoGenuineClient: it is not installed.
    """
    kind = _client_class()
    address = urlsplit(api_url)
    with _logging_as_it_was():
        host = f"{address.scheme}://{address.hostname}"
        client = kind(host, address.port, address.path.rstrip("/"))
    client.authenticate(person.username, person.password)
    client.setup_encryption(str(private_key) if private_key else None)
    return client


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """The genuine client would have everybody's loggers talk, also those of the tests."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers


def _client_class() -> Any:
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("vantage6-client")
    except PackageNotFoundError:
        raise NoGenuineClient("vantage6-client is not installed") from None
    if not installed.startswith("3."):
        raise NoGenuineClient(
            f"vantage6-client {installed} is installed, which speaks otherwise than a 3.7 server"
        )
    if find_module("vantage6.client") is None:
        raise NoGenuineClient("vantage6.client cannot be found")
    return import_module("vantage6.client").Client
