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
        finally:
            self.path.discard(id(value))

    def within(self, value: Any) -> Any:
        """Return the plain form of what is no single value of JSON."""
        known, found = self.of_library(value)
        if known:
            return found
        fields = fields_of(value)
        if fields is not None:
            return shown(type(value), self.named(fields.items()))
        if isinstance(value, dict):
            return self.named(value.items())
        if type(value).__name__ in ("deque", "range") or isinstance(
            value, (list, tuple, set, frozenset)
        ):
            return [self.of(item) for item in value]
        for kind in (int, float, str):
            if isinstance(value, kind):
                return self.of(kind(value))
        if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
            return shown(value, {})
        if hasattr(value, "isoformat"):
            return str(value.isoformat())
        if type(value).__module__ in STANDARD:
            return str(value)
        return shown(type(value), self.named(attributes_of(value).items()))

    def of_library(self, value: Any) -> Tuple[bool, Any]:
        """Return whether a value is one of NumPy or pandas, and its plain form."""
        np, pd = sys.modules.get("numpy"), sys.modules.get("pandas")
        if np is not None and isinstance(value, (np.generic, np.ndarray)):
            found = value.tolist()
            return True, str(value) if found is value or type(found) is complex else self.of(found)
        if pd is None:
            return False, None
        if isinstance(value, pd.DataFrame):
            columns = [value.iloc[:, place] for place in range(value.shape[1])]
            return True, self.named(zip(value.columns, columns))
        if isinstance(value, pd.Series):
            return True, self.named(zip(value.index, value))
        if isinstance(value, (pd.Index, pd.api.extensions.ExtensionArray)):
            return True, [self.of(item) for item in value]
        return False, None

    def named(self, pairs: Iterable[Tuple[Any, Any]]) -> Dict[str, Any]:
        """Return items by the names of their keys, of which no two are the same."""
        found: Dict[str, Any] = {}
        alike: Dict[str, int] = {}
        for key, item in pairs:
            name = key if type(key) is str else str(key)
            while name in found:
                alike[name] = alike.get(name, 1) + 1
                name = f"{name} ({alike[name]})"
            found[name] = self.of(item)
        return found


STANDARD = ("builtins", "datetime", "decimal", "fractions", "uuid", "pathlib", "pathlib._local",
            "zoneinfo", "ipaddress", "re")  # fmt: skip
"""Modules whose types say all of themselves as a text."""


def shown(kind: Any, fields: Dict[str, Any]) -> Any:
    """Return the plain form of an object: its type and its fields."""
    name = getattr(kind, "__qualname__", None) or getattr(kind, "__name__", str(kind))
    return {"Object": {"type": name, "module": str(kind.__module__), "fields": fields}}


def fields_of(value: Any) -> Optional[Dict[str, Any]]:
    """Return the fields of an enum, a dataclass or a named tuple; None for all else."""
    if isinstance(value, type):
        return None
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
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


def load(out: int, folder: str, most: int) -> None:
    """Load the pickle, and write what it means."""
    if folder:
        sys.path.insert(0, folder)
    spawner.load_inside()("stand_ins").provide()
    told: Dict[str, Any] = {}
    try:
        value = pickle.loads(sys.stdin.buffer.read())  # noqa: S301
        text = repr(value)
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
