"""A fault that somebody has asked for."""

from collections.abc import Callable, Sequence
from typing import Self

from v6sim.chance import Chance
from v6sim.sandbox.faults.chaos import Draw


class ActiveFault:
    """Something that goes wrong, until it is undone; a context manager.

    Args:
        fault: what goes wrong.
        undo: ends it.
        text: what it is, for people.
    """

    def __init__(self, fault: Chance, undo: Callable[[], None], text: str) -> None:
        self._fault, self._undo, self._text = fault, undo, text

    def __repr__(self) -> str:
        return f"<{self._text}, struck {self.struck} times>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.undo()

    @property
    def struck(self) -> int:
        """How often it has happened."""
        return self._fault.struck

    def wait(self, times: int = 1, seconds: float = 60) -> None:
        """Wait until it has happened that often.

        Raises:
            TimeoutError: it has not within that time.
        """
        if not self._fault.wait(seconds, times):
            raise TimeoutError(
                f"{self._text}: happened {self.struck} times in {seconds:g} s, not {times}"
            )

    def undo(self) -> None:
        """Have it end: what is held up goes on, and nodes that are down come back."""
        self._undo()


class Chaos:
    """Faults drawn by chance, until they are undone; a context manager.

    Args:
        seed: with which they were drawn.
        draws: what was drawn.
        faults: the same, as they are now.
    """

    def __init__(self, seed: int, draws: Sequence[Draw], faults: Sequence[ActiveFault]) -> None:
        self.seed, self.draws, self.faults = seed, list(draws), list(faults)

    def __str__(self) -> str:
        lines = (
            f"\n  {draw}; struck {fault.struck} times"
            for draw, fault in zip(self.draws, self.faults, strict=True)
        )
        return f"v6sim chaos, seed {self.seed}:{''.join(lines)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.undo()

    def undo(self) -> None:
        """Have all of it end, the server's part first: nodes that come back need a good one."""
        pairs = zip(self.draws, self.faults, strict=True)
        for _, fault in sorted(pairs, key=lambda pair: pair[0].part != "server"):
            fault.undo()
