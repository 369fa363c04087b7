"""An algorithm that says that it has begun, and ends when it is told to."""

import os
import time
from pathlib import Path


def RPC_wait(data, folder):  # noqa: N802
    """Write one's process id to the file `begun`, and wait for a file `end` beside it."""
    (Path(folder) / "begun").write_text(str(os.getpid()))
    while not (Path(folder) / "end").exists():
        time.sleep(0.05)
    return {"rows": len(data)}


def RPC_echo(data, text, times):  # noqa: N802
    """Give back a text, over and over."""
    return text * times
