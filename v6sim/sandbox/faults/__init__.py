"""Parts that misbehave on call."""

from v6sim.sandbox.faults.active import ActiveFault, Chaos
from v6sim.sandbox.faults.control import FaultControl
from v6sim.sandbox.faults.nodes import DataFaults, NodeFaults

__all__ = ["ActiveFault", "Chaos", "DataFaults", "FaultControl", "NodeFaults"]
