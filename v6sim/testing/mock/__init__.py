"""The mock clients of vantage6 3.7 and later, on a real federation (docs/testing.md)."""

from v6sim.testing.mock.client import CannotTravel, MockClient
from v6sim.testing.mock.newer import MockAlgorithmClient
from v6sim.testing.stand_ins import offer

offer()  # to algorithms that are imported from now on, as a script does before it makes a client

ClientMockProtocol = MockClient
"""What the genuine one of 3.7 is called."""

__all__ = ["CannotTravel", "ClientMockProtocol", "MockAlgorithmClient", "MockClient"]
