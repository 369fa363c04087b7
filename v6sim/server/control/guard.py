"""Who may use what lies under /_v6sim/."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from v6sim.server.errors import Refused
from v6sim.server.v3.requests import core_of


async def guard(request: Request) -> None:
    """Let only programs on this machine in, and no web page of somebody else's.

    Raises:
        Refused: the setting `control` is off, or the request comes from elsewhere.
    """
    if not core_of(request).settings.control:
        raise Refused("the setting `control` of this server is off")
    host = request.url.hostname or ""
    if not _is_local(host) or not _is_local(request.client.host if request.client else ""):
        raise Refused("this is only for programs on the machine that the server runs on")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.url.netloc:
        raise Refused(f"this is not for web pages from {origin}")


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
