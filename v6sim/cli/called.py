"""How this command is called."""

import shutil
import sys
from pathlib import Path


def me() -> str:
    """The command as the user can write it here: `v6sim` alone only if it is on the path."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    if found and Path(found).samefile(called):
        return called.name
    return str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called)
