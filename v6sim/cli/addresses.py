"""Addresses of servers as the command line takes them."""

import re
from urllib.parse import urlsplit

from v6sim.cli.failures import Mistake

_EXPECTED = "expected the address of a server, such as http://127.0.0.1:5000/api"


def address(option: str, text: str) -> str:
    """The address in full: `http://` may be left out.

    Args:
        option: where the user gave it, for the message.
        text: what they gave.

    Raises:
        Mistake: it can be none.
    """
    scheme, separator, _ = text.partition("://")
    if separator and scheme not in ("http", "https"):
        raise _wrong(option, text, f"{scheme}:// is not spoken here")
    try:
        whole = text if separator else f"http://{text}"
        parts = urlsplit(whole)
        port = parts.port
    except ValueError as error:
        raise _wrong(option, text, str(error)) from None
    if not parts.hostname or re.search(r"[\s@\\]|:$", parts.netloc):
        raise _wrong(option, text, "it has no proper host name")
    if port == 0:
        raise _wrong(option, text, "port 0 is no port")
    if parts.query or parts.fragment:
        raise _wrong(option, text, "nothing may follow its path")
    return whole


def _wrong(option: str, text: str, why: str) -> Mistake:
    return Mistake(f"{option} {text!r}: {why}; {_EXPECTED}")
