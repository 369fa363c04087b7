"""The first program of a node's container: a user of no rights but to talk to the Docker engine.

The group that may use the engine's socket is another one on each machine, and only root can join
it. So this begins as root, joins, and becomes the user that the node is for good.
"""

import os
import shutil
import sys
from pathlib import Path

SOCKET = Path("/var/run/docker.sock")
USER = 1000


def main() -> None:
    """Become the user, make a clean start, and go on as the node."""
    if not SOCKET.is_socket():
        sys.exit(f"error: there is no {SOCKET}: mount that of the engine here")
    os.setgroups([SOCKET.stat().st_gid])
    os.setgid(USER)
    os.setuid(USER)
    folder = Path(os.environ["TMPDIR"])
    shutil.rmtree(folder, ignore_errors=True)  # what a container before this one has left
    folder.mkdir(mode=0o700, parents=True)
    os.execvp("v6sim", ["v6sim", "node", *sys.argv[1:]])


main()
