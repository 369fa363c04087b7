"""Names of fields whose values no message may show."""

_SECRETS = {
    "api_key", "control_token", "jwt_secret_key", "otp_secret", "password", "root_password",
}  # fmt: skip


def is_secret_name(field: str) -> bool:
    """Return whether a field of a world or its settings holds a secret."""
    return field in _SECRETS
