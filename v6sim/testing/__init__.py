"""For tests of algorithms and clients: a pytest plugin, and assertions on what a sandbox saw."""

from v6sim.testing.checks import assert_called, assert_matrix

__all__ = ["assert_called", "assert_matrix"]
