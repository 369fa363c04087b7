"""What a wrong word was probably meant to be."""

import difflib
from collections.abc import Iterable

_SHOWN = 20


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like `word`, whatever the case; None if none is."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def choices(word: str, known: Iterable[str]) -> str:
    """What could stand in the place of `word`: `did you mean 'x'? known: x, y`."""
    words = list(known)
    if not words:
        return "there is none"
    shown = ", ".join(words[:_SHOWN]) + (", ..." if len(words) > _SHOWN else "")
    meant = nearest(word, words)
    return f"did you mean {meant!r}? known: {shown}" if meant else f"known: {shown}"
