"""The command line: one verb a file."""

import sys

from v6sim import garbage
from v6sim.cli.standard_streams import open_missing
from v6sim.cli.supervisor import leave, supervise
from v6sim.runtime.control_token import take_control_token


def main() -> None:
    """Run the command line; what `v6sim` starts."""
    open_missing()
    supervise()
    garbage.seek_seldom()
    take_control_token()
    try:
        from v6sim.cli.app import app

        app()
    except KeyboardInterrupt:  # it came before a verb could see to it
        sys.exit(130)
    finally:
        garbage.spare_all()
        leave()
