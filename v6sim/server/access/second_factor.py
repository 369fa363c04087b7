"""The second factor: codes that change every 30 seconds (reference: auth, section 2)."""

from dataclasses import dataclass, field
from datetime import datetime

_ISSUER = "vantage6 (petronas)"  # what the genuine server shows in authenticator apps
_STEPS = 1  # codes of this many steps before and after now are accepted


@dataclass(frozen=True)
class Factor:
    """A new second factor: its secret, and the same as an address for a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def create(username: str) -> Factor:
    """Make a second factor for a user."""
    import pyotp  # few need it

    secret = pyotp.random_base32()
    return Factor(secret, pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=_ISSUER))


def accepts(secret: str, code: str, now: datetime) -> bool:
    """Whether `code` is right for about now."""
    import pyotp

    return pyotp.TOTP(secret).verify(code, for_time=now, valid_window=_STEPS)
