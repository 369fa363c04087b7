"""Names of hosts and origins: what they look like, and which of them mean this machine."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.IGNORECASE)
_HOST_AND_PORT = re.compile(
    r"(\[(?P<literal>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]+(\.[a-z0-9_-]+)*)\.?)(:[0-9]{0,5})?"
)

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  none is listened on here
"""Hosts that stand for all addresses of a machine, and how to reach them from there."""


def address_of(host: str, port: int) -> str:
    """Return the URL of a host and port, without a path."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def local_url(host: str, port: int) -> str:
    """Return the URL at which programs of this machine reach what listens on a host and port."""
    return address_of(ANY_ADDRESS.get(host, host), port)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine's loopback: a literal address, or `localhost`."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return ((address.version == 6 and address.ipv4_mapped) or address).is_loopback


def host_in(header: str) -> str | None:
    """Return the host that a `Host` header names: in small letters, without port and brackets.

    None if it names none, or is malformed.
    """
    found = _HOST_AND_PORT.fullmatch(header.strip().lower())
    return (found["literal"] or found["name"]) if found else None


def is_host_pattern(text: str) -> bool:
    """Return whether a text is the name or address of a host, or `*.` and a name."""
    name = text.removeprefix("*.").strip("[]")
    try:
        ip_address(name)
    except ValueError:
        return _NAME.fullmatch(name) is not None
    return not text.startswith("*.")


def fits_host(pattern: str, host: str) -> bool:
    """Return whether a host is the one that a pattern names; `*.x.org` are all below `x.org`."""
    pattern = pattern.lower()
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern.strip("[]")


def is_origin(text: str) -> bool:
    """Return whether a text is an origin: scheme and host, perhaps a port, and nothing else."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if not parts.scheme or host.startswith("*") or not is_host_pattern(host) or port == 0:
        return False
    return text.lower() == f"{parts.scheme}://{parts.netloc}".lower() and "@" not in parts.netloc


def is_loopback_origin(origin: str) -> bool:
    """Return whether an origin is a page of this machine's loopback."""
    if not is_origin(origin):
        return False
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and is_loopback(parts.hostname or "")
