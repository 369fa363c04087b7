"""A sandbox: a server and its nodes together."""

from v6sim.sandbox.box import Sandbox
from v6sim.sandbox.federation import Federation
from v6sim.sandbox.orders import UnknownName
from v6sim.sandbox.tasks import AlgorithmFailed, RunningTask, TaskResult
from v6sim.sandbox.thread import loop_factory

__all__ = [
    "AlgorithmFailed",
    "Federation",
    "RunningTask",
    "Sandbox",
    "TaskResult",
    "UnknownName",
    "loop_factory",
]
