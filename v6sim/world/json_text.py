"""JSON as a document with lines."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from v6sim.world.document import Document, TextError
from v6sim.world.errors import Place

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


def parse_json(text: str) -> Document:
    """The document that a JSON text is.

    Raises:
        TextError: it is none.
    """
    twice = False

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        made = dict(pairs)
        twice = twice or len(made) < len(pairs)
        return made

    if not text.strip():
        return Document(None, lambda _: None, [])
    try:
        data = json.loads(text, object_pairs_hook=mapping)
    except json.JSONDecodeError as error:
        raise TextError(f"is not JSON: {error.msg} (column {error.colno})", error.lineno) from None
    except ValueError as error:  # a number of thousands of digits
        raise TextError(f"is not JSON: {error}") from None
    lines = cache(lambda: dict(_places(text)))  # only wanted when something is wrong
    return Document(data, lambda place: _line(lines(), place), _doubles(text) if twice else [])


def _line(lines: dict[Place, int], place: Place) -> int | None:
    """The line of a place, or of the nearest place around it."""
    return next((lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in lines), None)


def _doubles(text: str) -> list[tuple[Place, int]]:
    seen: set[Place] = set()
    found = []
    for place, line in _places(text):
        if place in seen:
            found.append((place, line))
        seen.add(place)
    return found


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """All places of a valid JSON text with their lines, in the order of the text."""
    yield from _value(_pieces(text), ())


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    line, end = 1, 0
    for piece in _PIECE.finditer(text):
        line += text.count("\n", end, piece.start())
        end = piece.start()
        yield piece[0], line


def _value(pieces: Iterator[tuple[str, int]], place: Place) -> Iterator[tuple[Place, int]]:
    piece, line = next(pieces)
    yield place, line
    yield from _inside(piece, pieces, place)


def _inside(
    opening: str, pieces: Iterator[tuple[str, int]], place: Place
) -> Iterator[tuple[Place, int]]:
    """The places within a value whose first piece has been taken."""
    index = 0
    while opening in ("{", "["):
        piece, line = next(pieces)
        if piece in ("}", "]"):
            return
        if piece == ",":
            continue
        if opening == "{":
            step: str | int = json.loads(piece)
            next(pieces)  # the colon
            piece, _ = next(pieces)
        else:
            step, index = index, index + 1
        yield (*place, step), line
        yield from _inside(piece, pieces, (*place, step))
