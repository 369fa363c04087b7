"""Where this process stands as the engine sees it: on the engine's machine, or in a container.

In a container, paths are not those of the machine, by which alone the engine can hand folders on to
other containers. But the engine knows what it has mounted where: whatever lies in a volume, or in a
folder of the machine's, has a path there too.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Self

from v6sim.node.errors import RunError
from v6sim.runtime.process_identity import is_gone, this_process

if TYPE_CHECKING:
    from docker import APIClient

_MOUNTS = Path("/proc/self/mountinfo")
_OWN_FILE = re.compile(r"/([0-9a-f]{64})/\S*hostname ")
"""How a container's own id shows in its mounts: engines mount /etc/hostname from its folder."""

_CONTAINED = re.compile(r"container-([0-9a-f]{64})/(.*)")


@dataclass(frozen=True)
class Standpoint:
    """Where this process stands.

    Args:
        container: the id of its container at this engine; empty if it is in none.
        mounts: paths on the engine's machine by paths here.
    """

    container: str = ""
    mounts: dict[PurePosixPath, PurePosixPath] = field(default_factory=dict)

    @classmethod
    def of(cls, api: "APIClient") -> Self:
        """That of this process; a container of another engine is a machine like any other."""
        from docker.errors import NotFound

        found = _OWN_FILE.search(_MOUNTS.read_text()) if _MOUNTS.exists() else None
        if found is None:
            return cls()
        try:
            mounts = api.inspect_container(found[1])["Mounts"]
        except NotFound:
            return cls()
        return cls(
            found[1],
            {PurePosixPath(each["Destination"]): PurePosixPath(each["Source"]) for each in mounts},
        )

    @property
    def owner(self) -> str:
        """This process, as a label has it."""
        return f"container-{self.container}/{this_process()}" if self.container else this_process()

    def is_gone(self, owner: str, api: "APIClient") -> bool:
        """Whether an owner has ended; one in a container has if that does not run."""
        from docker.errors import NotFound

        contained = _CONTAINED.fullmatch(owner)
        if contained is None:
            return is_gone(owner)
        if contained[1] == self.container:
            return is_gone(contained[2])
        try:
            return not api.inspect_container(contained[1])["State"]["Running"]
        except NotFound:
            return True

    def outside(self, path: str | Path) -> str:
        """Where the engine finds a file or folder of this process.

        Raises:
            RunError: it is in this container alone.
        """
        if not self.container:
            return str(path)
        inside = PurePosixPath(path)
        for parent in (inside, *inside.parents):
            if parent in self.mounts:
                return str(self.mounts[parent] / inside.relative_to(parent))
        raise RunError(
            f"{path} is in the node's own container alone, where no other container can have it "
            "from: put it in a volume, or in a folder that is mounted"
        )
