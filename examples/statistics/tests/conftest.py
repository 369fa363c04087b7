"""The federation of the tests: three organizations, each with rows of its own."""

from pathlib import Path

import pandas as pd
import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def v6sim_world():
    return PROJECT / "world.yaml"


@pytest.fixture(scope="session")
def image():
    """What the world calls this algorithm."""
    return "registry.example/statistics"


@pytest.fixture(scope="session")
def pooled():
    """The rows of all organizations."""
    return pd.concat(map(pd.read_csv, sorted((PROJECT / "data").glob("*.csv"))))
