"""Reading JSON that comes in chunks: long strings in it are never held as one."""

import codecs
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from v6sim.wire.long_text import LONG, LongText, OmittedText
from v6sim.wire.sizes import MIB, format_size

_INSIDE = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
"""What a string has before its closing quotation mark, as far as it is complete."""
_COMPLETE = re.compile(
    r"(?:[^\\]++|\\[^u]"
    r"|\\u(?![dD][89abAB])[0-9a-fA-F]{4}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}"  # half of a character, whose other half may follow
    r"(?:\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?=[^\\]|\\[^u]|\\u(?![dD][c-fC-F])[0-9a-fA-F]{4}))"
    r")*+",
    re.DOTALL,
)
"""What of a string can be decoded by itself."""
_CONTROL = re.compile(r"[\x00-\x1f]")
_QUOTE = 0x22
_LONGEST_ESCAPE = 12  # characters: \ud83d\ude00
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_SHORT = 4096
"""Bytes of a string that the skeleton of a long document has at most."""

Loads = Callable[[bytes], Any]


class JsonTooLarge(ValueError):
    """A document has more than its reader takes; the text says of what."""


@dataclass(frozen=True)
class JsonLimits:
    """The most that a document may have, since small values take many times their bytes.

    Args:
        values: elements of lists and members of objects, at any depth; an empty one counts as one.
        skeleton: bytes of a long document without its strings of more than 4 KiB.
        name: characters of a member's name.
    """

    values: float = inf
    skeleton: float = inf
    name: float = inf

    @property
    def are_none(self) -> bool:
        """Whether any document may pass."""
        return self == NO_LIMITS

    def check_values(self, values: int) -> None:
        """Make sure that there are not too many.

        Raises:
            JsonTooLarge: there are.
        """
        if values > self.values:
            raise JsonTooLarge(f"the JSON has more than {self.values:,} values")


NO_LIMITS = JsonLimits()
REQUEST_LIMITS = JsonLimits(values=100_000, skeleton=8 * MIB, name=LONG)
"""Those of what a stranger sends: a task for ten thousand organizations has a third of that."""


def check_short(document: bytes, limits: JsonLimits = REQUEST_LIMITS) -> None:
    """Make sure that a document has not more values than it may; it need not be valid.

    Raises:
        JsonTooLarge: it has.
    """
    if _count(document) > limits.values:  # perhaps most are characters of texts
        limits.check_values(_count(_STRING.sub(b"", document)))


def _count(part: bytes) -> int:
    """The number of values that begin in a part of a document that has no strings."""
    return part.count(b",") + part.count(b"[") + part.count(b"{")


class JsonReader:
    """Reads one JSON document from chunks of bytes.

    A short document is read by `loads`. In one of more than a million bytes, each string of more
    than a million characters becomes a `LongText`. There `loads` reads the skeleton alone: the
    document without its strings of more than 4 KiB.

    Args:
        keep: how many characters of a string are kept at most; a longer one is an `OmittedText`.
            A million are always kept.
        limits: the most that the document may have.
        loads: reads JSON.
    """

    def __init__(
        self, keep: float = inf, limits: JsonLimits = NO_LIMITS, loads: Loads = json.loads
    ) -> None:
        self._keep, self._limits, self._loads = max(keep, LONG), limits, loads
        self._chunks: list[bytes] = []
        self._size = 0
        self._scanner: _Scanner | None = None

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            JsonTooLarge: they go beyond the limits.
            ValueError: they belong to no JSON document.
        """
        if self._scanner is not None:
            self._scanner.feed(chunk)
            return
        begin = self._size
        self._chunks.append(chunk)
        self._size += len(chunk)
        if begin <= LONG < self._size:
            so_far = b"".join(self._chunks)
            if json.detect_encoding(so_far).startswith("utf-8"):
                self._chunks.clear()
                self._scanner = _Scanner(self._keep, self._limits, self._loads)
                self._scanner.feed(so_far)
            elif not self._limits.are_none:
                self._chunks.clear()
                raise JsonTooLarge(f"JSON of more than {format_size(LONG)} has to be UTF-8")

    def value(self) -> Any:
        """Return the value of the document, once all of it is there.

        Raises:
            JsonTooLarge: it goes beyond the limits.
            ValueError: it is no JSON document.
            RecursionError: it is nested too deeply.
        """
        if self._scanner is not None:
            return self._scanner.value()
        document = b"".join(self._chunks)
        check_short(document, self._limits)
        return self._loads(document)


class _Scanner:
    """Takes the long strings out of a document, and puts them back into its value."""

    def __init__(self, keep: float, limits: JsonLimits, loads: Loads) -> None:
        self._keep, self._limits, self._loads = keep, limits, loads
        self._skeleton = bytearray()
        self._values = 0
        self._string: _String | None = None
        self._texts: list[LongText] = []
        self._mark = secrets.token_hex(16)
        """What stands in the place of a long string, with its number: nobody can guess it."""

    def feed(self, chunk: bytes) -> None:
        position = 0
        while position < len(chunk):
            if self._string is None:
                quote = chunk.find(b'"', position)
                end = len(chunk) if quote < 0 else quote + 1
                self._add(chunk[position:end])
                position = end
                if quote >= 0:
                    self._string = _String(self._keep)
            else:
                position = self._string.feed(chunk, position)
                if self._string.has_ended:
                    self._skeleton += self._spoken(self._string) + b'"'
                    self._string = None

    def _add(self, part: bytes) -> None:
        """Take a part of the document that is outside of its strings."""
        self._skeleton += part
        self._values += _count(part)
        self._limits.check_values(self._values)
        if len(self._skeleton) > self._limits.skeleton:
            most = format_size(int(self._limits.skeleton))
            raise JsonTooLarge(f"the JSON has more than {most} beside its long texts")

    def value(self) -> Any:
        if self._string is not None:
            raise ValueError("a string has no end")
        value = self._loads(bytes(self._skeleton))
        return self._restored(value) if self._texts else value

    def _spoken(self, string: "_String") -> bytes:
        if not string.is_long:
            return string.raw
        self._texts.append(string.text())
        return f"{self._mark}{len(self._texts) - 1}".encode()

    def _restored(self, value: Any) -> Any:
        if isinstance(value, str):
            if not value.startswith(self._mark):
                return value
            text = self._texts[int(value.removeprefix(self._mark))]
            return text if text.size > LONG else str(text)
        if isinstance(value, list):
            return [self._restored(each) for each in value]
        if isinstance(value, dict):
            return {self._name(key): self._restored(value[key]) for key in value}
        return value

    def _name(self, key: str) -> str:
        name = self._restored(key)
        if isinstance(name, LongText) and name.size > self._limits.name:
            raise JsonTooLarge(f"a name in the JSON has {name.size:,} characters")
        return str(name)


class _String:
    """A string of a document, from after its opening quotation mark on."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._raw = bytearray()
        """What is not decoded yet; of a short string all."""
        self._is_escaped = False
        """Whether the last chunk ended with the first character of an escape."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._rest = ""
        """The beginning of an escape that has been decoded as bytes."""
        self._pieces: list[str] = []
        self._size = 0
        self.is_long = self.has_ended = False

    @property
    def raw(self) -> bytes:
        """The bytes of a short string, as they stand in the document."""
        return bytes(self._raw)

    def feed(self, chunk: bytes, position: int) -> int:
        """Take bytes up to the end of the string; returns the position after that."""
        if self._is_escaped:
            self._is_escaped = False
            self._raw += chunk[position : position + 1]
            return position + 1
        most = LONG if self.is_long else min(_SHORT, LONG)
        limit = min(len(chunk), position + max(most + 1 - len(self._raw), 1))
        found = _INSIDE.match(chunk, position, limit)
        end = found.end() if found else position
        self._raw += chunk[position:end]
        if len(self._raw) > most:
            self._decode()
        if end == limit:
            return end
        if chunk[end] == _QUOTE:
            self.has_ended = True
        else:  # it is a backslash, and the last byte that is looked at
            self._is_escaped = True
            self._raw += chunk[end : end + 1]
        return end + 1

    def text(self) -> LongText:
        """The text of a long string that has ended."""
        self._decode(is_end=True)
        return LongText(self._pieces) if self._size <= self._keep else OmittedText(self._size)

    def _decode(self, *, is_end: bool = False) -> None:
        self.is_long = True
        text = self._rest + self._decoder.decode(bytes(self._raw), is_end)
        self._raw.clear()
        end = len(text)
        if not is_end and "\\" in text:
            complete = _COMPLETE.match(text)
            begun = complete.end() if complete else 0
            if end - begun <= _LONGEST_ESCAPE:  # else it is none, as will be found
                end = begun
        self._rest = text[end:]
        self._add(_unescaped(text[:end]))

    def _add(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > self._keep:
            self._pieces.clear()
        elif piece:
            self._pieces.append(piece)


def _unescaped(text: str) -> str:
    """What a part of a string says.

    Raises:
        ValueError: it has a character, or an escape, that JSON does not allow.
    """
    if "\\" in text:
        return str(json.loads(f'"{text}"'))
    if wrong := _CONTROL.search(text):
        raise ValueError(f"invalid control character {wrong.group()!r} in a string")
    return text
