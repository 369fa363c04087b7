"""Who may use what lies under /_v6sim/."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from v6sim.server.errors import Refused
from v6sim.server.v3.requests import core_of

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


async def guard(request: Request) -> None:
    """Let only programs on this machine in, and no web page of somebody else's.

    Raises:
        Refused: the setting `control` is off, or the request comes from elsewhere.
    """
    if not core_of(request).settings.control:
        raise Refused("the setting `control` of this server is off")
    if not is_here(request):
        raise Refused("this is only for programs on the machine that the server runs on")
    if not is_own_page(request):
        origin = request.headers.get("origin")
        raise Refused(f"this is not for web pages from {origin}")


def is_here(request: Request) -> bool:
    """Whether a request comes from this machine, and was not passed on from elsewhere."""
    client, server = request.client, request.scope.get("server") or ("", 0)
    names = (request.url.hostname or "", client.host if client else "", server[0])
    is_passed_on = any(name in request.headers for name in _PASSED_ON)
    return not is_passed_on and all(_is_local(name) for name in names)


def is_own_page(request: Request) -> bool:
    """Whether a request comes from a page of this server, or from no page at all."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.url.netloc


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
