"""The mock clients of vantage6 3.7 and later, on a real federation (docs/testing.md)."""

from v6sim.testing.mock.client import CannotTravel, MockClient
from v6sim.testing.mock.newer import MockAlgorithmClient

ClientMockProtocol = MockClient
"""What the genuine one of 3.7 is called."""

__all__ = ["CannotTravel", "ClientMockProtocol", "MockAlgorithmClient", "MockClient"]
