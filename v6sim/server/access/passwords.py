"""Passwords: how they are kept, and which ones are good enough (reference: auth, section 3)."""

import re

import bcrypt

_LONGEST = 72  # bytes that bcrypt looks at; newer libraries refuse more

_POLICY = (
    (lambda text: len(text) >= 8, "at least 8 characters"),
    (lambda text: len(text) <= 128, "at most 128 characters"),
    (lambda text: re.search("[0-9]", text), "a digit"),
    (lambda text: re.search("[A-Z]", text), "an upper-case letter"),
    (lambda text: re.search("[a-z]", text), "a lower-case letter"),
    (lambda text: not text.isalnum(), "a character that is neither letter nor digit"),
)


def hash_password(password: str, rounds: int) -> str:
    """The bcrypt hash to keep; `rounds` is its cost, as a power of two."""
    return bcrypt.hashpw(password.encode()[:_LONGEST], bcrypt.gensalt(rounds)).decode()


def is_password(password: str, hashed: str) -> bool:
    """Whether `password` is the one that was hashed."""
    return bcrypt.checkpw(password.encode()[:_LONGEST], hashed.encode())


def weakness(password: str) -> str | None:
    """What a new password lacks, as a sentence; None if it will do."""
    for is_good, need in _POLICY:
        if not is_good(password):
            return f"the password is not good enough: it needs {need}"
    return None
