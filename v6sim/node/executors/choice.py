"""Which executor goes by which name."""

from collections.abc import Mapping
from typing import Literal

from v6sim.node.executors.base import Executor
from v6sim.world.algorithm import Algorithm

ExecutorName = Literal["inline", "process"]


def make_executor(
    name: ExecutorName, algorithms: Mapping[str, Algorithm], *, cold: bool = False
) -> Executor:
    """An executor by its name.

    Args:
        name: `inline` or `process`.
        algorithms: what image names stand for.
        cold: for `process`: start a fresh interpreter for each run.
    """
    if name == "inline":
        from v6sim.node.executors.inline import InlineExecutor

        return InlineExecutor(algorithms)
    from v6sim.node.executors.process import ProcessExecutor

    return ProcessExecutor(algorithms, cold=cold)
