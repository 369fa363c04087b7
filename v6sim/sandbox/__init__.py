"""A sandbox: a server and its nodes together."""

from v6sim.sandbox.anywhere import AnySandbox
from v6sim.sandbox.arguments import UnknownName, WrongArgument
from v6sim.sandbox.box import Sandbox
from v6sim.sandbox.elsewhere import RunningSandbox
from v6sim.sandbox.federation import Federation
from v6sim.sandbox.line import Impossible
from v6sim.sandbox.tasks import AlgorithmFailed, RunningTask, TaskResult
from v6sim.sandbox.thread import loop_factory

__all__ = [
    "AlgorithmFailed",
    "AnySandbox",
    "Federation",
    "Impossible",
    "RunningSandbox",
    "RunningTask",
    "Sandbox",
    "TaskResult",
    "UnknownName",
    "WrongArgument",
    "loop_factory",
]
