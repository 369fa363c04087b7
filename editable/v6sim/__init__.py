"""The package of an editable install, which exposes `v6sim` alone: this gives way to it.

With the whole checkout on the import path, its folders `docker/` and `tests/` would look like
packages too.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_spec = spec_from_file_location(__name__, Path(__file__).parents[2] / "v6sim" / "__init__.py")
assert _spec is not None
assert _spec.loader is not None
sys.modules[__name__] = module_from_spec(_spec)
_spec.loader.exec_module(sys.modules[__name__])
