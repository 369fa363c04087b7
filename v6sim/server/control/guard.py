"""Who may use what lies under /_v6sim/."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request

from v6sim.server.errors import Refused
from v6sim.server.settings import Settings
from v6sim.server.v3.requests import core_of

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_ROUTES = Path("/proc/net/route")
"""The kernel's table of routes: interface, destination and gateway as hexadecimal words, ..."""


async def is_on(request: Request) -> None:
    """For what nodes may use from wherever they are: it takes their token.

    Raises:
        Refused: the setting `control` is off.
    """
    if not core_of(request).settings.control:
        raise Refused("the setting `control` of this server is off")


async def guard(request: Request) -> None:
    """Let only programs on this machine in, and no web page of somebody else's.

    Raises:
        Refused: the setting `control` is off, or the request comes from elsewhere.
    """
    settings = core_of(request).settings
    await is_on(request)
    if not is_here(request, settings):
        raise Refused("this is only for programs on the machine that the server runs on")
    if not is_own_page(request):
        origin = request.headers.get("origin")
        raise Refused(f"this is not for web pages from {origin}")


def is_here(request: Request, settings: Settings) -> bool:
    """Whether a request comes from this machine, and was not passed on from elsewhere."""
    host = request.url.hostname or ""
    client = request.client.host if request.client else ""
    from_here = _is_local(client) or (settings.control_from_gateway and client in gateways())
    is_passed_on = any(name in request.headers for name in _PASSED_ON)
    return _is_local(host) and from_here and not is_passed_on


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


def gateways(routes: Path = _ROUTES) -> set[str]:
    """The addresses to which this machine sends whatever is not near: a container's host."""
    rows = [line.split() for line in routes.read_text().splitlines()[1:]]
    return {
        str(ip_address(bytes.fromhex(row[2])[::-1])) for row in rows if int(row[1], 16) == 0
    } - {"0.0.0.0"}  # noqa: S104  no address that is listened on
