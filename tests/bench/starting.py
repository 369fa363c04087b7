"""How long it takes until there is something to work with."""

import statistics

from tests.bench.figures import Figures
from tests.bench.programs import process


def start(figures: Figures) -> None:
    """Start to first answer."""
    for name, arguments in {
        "server: start to first answer": ("server", "--port", "0"),
        "up: start to first answer, 3 nodes online": ("up", "--port", "0"),
    }.items():
        taken = []
        for _ in range(5):
            with process(*arguments) as (_, _, seconds):
                taken.append(seconds)
        figures.seconds(name, statistics.median(taken))
