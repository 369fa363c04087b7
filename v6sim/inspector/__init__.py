"""The inspector: the page at /_v6sim/ on which people see what a running v6sim does."""

from v6sim.inspector.later import install

__all__ = ["install"]
