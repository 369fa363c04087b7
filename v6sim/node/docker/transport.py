"""How requests reach the engine: over connections that are used again, whatever is asked."""

import re
import socket
from typing import Any
from urllib.parse import urlsplit

from docker import APIClient
from docker.transport import UnixHTTPAdapter
from docker.transport.unixconn import UnixHTTPConnection, UnixHTTPConnectionPool

_AT_ONCE = 50  # connections that are kept
_ENGINE = "http+docker://localhost"
_ALONE = re.compile(r"/containers/[^/]+(/attach)?$")


def share_connections(api: APIClient) -> None:
    """Have all requests of a client share their connections, and close those that fail.

    Its library keeps some for each path that was ever asked for, and those to an engine that has
    gone stay open until the garbage of their errors is collected.
    """
    old = api.get_adapter(_ENGINE)
    api.mount(_ENGINE, _Adapter(old.socket_path, old.timeout))


class _Adapter(UnixHTTPAdapter):  # type: ignore[misc]
    """One with a single pool of connections for most requests.

    Those that a stream takes over come back into their pool as if they could be used again. And a
    container is removed over a new one: over one that is open already, an engine that is about to
    stop still answers, and leaves the container's volumes.
    """

    def __init__(self, socket_path: str, seconds: float) -> None:
        super().__init__(socket_path, seconds)
        self._pool = self._new_pool()

    def get_connection(self, url: str, _proxies: Any = None) -> UnixHTTPConnectionPool:
        """The pool for a request."""
        return self._new_pool() if _ALONE.search(urlsplit(url).path) else self._pool

    def _new_pool(self) -> "_Pool":
        return _Pool(_ENGINE, self.socket_path, self.timeout, _AT_ONCE)

    def close(self) -> None:
        """Hang up."""
        super().close()
        self._pool.close()


class _Pool(UnixHTTPConnectionPool):  # type: ignore[misc]
    def _new_conn(self) -> UnixHTTPConnection:
        return _Connection(self.base_url, self.socket_path, self.timeout)


class _Connection(UnixHTTPConnection):  # type: ignore[misc]
    def connect(self) -> None:
        """Reach the engine."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self.unix_socket)
        except OSError:
            self.close()
            raise
