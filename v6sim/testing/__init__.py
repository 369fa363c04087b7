"""For tests of algorithms and clients: a pytest plugin, and assertions on what a sandbox saw."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from v6sim.testing.checks import assert_called, assert_emitted, assert_matrix
    from v6sim.testing.federations import NodesNotStarted
    from v6sim.testing.mock import (
        CannotTravel,
        ClientMockProtocol,
        MockAlgorithmClient,
        MockClient,
    )
    from v6sim.testing.pooled import ResultsDiffer, compare_with_pooled, differences
    from v6sim.testing.replaying import ReplayDiffers, replay

__all__ = [
    "CannotTravel",
    "ClientMockProtocol",
    "MockAlgorithmClient",
    "MockClient",
    "NodesNotStarted",
    "ReplayDiffers",
    "ResultsDiffer",
    "assert_called",
    "assert_emitted",
    "assert_matrix",
    "compare_with_pooled",
    "differences",
    "replay",
]

_HOMES = {
    "CannotTravel": "v6sim.testing.mock",
    "ClientMockProtocol": "v6sim.testing.mock",
    "MockAlgorithmClient": "v6sim.testing.mock",
    "MockClient": "v6sim.testing.mock",
    "NodesNotStarted": "v6sim.testing.federations",
    "ReplayDiffers": "v6sim.testing.replaying",
    "ResultsDiffer": "v6sim.testing.pooled",
    "assert_called": "v6sim.testing.checks",
    "assert_emitted": "v6sim.testing.checks",
    "assert_matrix": "v6sim.testing.checks",
    "compare_with_pooled": "v6sim.testing.pooled",
    "differences": "v6sim.testing.pooled",
    "replay": "v6sim.testing.replaying",
}


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first asked for: any pytest loads the plugin."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no {name!r}; it has {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
