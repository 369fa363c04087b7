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
from typing import Any, Callable, Dict, Optional

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
    return deserialize(body, prefix)


def deserialize(content: bytes, data_format: Any) -> Any:
    """The value that a text of one format has.

    Args:
        content: without a prefix.
        data_format: its name, or one of `DataFormat`.

    Raises:
        ValueError: there is no such format.
    """
    if _name(data_format) == "json":
        return json.loads(content.decode())
    if _name(data_format) == "pickle":
        return pickle.loads(content)
    raise _no_format(data_format)


def serialize(value: Any, data_format: Any) -> bytes:
    """A value in one format, without a prefix; see `deserialize`."""
    writers: Dict[str, Callable[[Any], bytes]] = {"json": _to_json, "pickle": to_pickle}
    writer = writers.get(_name(data_format))
    if writer is None:
        raise _no_format(data_format)
    return writer(value)


def _name(data_format: Any) -> str:
    return str(data_format.value if isinstance(data_format, DataFormat) else data_format).lower()


def _no_format(data_format: Any) -> ValueError:
    return ValueError(f"{data_format!r} is not a valid DataFormat: json and pickle are")


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


def _to_json(value: Any) -> bytes:
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
        return str(value.to_json()).encode()
    return json.dumps(value).encode()


def write_output(path: str, value: Any, output_format: Optional[str]) -> None:
    """Write what an algorithm returned; the prefix stands there even if what follows cannot."""
    with open(path, "wb") as file:
        if not output_format:
            file.write(to_pickle(value))
            return
        file.write(output_format.encode() + b".")
        file.write(serialize(value, output_format))
