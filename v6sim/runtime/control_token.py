"""The secret of a v6sim as the environment gives it."""

import os

VARIABLE = "V6SIM_CONTROL_TOKEN"
_taken: list[str] = []


def take_control_token() -> None:
    """Take the secret out of the environment, where programs that an algorithm starts would see it.

    This is for programs of their own, at their start. `control_token` knows it from then on.
    """
    if token := os.environ.pop(VARIABLE, ""):
        _taken[:] = [token]


def control_token() -> str | None:
    """Return the secret that the environment gives, or gave; None if it gives none."""
    return os.environ.get(VARIABLE) or next(iter(_taken), None)
