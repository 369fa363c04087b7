"""Large payloads as texts on the wire: encoded, sealed, and opened piece by piece."""

import base64
import binascii
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from v6sim.wire.long_text import LONG, AnyText, LongText

SEPARATOR = "$"
"""Stands between the parts of an encrypted text, and in no other."""

_PIECE = 3 * LONG // 4  # bytes that make one piece of base64
_LONGEST_HEAD = 4096
"""Characters of a sealed text before its payload: a key, encrypted for its receiver, and more."""

Change = Callable[[bytes | memoryview], bytes]
"""What becomes of the next bytes, such as their encryption."""


class EncodedPayload(LongText):
    """The base64 of a payload, made when it is asked for.

    Args:
        payload: the payload.
        head: what stands before its base64.
        start: begins to change the payload, such as to encrypt it; the same each time.
    """

    is_plain = True

    def __init__(
        self, payload: bytes, head: str = "", start: Callable[[], Change] = lambda: bytes
    ) -> None:
        super().__init__()
        self._payload, self._head, self._start = payload, head, start
        self.size = len(head) + encoded_size(len(payload))

    @property
    def payload_size(self) -> int:
        """How many bytes it stands for."""
        return len(self._payload)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the pieces."""
        change, content = self._start(), memoryview(self._payload)
        if self._head:
            yield self._head
        for begin in range(0, len(content), _PIECE):
            yield base64.b64encode(change(content[begin : begin + _PIECE])).decode("ascii")

    def drain(self) -> Iterator[str]:
        """Iterate over the pieces."""
        return iter(self)


def is_sealed(text: AnyText) -> bool:
    """Return whether a text is encrypted, by its form."""
    return SEPARATOR in (text if isinstance(text, str) else next(iter(text), ""))


def encoded_size(size: int) -> int:
    """Return how many characters the base64 of that many bytes has."""
    return (size + 2) // 3 * 4


def longest_text(size: int) -> int:
    """Return how many characters a payload of that many bytes has at most, encoded or sealed."""
    return encoded_size(size) + _LONGEST_HEAD


def payload_size(text: AnyText) -> int:
    """Return how many bytes the payload in a text has, encoded or sealed; it is not opened."""
    if isinstance(text, str):
        return _decoded_size(len(text), text[:_LONGEST_HEAD], text[-2:])
    if isinstance(text, EncodedPayload):
        return text.payload_size
    begin = end = ""
    for piece in text.ends() if text.is_here else ():
        begin = begin if len(begin) >= _LONGEST_HEAD else (begin + piece)[:_LONGEST_HEAD]
        end = (end + piece[-2:])[-2:]
    return _decoded_size(text.size, begin, end)


def _decoded_size(size: int, begin: str, end: str) -> int:
    padding = len(end) - len(end.rstrip("="))
    return (size - begin.rfind(SEPARATOR) - 1 - padding) * 3 // 4


def decode_base64(pieces: Iterable[str], change: Change = bytes) -> bytes:
    """Return what pieces of base64 stand for, and what a change makes of it.

    Characters that are none of base64 are skipped, as `base64.b64decode` does.

    Raises:
        ValueError: they are no base64.
    """
    content = io.BytesIO()  # which hands out what it has without a copy
    for part in _decoded_parts(iter(pieces)):
        content.write(change(part))
    return content.getvalue()


def _decoded_parts(pieces: Iterator[str]) -> Iterator[bytes]:
    rest, piece = b"", next(pieces, "").encode("ascii")
    for following in pieces:
        if b"=" in piece:  # the end, or near it: what comes next may count, or not
            yield binascii.a2b_base64(
                b"".join(chain((rest, piece, following.encode("ascii")), map(_ascii, pieces)))
            )
            return
        piece = rest + piece.translate(None, _OTHERS)
        whole = len(piece) - len(piece) % 4
        rest = piece[whole:]
        yield binascii.a2b_base64(piece[:whole])
        piece = following.encode("ascii")
    yield binascii.a2b_base64(rest + piece)


def _ascii(piece: str) -> bytes:
    return piece.encode("ascii")


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OTHERS = bytes(set(range(256)) - set(_ALPHABET))
"""What base64 passes over."""
