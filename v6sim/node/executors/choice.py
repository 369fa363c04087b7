"""Which executor goes by which name."""

from collections.abc import Callable, Mapping
from typing import Literal

from v6sim.node.executors.base import Executor
from v6sim.world.algorithm import Algorithm
from v6sim.world.docker import Docker

ExecutorName = Literal["inline", "process", "docker"]


def make_executor(
    name: ExecutorName,
    algorithms: Mapping[str, Algorithm],
    *,
    cold: bool = False,
    docker: Docker | None = None,
    tell: Callable[[str], None] | None = None,
    post_mortem: Callable[[BaseException], None] | None = None,
) -> Executor:
    """An executor by its name.

    Args:
        name: `inline`, `process` or `docker`.
        algorithms: what image names stand for.
        cold: for `process`: start a fresh interpreter for each run.
        docker: for `docker`: its settings.
        tell: for `docker`: takes lines of what the engine says while it builds or pulls an image;
            None: they are logged.
        post_mortem: for `inline`: is called with what an algorithm has raised, in its thread.
    """
    if name == "docker":
        from v6sim.node.executors.docker import DockerExecutor

        return DockerExecutor(algorithms, docker, tell)
    if name == "inline":
        from v6sim.node.executors.inline import InlineExecutor

        return InlineExecutor(algorithms, post_mortem)
    from v6sim.node.executors.process import ProcessExecutor

    return ProcessExecutor(algorithms, cold=cold)
