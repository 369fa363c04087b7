"""A sandbox: a server and its nodes together."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from v6sim.sandbox.anywhere import AnySandbox
    from v6sim.sandbox.arguments import UnknownName, WrongArgument
    from v6sim.sandbox.box import Sandbox
    from v6sim.sandbox.elsewhere import RunningSandbox
    from v6sim.sandbox.federation import Federation
    from v6sim.sandbox.impossible import Impossible
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

_HOMES = {
    "anywhere": ["AnySandbox"],
    "arguments": ["UnknownName", "WrongArgument"],
    "box": ["Sandbox"],
    "elsewhere": ["RunningSandbox"],
    "federation": ["Federation"],
    "impossible": ["Impossible"],
    "tasks": ["AlgorithmFailed", "RunningTask", "TaskResult"],
    "thread": ["loop_factory"],
}


def __getattr__(name: str) -> Any:
    """What it offers, imported when it is first asked for: a server needs a part of it alone."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
