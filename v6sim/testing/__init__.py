"""For tests of algorithms and clients: a pytest plugin, and assertions on what a sandbox saw."""

from v6sim.testing.checks import assert_called, assert_matrix
from v6sim.testing.mock import (
    CannotTravel,
    ClientMockProtocol,
    MockAlgorithmClient,
    MockClient,
)
from v6sim.testing.pooled import ResultsDiffer, compare_with_pooled, differences

__all__ = [
    "CannotTravel",
    "ClientMockProtocol",
    "MockAlgorithmClient",
    "MockClient",
    "ResultsDiffer",
    "assert_called",
    "assert_matrix",
    "compare_with_pooled",
    "differences",
]
