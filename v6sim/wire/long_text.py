"""Texts that are too long to be copied: they are handled in pieces."""

from collections.abc import Iterable, Iterator
from typing import Final

LONG: Final = 2**20
"""Characters from which a text is handled in pieces."""


class TextOmitted(ValueError):
    """A text is asked for that was not kept, as it is longer than its reader takes."""


class LongText:
    """A text in pieces of about a million characters each.

    Args:
        pieces: the parts of the text, in order.
    """

    is_here = True
    """Whether the text can be read: see `OmittedText`."""

    is_plain = False
    """Whether it is known that JSON has the text as it stands: ASCII without any escape."""

    def __init__(self, pieces: Iterable[str] = ()) -> None:
        self._pieces = list(pieces)
        self.size = sum(map(len, self._pieces))
        """Its length in characters."""

    def __iter__(self) -> Iterator[str]:
        """Iterate over the pieces."""
        return iter(self._pieces)

    def __str__(self) -> str:
        """Return the text as one, which copies it."""
        return "".join(self)

    def __repr__(self) -> str:
        return f"<a text of {self.size} characters>"

    def ends(self) -> Iterator[str]:
        """Iterate over pieces at its beginning, and at its end: without those between them."""
        return iter(self)

    def clear(self) -> None:
        """Let go of the text."""
        self._pieces = []

    def drain(self) -> Iterator[str]:
        """Iterate over the pieces, and let go of each."""
        pieces, self._pieces = self._pieces, []
        pieces.reverse()
        while pieces:
            yield pieces.pop()


class OmittedText(LongText):
    """A text that is longer than its reader takes: only its length is known.

    Args:
        size: its length in characters.
    """

    is_here = False

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def __iter__(self) -> Iterator[str]:
        raise TextOmitted(f"a text of {self.size} characters is longer than what is read here")

    def drain(self) -> Iterator[str]:
        """Raise `TextOmitted`."""
        return iter(self)


AnyText = str | LongText


def text_size(text: AnyText) -> int:
    """Return the length of a text in characters."""
    return text.size if isinstance(text, LongText) else len(text)


def iterate_pieces(text: AnyText) -> Iterable[str]:
    """Return the pieces of a text; a short one is a piece by itself."""
    return text if isinstance(text, LongText) else (text,)


def split_text(text: str) -> AnyText:
    """Return the same text, in pieces if it is long."""
    if len(text) <= LONG:
        return text
    return LongText(text[begin : begin + LONG] for begin in range(0, len(text), LONG))
