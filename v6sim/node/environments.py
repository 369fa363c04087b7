"""What runs find in their environment, for people to look at; nothing secret is kept."""

import re
from collections.abc import Callable, Mapping

_LONGEST = 2000  # characters of a value
_SECRET = re.compile(
    r"pass(word|wd|phrase)?|secret|token|api_?key|access_?key|private|credential|auth|cookie",
    re.IGNORECASE,
)
_FILES = frozenset({"TOKEN_FILE"})
"""Names that sound secret, of values that only say where something is."""
_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")

HIDDEN = "(hidden)"

EnvironmentWitness = Callable[[int, Mapping[str, str]], None]
"""Who is told of a run's id and its variables."""


def unheard(_run_id: int, _environment: Mapping[str, str]) -> None:
    """Who is told where nobody wants to know."""


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables as others may see them.

    Values are hidden whose names tell of passwords, tokens and keys, and logins within addresses.
    """
    return {
        name: HIDDEN
        if _SECRET.search(name) and name not in _FILES
        else _LOGIN.sub(f"{HIDDEN}@", value)[:_LONGEST]
        for name, value in environment.items()
    }
