"""The identity of a process: its machine, number and start; no later process is taken for it."""

import platform
import subprocess
from pathlib import Path

from v6sim.runtime import supervised

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def this_process() -> str:
    """The name of this process among all that ever were, as a label has it."""
    pid = supervised.this.owner
    return f"{_machine()}/{pid}/{_beginning(pid)}"


def is_gone(owner: str) -> bool:
    """Whether an owner has ended.

    One on another machine may be alive as far as we know, and so may one that is none.
    """
    parts = owner.rsplit("/", 2)
    if len(parts) != 3 or parts[0] != _machine() or not parts[1].isdigit():
        return False
    return _beginning(int(parts[1])) != parts[2]


def is_alive(owner: str) -> bool:
    """Return whether an owner is a process of this machine that still runs."""
    parts = owner.rsplit("/", 2)
    if len(parts) != 3 or parts[0] != _machine() or not parts[1].isdigit():
        return False
    return _beginning(int(parts[1])) == parts[2] != ""


def _machine() -> str:
    return platform.node()


def _beginning(pid: int) -> str:
    """When a process was started, in whatever words; empty if there is none of this id."""
    if not _BOOT.exists():
        words = ["ps", "-o", "lstart=", "-p", str(pid)]
        said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        return "-".join(said.split())
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    state, *rest = stat.rpartition(")")[2].split()
    if state in "ZX":
        return ""
    return f"{_BOOT.read_text()[:8]}-{rest[18]}"  # field 22, in ticks since the boot
