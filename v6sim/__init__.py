"""v6sim: a vantage6 federation that fits on one machine."""

__version__ = "0.1.0"
