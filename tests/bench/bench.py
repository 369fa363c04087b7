"""What v6sim costs in time and memory, next to the genuine stack: `make bench`.

Figures of the genuine stack (server 3.7.3, nodes 3.7.3 in Docker, two cores) were measured once;
they are here for scale. Arguments name the parts to measure; none: all.
"""

import argparse
import os
import sys

from tests.bench.busy import busy
from tests.bench.containers import containers
from tests.bench.figures import Figures
from tests.bench.harness import harness
from tests.bench.memory import memory
from tests.bench.rates import lists, requests
from tests.bench.running import crowd, genuine, tasks
from tests.bench.starting import start

PARTS = {
    part.__name__: part
    for part in (
        start,
        requests,
        lists,
        tasks,
        genuine,
        harness,
        containers,
        crowd,
        busy,
        memory,
    )
}


def main() -> None:
    """Measure the named parts, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help="what to measure")
    named = parser.parse_args().part or list(PARTS)
    figures = Figures()
    for name in named:
        print(f"measuring: {name}", file=sys.stderr)
        PARTS[name](figures)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    figures.show()


if __name__ == "__main__":
    main()
