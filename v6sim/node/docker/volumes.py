"""What algorithms leave under `/mnt/data` for the later runs of their node.

A genuine node has a Docker volume for that. Here it is a folder of this machine, as without being
root one could not take out of a volume what the engine puts there to mount a run's files at.
"""

import shutil
from itertools import count
from pathlib import Path

from v6sim.node.docker.containers import keep_ownership


class Volumes:
    """The folders of the nodes of an executor, each made when it is first asked for.

    Args:
        folder: where they are; whoever made it removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._of_nodes: dict[int, Path] = {}
        self._numbers = count(1)

    def of(self, node_id: int) -> Path:
        """The folder of a node, in which the user of any image may write."""
        if node_id not in self._of_nodes:
            folder = self._folder / f"volume-{node_id}-{next(self._numbers)}"
            folder.mkdir()
            folder.chmod(0o777)
            keep_ownership(folder)
            self._of_nodes[node_id] = folder
        return self._of_nodes[node_id]

    def reset(self) -> None:
        """Have all nodes begin with an empty folder, even if an old one cannot be removed."""
        for folder in self._of_nodes.values():
            shutil.rmtree(folder, ignore_errors=True)
        self._of_nodes.clear()
