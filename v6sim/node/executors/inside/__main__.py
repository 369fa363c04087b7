"""`python inside MODULE [FOLDER]`: the run that the environment describes.

`python inside --names MODULE [FOLDER]` prints the names of what the module has, as JSON.
"""

# Written for Python 3.6, and measured in milliseconds:
# ruff: noqa: PTH100, PTH118, PTH120

import importlib
import importlib.util
import json
import os
import sys
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))


def load(name: str) -> Any:
    """One of the modules here, though this folder has no name that could be imported."""
    if "v6sim_inside" not in sys.modules:
        path = os.path.join(_HERE, "__init__.py")
        spec = importlib.util.spec_from_file_location(
            "v6sim_inside", path, submodule_search_locations=[_HERE]
        )
        assert spec is not None
        sys.modules["v6sim_inside"] = importlib.util.module_from_spec(spec)
    return importlib.import_module("v6sim_inside." + name)


def main() -> int:
    """Do what the arguments say."""
    arguments = sys.argv[1:]
    wants_names = arguments[0] == "--names"
    module, *folders = arguments[1:] if wants_names else arguments
    sys.path[:1] = folders  # instead of this one, whose files are not for the algorithm
    wrapper = load("wrapper")
    if not wants_names:
        entry = load("entry").Entry(module=module)
        return int(wrapper.perform(entry, os.environ, wrapper.genuine_library()))
    load("stand_ins").provide()
    printed, sys.stdout = sys.stdout, sys.stderr  # what the module prints is not the answer
    found = importlib.import_module(module)
    json.dump([name for name, value in vars(found).items() if callable(value)], printed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
