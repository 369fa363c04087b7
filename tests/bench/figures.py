"""What was measured, as tables, next to the genuine stack where its figures are known."""

import statistics
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.bench.load import Answers

GENUINE = {
    "server: start to first answer": 1.9,
    "RPC average at 2, genuine client": 3.1,
    "master average at 1, genuine client": 8.5,
}
"""Seconds of the genuine stack."""
GENUINE_RATES = {"a page of tasks": (44.0, 0.026)}
"""Requests a second of the genuine stack, and seconds of one."""

_WIDTH = 110  # columns of text, at least


class Figures:
    """What was measured, as tables."""

    def __init__(self) -> None:
        self._table = Table("what", "v6sim", "genuine", "times as fast")
        self._rates = Table("request", "at once", "a second", "p50", "p95", "genuine", "ratio")
        for column in self._rates.columns[1:]:
            column.justify, column.no_wrap = "right", True

    def seconds(
        self, name: str, value: float, genuine: float | None = None, most: float | None = None
    ) -> None:
        """Note a duration.

        Args:
            name: of what.
            value: how long it took.
            genuine: how long it takes the genuine stack, where that was measured too.
            most: how long it may take.
        """
        genuine = GENUINE.get(name, genuine)
        against = (_shown(genuine), f"{genuine / value:.2g}") if genuine else ("", "")
        self._table.add_row(name, _shown(value) + _limit(value, most), *against)

    def other(self, name: str, value: str) -> None:
        """Note something else."""
        self._table.add_row(name, value, "", "")

    def rate(
        self, name: str, connections: int, answers: Answers, most: float | None = None
    ) -> None:
        """Note how a request is answered over some connections; most: what its p95 may be."""
        against = ("", "")
        if name in GENUINE_RATES:
            a_second, typical = GENUINE_RATES[name]
            ratio = f"{answers.a_second / a_second:.0f} x"
            against = (f"{a_second:g}/s, {_shown(typical)}", ratio)
        half, p95 = _shown(answers.percentile(50)), _shown(answers.percentile(95))
        most_shown = _limit(answers.percentile(95), most)
        self._rates.add_row(
            name, str(connections), f"{answers.a_second:,.0f}", half, p95 + most_shown, *against
        )

    def show(self) -> None:
        """Print all."""
        for table in (self._table, self._rates):
            if table.row_count:
                console = Console()
                console.width = max(console.width, _WIDTH)
                console.print(table)


def median(act: Callable[[], object], times: int) -> float:
    """How long something takes, typically, in seconds."""
    durations = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        durations.append(time.perf_counter() - started)
    return statistics.median(durations)


def _limit(value: float, most: float | None) -> str:
    """How much it may be, and a word where it is more."""
    if most is None:
        return ""
    return f" (at most {_shown(most)}{'' if value <= most else ': MISSED'})"


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
