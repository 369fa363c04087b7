"""For tests of algorithms and clients: a pytest plugin, and assertions on what a sandbox saw."""

from v6sim.testing.checks import assert_called, assert_emitted, assert_matrix
from v6sim.testing.pooled import ResultsDiffer, compare_with_pooled, differences

__all__ = [
    "ResultsDiffer",
    "assert_called",
    "assert_emitted",
    "assert_matrix",
    "compare_with_pooled",
    "differences",
]
