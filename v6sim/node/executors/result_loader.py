"""Loads the pickle of a result with the algorithm's own types, and tells what it means.

This file runs in the algorithm's interpreter (Python 3.6 and later) and imports nothing of v6sim.
It reads the pickle from standard input, and writes JSON to standard output: the value as a text,
and in a plain form in which objects show their fields. All that is loaded runs in a child of it,
and is killed with whatever it has started when it has ended, or when its time is over.
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: B905, UP006, UP035, UP045
# ruff: noqa: PTH100, PTH120

import os
import sys

sys.path[0] = os.path.dirname(os.path.abspath(__file__))
import spawner  # type: ignore[import-not-found]  # noqa: E402 - it lies beside this file

del sys.path[0], sys.modules["spawner"]  # neither is for the algorithm

import collections  # noqa: E402
import enum  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import pickle  # noqa: E402
import signal  # noqa: E402
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple  # noqa: E402

DEPTH = 100
"""Containers in each other, in the plain form."""

LONGEST = 1000000
"""Characters of the text."""

SHORT = 2000
"""Characters of an error."""


class TooLarge(Exception):
    """The plain form has too many values, or containers that lie too deep in each other."""


class Plain:
    """Makes the plain form of one value.

    Args:
        most: how many values it may have.
    """

    def __init__(self, most: int) -> None:
        self.left = most
        self.most = most
        self.path: Set[int] = set()

    def of(self, value: Any) -> Any:
        """Return the plain form."""
        self.left -= 1
        if self.left < 0:
            raise TooLarge(f"it has more than {self.most:,} values")
        if type(value) is int and value.bit_length() > LONGEST_INT:
            return long_integer(value)
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else None
        if id(value) in self.path:
            return f"(the {type(value).__name__} again)"
        if len(self.path) >= DEPTH:
            raise TooLarge(f"it is more than {DEPTH} deep")
        self.path.add(id(value))
        try:
            return self.within(value)
        except (TooLarge, MemoryError, RecursionError):
            raise
        except Exception as error:  # code of strangers
            return not_shown(value, error)
        finally:
            self.path.discard(id(value))

    def within(self, value: Any) -> Any:
        """Return the plain form of what is no single value of JSON."""
        known, found = self.of_library(value)
        if known:
            return found
        if is_single(type(value)):
            return text_of_single(value)
        fields = fields_of(value)
        if fields is not None:
            return shown(type(value), self.named(fields.items()))
        if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
            return shown(value, {})
        if type(value).__module__ in CONTAINERS:
            if isinstance(value, dict):
                return self.named(value.items())
            if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
                return [self.of(item) for item in value]
        for kind in (int, float, str):
            if isinstance(value, kind):
                return self.of(kind(value))
        return shown(type(value), self.named(parts_of(value)))

    def of_library(self, value: Any) -> Tuple[bool, Any]:
        """Return whether a value is one of NumPy or pandas, and its plain form."""
        np, pd = sys.modules.get("numpy"), sys.modules.get("pandas")
        if np is not None and isinstance(value, (np.generic, np.ndarray)):
            return True, self.of_numpy(np, value)
        if pd is None:
            return False, None
        if isinstance(value, pd.DataFrame):
            columns = [value.iloc[:, place] for place in range(value.shape[1])]
            return True, self.named(zip(value.columns, columns))
        if isinstance(value, pd.Series):
            return True, self.named(zip(value.index, value))
        singles = pd.Period, pd.Interval, pd.offsets.BaseOffset, type(getattr(pd, "NA", pd.NaT))
        if isinstance(value, singles):
            return True, str(value)
        if isinstance(value, (pd.Index, pd.api.extensions.ExtensionArray)):
            return True, [self.of(item) for item in value]
        return False, None

    def of_numpy(self, np: Any, value: Any) -> Any:
        """Return the plain form of an array, or of a scalar of NumPy."""
        if isinstance(value, np.matrix):
            value = np.asarray(value)  # whose rows have a dimension less
        names = value.dtype.names
        if isinstance(value, np.ndarray) and value.ndim > 1:
            return [self.of(value[place]) for place in range(len(value))]
        if isinstance(value, np.ndarray) and value.ndim:
            return [self.of(item) for item in (value if names else value.tolist())]
        if isinstance(value, np.ndarray) and (names or value.dtype.hasobject):
            return [self.of(value[()])]
        if names:
            return self.named((name, value[name]) for name in names)
        found = value.tolist()
        if isinstance(found, int) and isinstance(value, (np.datetime64, np.timedelta64)):
            return str(value)  # of nanoseconds
        if isinstance(found, np.floating):
            return self.of(float(found))
        return str(found) if isinstance(found, np.generic) else self.of(found)

    def named(self, pairs: Iterable[Tuple[Any, Any]]) -> Dict[str, Any]:
        """Return items by the names of their keys, of which no two are the same."""
        found: Dict[str, Any] = {}
        alike: Dict[str, int] = {}
        for key, item in pairs:
            name = name_of(key)
            while name in found:
                alike[name] = alike.get(name, 1) + 1
                name = f"{name} ({alike[name]})"
            found[name] = self.of(item)
        return found


STANDARD = ("datetime", "decimal", "fractions", "uuid", "pathlib", "pathlib._local", "zoneinfo",
            "ipaddress", "re", "pytz", "dateutil.tz.tz")  # fmt: skip
"""Modules whose types say all of themselves as a text."""

SINGLE = complex, bytes, bytearray, range, slice, type(Ellipsis), type(NotImplemented)
"""Types of Python itself that do."""

CONTAINERS = ("builtins", "collections")
"""Modules whose lists and dicts are nothing beside that; others' have their types shown."""

LONGEST_INT = 14276
"""Bits of the longest integer that becomes a text: it has 4,300 digits, as Python itself has it."""


def is_single(kind: type) -> bool:
    """Return whether values of a type say all of themselves as a text."""
    if issubclass(kind, enum.Enum):
        return kind.__module__ == "uuid"
    if issubclass(kind, (BaseException, tuple)) or hasattr(kind, "__dataclass_fields__"):
        return False
    if kind in SINGLE or hasattr(kind, "isoformat"):
        return True
    module = kind.__module__ or ""
    return any(module == name or module.startswith(name + ".") for name in STANDARD)


def text_of_single(value: Any) -> str:
    """Return what a value says of itself, as JSON has it."""
    return str(value.isoformat() if hasattr(type(value), "isoformat") else value)


def long_integer(value: int) -> str:
    """Return what stands for an integer that is too long for a text."""
    return f"<an integer of about {int(value.bit_length() / 3.3219) + 1:,} digits>"


def not_shown(value: Any, error: Exception) -> str:
    """Return what stands for a value whose own code fails."""
    try:
        said = str(error)
    except Exception:  # code of strangers, too
        said = "?"
    found = "<a {} that cannot be shown: {}: {}>"
    return found.format(type(value).__name__, type(error).__name__, said[:100])


def name_of(key: Any) -> str:
    """Return the text of a key."""
    if type(key) is str:
        return key
    try:
        return str(key)
    except Exception:  # it has something in it that cannot be shown
        return text_of(key)


def text_of(value: Any, depth: int = 0) -> str:
    """Return what Python prints of a value; of what cannot be printed, a part after the other."""
    try:
        return repr(value)
    except (MemoryError, RecursionError):
        raise
    except Exception as problem:  # code of strangers
        error = problem
    if type(value) is int:
        return long_integer(value)
    if depth >= DEPTH:
        return "..."

    def inner(part: Any) -> str:
        return text_of(part, depth + 1)

    if type(value) is dict:
        pairs = (f"{inner(key)}: {inner(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if type(value) in BRACKETS:
        begin, end = BRACKETS[type(value)]
        items = ", ".join(map(inner, value))
        return begin + items + ("," if type(value) is tuple and len(value) == 1 else "") + end
    fields = None if isinstance(value, BaseException) else fields_of(value)
    if fields is not None:
        pairs = (f"{name}={inner(item)}" for name, item in fields.items())
        of_fields = "{}({})".format(type(value).__name__, ", ".join(pairs))
        return of_fields if not has_own_repr(type(value)) else not_shown(value, error)
    return not_shown(value, error)


BRACKETS: Dict[type, Tuple[str, str]] = {
    list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("frozenset({", "})"),
}  # fmt: skip


def has_own_repr(kind: type) -> bool:
    """Return whether somebody wrote how values of a type are printed."""
    code = getattr(kind.__repr__, "__wrapped__", kind.__repr__)
    file = getattr(getattr(code, "__code__", None), "co_filename", "<")
    return not file.startswith("<")  # else dataclasses or namedtuple did


def shown(kind: Any, fields: Dict[str, Any]) -> Any:
    """Return the plain form of an object: its type and its fields."""
    name = getattr(kind, "__qualname__", None) or getattr(kind, "__name__", str(kind))
    return {
        "Object": {"type": name, "module": str(getattr(kind, "__module__", "")), "fields": fields}
    }


def fields_of(value: Any) -> Optional[Dict[str, Any]]:
    """Return the fields of an enum, a dataclass or a named tuple; None for all else."""
    if isinstance(value, type):
        return None
    if isinstance(value, enum.Enum):
        return {"name": value.name, "value": value.value}
    names = getattr(value, "__dataclass_fields__", None)
    if names is None and isinstance(value, tuple):
        names = getattr(value, "_fields", None)
    if names is None:
        return None
    return {name: getattr(value, name, None) for name in names}


def attributes_of(value: Any) -> Dict[str, Any]:
    """Return what an object has in its dict and in its slots."""
    found: Dict[str, Any] = {}
    for kind in reversed(type(value).__mro__):
        names = kind.__dict__.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            is_private = name.startswith("__") and not name.endswith("__")
            whole = "_{}{}".format(kind.__name__.lstrip("_"), name) if is_private else name
            if name not in ("__dict__", "__weakref__") and hasattr(value, whole):
                found[whole] = getattr(value, whole)
    found.update(getattr(value, "__dict__", {}))
    return found


def parts_of(value: Any) -> Iterable[Tuple[str, Any]]:
    """Return the attributes of an object, and what its pickle holds of it without a name."""
    found: Dict[str, Any] = {}
    state = None
    try:
        told = value.__reduce_ex__(4)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # it was made of a pickle that somebody else wrote
        told = None
    if isinstance(told, tuple) and len(told) >= LEAST_PARTS:
        make, args, state, items, entries = (*told, None, None, None)[:MOST_PARTS]
        named: Any = None
        if getattr(make, "__name__", "") == "__newobj_ex__":
            _, args, named = args
        elif getattr(make, "__name__", "") == "__newobj__":
            args = args[1:]
        lists = None if items is None else list(items), None if entries is None else dict(entries)
        parts = ("args", args), ("kwargs", named), ("items", lists[0]), ("entries", lists[1])
        found.update((name, part) for name, part in parts if part)
    attributes = attributes_of(value)
    both = state if isinstance(state, tuple) and len(state) == LEAST_PARTS else (state,)
    if all(part is None or isinstance(part, dict) for part in both):
        for part in both:
            for name, item in (part or {}).items():
                attributes.setdefault(name, item)
    else:
        found["state"] = state
    return [*found.items(), *attributes.items()]


LEAST_PARTS, MOST_PARTS = 2, 5
"""Of what says how a pickle makes an object."""


def load(out: int, folder: str, most: int) -> None:
    """Load the pickle, and write what it means."""
    if folder:
        sys.path.insert(0, folder)
    spawner.load_inside()("stand_ins").provide()
    told: Dict[str, Any] = {}
    try:
        value = pickle.loads(sys.stdin.buffer.read())  # noqa: S301
        text = text_of(value)
        told["text"] = "" if " object at 0x" in text else text[: LONGEST + 1]
        told["value"] = Plain(most).of(value)
    except BaseException as error:
        told = {"error": f"{type(error).__name__}: {error}"[:SHORT]}
    content = json.dumps(told, allow_nan=False).encode("utf-8", "backslashreplace")
    with os.fdopen(out, "wb") as file:
        file.write(content)


def end(*_: Any) -> None:
    """What to do when the time is over, or nobody waits any more."""
    raise KeyboardInterrupt


def main(arguments: List[str]) -> None:
    """Start the child, wait for it, and leave nothing of it behind.

    Args:
        arguments: the folder that goes first on the path, or an empty text; how long it may take,
            in seconds; how many values the plain form may have.
    """
    folder, seconds, most = arguments[0], float(arguments[1]), int(arguments[2])
    spawner.prctl(spawner.SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    spawner.prctl(spawner.SET_PARENT_DEATH_SIGNAL, int(signal.SIGTERM), 0, 0, 0)
    out = os.dup(1)
    os.dup2(2, 1)  # what the algorithm prints is no result
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            load(out, folder, most)
        finally:
            os._exit(0)
    os.close(out)
    status = int(signal.SIGALRM)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    try:
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
        _, status = os.waitpid(child, 0)
    except KeyboardInterrupt:
        pass
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    spawner.kill_all(child)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


if __name__ == "__main__":
    main(sys.argv[1:])
