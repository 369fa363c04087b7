"""What no message may show: values of some fields, and what stands in the wrong place of a file."""

import re

_SECRETS = {
    "api_key", "control_token", "jwt_secret_key", "otp_secret", "password", "root_password",
}  # fmt: skip
_PASSWORD = re.compile(r"(:/+[^/?#\s:@'\"]*):\S*@")
_NAMED = re.compile(
    r"((?:passw|pwd|secret|token|api.?key|private.?key|credential)\w*(?:\s*[:=]\s*|\s+))"
    r"[^\s'\",;}\]]+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


def is_secret_name(field: str) -> bool:
    """Return whether a field of a world or its settings holds a secret."""
    return field in _SECRETS


def without_passwords(text: str) -> str:
    """Return a text without the passwords of addresses in it: `postgresql://ada:***@host/data`."""
    return _PASSWORD.sub(r"\1:***@", text)


def without_secrets(written: str) -> str:
    """Return what stands in a file without what seems to be secret, such as `password:***`."""
    return _NAMED.sub(r"\1***", without_passwords(written))


def in_message(text: str) -> str:
    """Return a message without secrets in what it quotes."""
    return _QUOTED.sub(lambda found: without_secrets(found[0]), without_passwords(text))
