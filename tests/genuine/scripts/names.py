"""What can be imported from the genuine libraries of algorithms, as JSON: names, by modules."""

import contextlib
import importlib
import inspect
import json
import pkgutil
import sys
from types import ModuleType


def told(value):
    """A plain constant as it is, of a function the names of its parameters."""
    if inspect.isfunction(value):
        return list(inspect.signature(value).parameters)
    if isinstance(value, type) and hasattr(value, "__members__"):
        return {name: member.value for name, member in value.__members__.items()}
    return value if isinstance(value, (str, int, list)) else None


def is_own(value):
    """Whether it is of vantage6, or a constant that nobody says of where it is from."""
    module = getattr(value, "__module__", None) or "vantage6"
    return not isinstance(value, ModuleType) and module.split(".")[0] == "vantage6"


def walk(name):
    with contextlib.redirect_stdout(sys.stderr):
        try:
            module = importlib.import_module(name)
        except Exception as problem:  # it looks for Docker, for example
            print(name, repr(problem), file=sys.stderr)
            found[name] = {}
            return
    found[name] = {
        key: told(value)
        for key, value in vars(module).items()
        if not key.startswith("_") and is_own(value)
    }
    for part in pkgutil.iter_modules(getattr(module, "__path__", ())):
        walk(name + "." + part.name)


found = {}
for library in ("vantage6.tools", "vantage6.client", "vantage6.common"):
    walk(library)
with open(sys.argv[-1], "w") as file:
    json.dump(found, file)
