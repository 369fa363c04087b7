"""The input and the output of a run, as bytes (reference: algorithm-contract, section 2)."""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# Its inputs are pickles by contract:
# ruff: noqa: PTH123, S301

import io
import json
import pickle
import sys
from enum import Enum
from types import FunctionType, ModuleType
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Set, Tuple

PREFIX_LENGTH = 10
"""Bytes of an input in which its format's name and the dot must be."""

PICKLE_PROTOCOL = min(4, pickle.DEFAULT_PROTOCOL)
"""The newest that a Python 3.7 client reads."""


_PLAIN = (type(None), bool, int, float, str, bytes)
_NO_PARTS = (type, FunctionType, ModuleType)


class DataFormat(Enum):
    """The formats of inputs and outputs."""

    JSON = "json"
    PICKLE = "pickle"


class DeserializationException(ValueError):
    """An input is in no format that is known."""


def read_input(path: str) -> Any:
    """The input of a run: `json.` or `pickle.` and the rest accordingly, else a bare pickle."""
    with open(path, "rb") as file:
        content = file.read()
    return read_content(content, deserialize)


def read_content(content: bytes, read: Callable[[bytes, str], Any]) -> Any:
    """What `read_input` says of a file's content.

    Args:
        content: with its prefix, if it has one.
        read: gives what the rest means, in a format of that name.
    """
    name, dot, body = content[:PREFIX_LENGTH].partition(b".")
    try:
        prefix = name.decode().lower() if dot else None
    except UnicodeDecodeError:  # the first byte of a binary pickle is no text
        prefix = None
    if prefix is None:
        try:
            return pickle.loads(content)
        except pickle.UnpicklingError as problem:
            raise DeserializationException(f"Could not deserialize input: {problem}") from None
    body += content[PREFIX_LENGTH:]
    return read(body, prefix)


def deserialize(content: bytes, data_format: Any) -> Any:
    """The value that a text of one format has.

    Args:
        content: without a prefix.
        data_format: its name, or one of `DataFormat`.

    Raises:
        ValueError: there is no such format.
    """
    return codec_of(_READERS, data_format)(io.BytesIO(content))


def serialize(value: Any, data_format: Any) -> bytes:
    """A value in one format, without a prefix; see `deserialize`."""
    content: bytes = codec_of(_WRITERS, data_format)(value)
    return content


def codec_of(codecs: Mapping[Any, Callable[[Any], Any]], data_format: Any) -> Callable[[Any], Any]:
    """What reads or writes a format."""
    codec = codecs.get(_name(data_format))
    if codec is None:
        known = " and ".join(sorted(codecs))
        raise ValueError(f"{data_format!r} is not a valid DataFormat: {known} are")
    return codec


def registering(codecs: Dict[Any, Callable[[Any], Any]]) -> Callable[[Any], Callable[[Any], Any]]:
    """A decorator for what reads or writes a format from now on, which it is given."""

    def of(data_format: Any) -> Callable[[Any], Any]:
        def register(codec: Callable[[Any], Any]) -> Callable[[Any], Any]:
            codecs[_name(data_format)] = codec
            return codec

        return register

    return of


def _name(data_format: Any) -> str:
    return str(data_format.value if isinstance(data_format, DataFormat) else data_format).lower()


_Pickler: Any = vars(pickle)["_Pickler"]


class _PortablePickler(_Pickler):  # type: ignore[misc]
    """Writes NumPy 1's names for NumPy's inner parts: those any version reads."""

    def save_global(self, obj: Any, name: Optional[str] = None) -> None:
        module = getattr(obj, "__module__", None) or ""
        name = name or getattr(obj, "__qualname__", None)
        if not module.startswith("numpy._core"):
            super().save_global(obj, name)
            return
        older = module.replace("numpy._core", "numpy.core", 1)
        self.write(f"c{older}\n{name}\n".encode())
        self.memoize(obj)


def to_pickle(value: Any) -> bytes:
    """A pickle of `value` that clients of the 3.7 era can read, whose NumPy may be older."""
    content = pickle.dumps(value, protocol=PICKLE_PROTOCOL)
    if b"numpy._core" not in content:
        return content
    file = io.BytesIO()
    _PortablePickler(file, PICKLE_PROTOCOL).dump(value)
    return file.getvalue()


def to_json(value: Any) -> bytes:
    """JSON of a value, which may be a table or a column of one."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
        return str(value.to_json()).encode()
    return write_json(value)


def write_json(value: Any) -> bytes:
    """JSON of a value."""
    return json.dumps(value).encode()


def read_json(content: bytes) -> Any:
    """What JSON means."""
    return json.loads(content.decode())


_READERS: Dict[Any, Callable[[Any], Any]] = {
    "json": lambda file: read_json(file.read()), "pickle": pickle.load,
}  # fmt: skip
"""What reads files of each format."""

_WRITERS: Dict[Any, Callable[[Any], Any]] = {"json": to_json, "pickle": to_pickle}

deserializer, serializer = registering(_READERS), registering(_WRITERS)


def write_output(path: str, value: Any, output_format: Optional[str]) -> None:
    """Write what an algorithm returned; the prefix stands there even if what follows cannot."""
    with open(path, "wb") as file:
        if not output_format:
            file.write(to_pickle(value))
            return
        file.write(output_format.encode() + b".")
        file.write(serialize(value, output_format))


def what_cannot_be_written(value: Any, output_format: Optional[str]) -> Tuple[str, Any]:
    """The innermost part of a result that its format has no form for, and where it is.

    Args:
        value: the result, which could not be written.
        output_format: as `write_output` takes it.

    Returns:
        The place, such as `result['model'][0]`, and the part; the whole if no part is to blame.
    """
    is_json = _name(output_format) == "json"
    place = "result"
    around: Set[int] = set()
    while True:
        around.add(id(value))
        found = next(
            (
                (step, part)
                for step, part in _parts(value, is_json)
                if type(part) not in _PLAIN
                and id(part) not in around
                and not _can_be_written(part, is_json)
            ),
            None,
        )
        if found is None:
            return place, value
        place, value = place + found[0], found[1]


def _can_be_written(part: Any, is_json: bool) -> bool:
    try:
        if is_json:
            json.dumps(part)
        else:
            pickle.dumps(part, protocol=PICKLE_PROTOCOL)
    except Exception:
        return False
    return True


def _parts(value: Any, is_json: bool) -> Iterator[Tuple[str, Any]]:
    """What a value consists of, each part with how one gets there."""
    if isinstance(value, dict):
        for key, part in value.items():
            if not is_json:  # a tuple is no key in JSON, and can be a value
                yield f" (the key {key!r:.60})", key
            yield f"[{key!r:.60}]", part
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield f"[{number}]", part
    elif isinstance(value, (set, frozenset)):
        for part in value:
            yield " (an element)", part
    elif not is_json and not isinstance(value, _NO_PARTS) and _is_pickled_by_fields(value):
        for name, part in vars(value).items():
            yield f".{name}", part


def _is_pickled_by_fields(value: Any) -> bool:
    """Whether the pickle of an object holds what its `__dict__` does."""
    kind = type(value)
    names = ("__reduce__", "__reduce_ex__", "__getstate__")
    return hasattr(value, "__dict__") and all(
        getattr(kind, name, None) is getattr(object, name, None) for name in names
    )
