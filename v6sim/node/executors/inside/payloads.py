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
from typing import Any, Callable, Dict, Mapping, Optional

PREFIX_LENGTH = 10
"""Bytes of an input in which its format's name and the dot must be."""

PICKLE_PROTOCOL = min(4, pickle.DEFAULT_PROTOCOL)
"""The newest that a Python 3.7 client reads."""


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
