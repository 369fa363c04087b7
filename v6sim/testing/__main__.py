"""`python -m v6sim.testing SCRIPT`: run a script that tests an algorithm with a mock, as it is.

Where no genuine library of vantage6 is installed, its imports find v6sim's mocks and stand-ins.
"""

import runpy
import sys
from pathlib import Path

from v6sim.testing.stand_ins import offer


def main(words: list[str]) -> None:
    """Run the script that the first word names, with the others as its arguments."""
    if not words or not Path(words[0]).is_file():
        named = f"there is no file {words[0]!r}" if words else "the path of a script is missing"
        print(f"error: {named}: say python -m v6sim.testing SCRIPT", file=sys.stderr)
        raise SystemExit(2)
    offer()
    sys.argv[:] = words
    sys.path[0] = str(Path(words[0]).resolve().parent)
    runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
