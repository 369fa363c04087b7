"""The command line: one verb a file."""

import gc
import sys


def main() -> None:
    """Run the command line; what `v6sim` starts."""
    # Starting up makes hundreds of thousands of objects that stay: looking through them for
    # garbage would take a quarter of the time.
    gc.set_threshold(400_000, 50, 50)
    try:
        from v6sim.cli.app import app

        app()
    except KeyboardInterrupt:  # it came before a verb could see to it
        sys.exit(130)
