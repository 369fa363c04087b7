"""HTTP for a node's proxy: what is no HTTP is answered 400, in one line of the log, and is told."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from v6sim.wire.sizes import MIB

_LARGEST = 4 * MIB
"""The largest body of a request that is not for a new task."""
_LINGERING = 1.0  # seconds for which the rest of a body is taken that nobody reads
_SHOWN = 200  # characters of what is wrong
_MALFORMED = (HttpProcessingError, web.RequestPayloadError)
"""Errors of a head, or of a body: its encoding, its parts, or an end before its length."""

logger = logging.getLogger(__name__)


class ProxyServer(web.Server):
    """A server of one handler.

    Args:
        handler: answers requests.
        tell: is told of one that is malformed, and what is wrong.
    """

    def __init__(self, handler: Any, tell: Callable[[web.BaseRequest, str], None]) -> None:
        super().__init__(
            handler, request_factory=_make_request, access_log=None, logger=logger,
            lingering_time=_LINGERING,
        )  # fmt: skip
        self._tell = tell

    def __call__(self) -> web.RequestHandler:
        """A connection."""
        return _Connection(self._tell, self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    def __init__(
        self, tell: Callable[[web.BaseRequest, str], None], *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._tell = tell

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that came to an error, and close its connection."""
        if isinstance(exc, ConnectionError):  # there is nobody to answer
            raise exc
        if not isinstance(exc, _MALFORMED):
            return super().handle_error(request, status, exc, message)
        said = getattr(exc, "message", "") or str(exc) or type(exc).__name__
        self._tell(request, " ".join(ascii(said).strip("'\"").split())[:_SHOWN])
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun: it breaks off")
        answer = web.Response(status=400, text="a malformed request")
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Log an error with its traceback, except one of a body that nobody wanted to read."""
        if not isinstance(options.get("exc_info"), (*_MALFORMED, ConnectionError)):
            super().log_exception(*args, **options)


def _make_request(
    message: Any, payload: Any, protocol: Any, writer: Any, task: "asyncio.Task[None]"
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_LARGEST)
