"""YAML as a document with lines.

Plain words are read as YAML 1.2 does: only `true` and `false` are truth values and only decimal
numbers are numbers. So the country `NO`, the postal code `0123`, the time `12:30` and the date
`2020-01-31` stay the texts they look like.
"""

import re
from collections.abc import Iterator

import yaml

from v6sim.world.document import Document, TextError
from v6sim.world.errors import Place

_NAMED = re.compile(r"((?:tag|tag handle|alias|anchor)) ['\"].*?['\"]")
"""What a parser's error names, which may be a password without quotes."""
_TAG = "tag:yaml.org,2002:"
_PLAIN = [
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"0|-?[1-9][0-9]*", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?", list("-0123456789")),
    ("merge", r"<<", ["<"]),
]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's safe loader with the plain words of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[object]] = {}  # noqa: RUF012  # PyYAML's way


for _name, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), _first)


def parse_yaml(text: str) -> Document:
    """The document that a YAML text is.

    Raises:
        TextError: it is none, or holds tags or several documents.
    """
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return Document(None, lambda _: None, [])
        doubles = _prepare(node)
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise _explained(error) from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise TextError(f"is not YAML: {error.reason}", line) from None
    except ValueError as error:  # a number of thousands of digits
        raise TextError(f"is not YAML: {error}") from None
    finally:
        if loader is not None:
            loader.dispose()
    return Document(data, lambda place: _line(node, place), doubles)


def _explained(error: yaml.MarkedYAMLError) -> TextError:
    mark = error.problem_mark or error.context_mark
    said = [part for part in (error.context, error.problem) if part]
    text = _NAMED.sub(r"\1", f"is not YAML: {', '.join(said)}")
    if mark is None:
        return TextError(text)
    if "cannot start any token" in text:
        text += "; tabs do not indent in YAML, and texts that start with @ or ` need quotes"
    elif any(word in text for word in ("tag", "alias", "anchor")):
        text += "; texts that start with !, & or * need quotes"
    return TextError(f"{text} (column {mark.column + 1})", mark.line + 1)


def _line(node: yaml.Node, place: Place) -> int:
    """The line of a place, or of the nearest place around it."""
    line = node.start_mark.line
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in reversed(node.value) if pair[0].value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            found = (node.value[step],) * 2 if step < len(node.value) else None
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return int(line) + 1


def _prepare(node: yaml.Node) -> list[tuple[Place, int]]:
    """Make the names of all fields texts, even `1:` or `true:`; returns those given twice."""
    doubles = []
    known: set[Place] = set()
    for place, key in _keys(node, (), set()):
        if key.tag != _TAG + "merge":
            key.tag = _TAG + "str"
        if place in known:
            doubles.append((place, key.start_mark.line + 1))
        known.add(place)
    return doubles


def _keys(node: yaml.Node, place: Place, seen: set[int]) -> Iterator[tuple[Place, yaml.ScalarNode]]:
    """The names in all mappings, with their places; what has aliases is looked at once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _keys(child, (*place, index), seen)
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield (*place, key.value), key
                yield from _keys(child, (*place, key.value), seen)
