"""v6sim: a vantage6 federation that fits on one machine."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from v6sim.sandbox import AlgorithmFailed, Sandbox
    from v6sim.wire.foreign import ForeignObject, ForeignObjectError
    from v6sim.world import World, WorldError

__all__ = [
    "AlgorithmFailed", "ForeignObject", "ForeignObjectError", "Sandbox", "World", "WorldError",
    "__version__",
]  # fmt: skip

__version__ = "0.1.0"

_HOMES = {
    "AlgorithmFailed": "v6sim.sandbox",
    "ForeignObject": "v6sim.wire.foreign",
    "ForeignObjectError": "v6sim.wire.foreign",
    "Sandbox": "v6sim.sandbox",
    "World": "v6sim.world",
    "WorldError": "v6sim.world",
}


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first asked for: `import v6sim` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
