"""Faults on call of nodes and of their data, for tests."""

from typing import Any

from v6sim.chance import Chance
from v6sim.sandbox.faults.active import ActiveFault
from v6sim.sandbox.faults.board import TroubleBoard
from v6sim.sandbox.thread import ServiceThread


class _OfOrganization:
    """Faults of the nodes of an organization."""

    def __init__(
        self, thread: ServiceThread, board: TroubleBoard, organization: str,
        collaboration: str | None,
    ) -> None:  # fmt: skip
        self._thread, self._board = thread, board
        self._organization, self._collaboration = organization, collaboration
        self._seats = thread.do(lambda: board.seats(organization, collaboration))

    def _add(self, kind: str, options: dict[str, Any]) -> ActiveFault:
        trouble = self._thread.do(
            lambda: self._board.add(self._organization, kind, options, self._collaboration)
        )

        def undo() -> None:
            self._thread.call(self._board.remove(trouble))

        return ActiveFault(trouble, undo, f"{kind} at {self._organization}: {trouble}")


class NodeFaults(_OfOrganization):
    """What can go wrong at nodes.

    All but the first two take, as `chance`, `after` (how many runs are spared first), `times` (how
    many runs it strikes) and `probability`; it strikes each run unless they say otherwise.
    """

    def offline(self) -> ActiveFault:
        """They end as at a shutdown: the server sees them offline, and their runs stay open."""
        self._thread.call(self._board.take_down(self._seats))
        event = Chance()
        event.tell()
        return ActiveFault(event, self.comes_back, f"{self._organization} offline")

    def comes_back(self) -> None:
        """They are started again, if they are down, and take up the runs that are open."""
        self._thread.call(self._board.bring_back(self._seats))

    def never_answers(self, seconds: float | None = None, **chance: Any) -> ActiveFault:
        """They are online, and take no notice of runs, which stay pending.

        Args:
            seconds: after which they do; None: as long as the fault lasts.
            chance: see above.
        """
        return self._add("never_answers", {"seconds": seconds, **chance})

    def slow(self, seconds: float | None = None, **chance: Any) -> ActiveFault:
        """Algorithms take longer: their runs stay active, and can be killed.

        Args:
            seconds: by how much; None: as long as the fault lasts.
            chance: see above.
        """
        return self._add("slow", {"seconds": seconds, **chance})

    def crashes(self, **chance: Any) -> ActiveFault:
        """Algorithms are killed as soon as they run, as for too much memory: they are crashed."""
        return self._add("crashes", chance)

    def dies_in_run(self, seconds: float | None = None, **chance: Any) -> ActiveFault:
        """The node ends while an algorithm runs, once unless `times` says otherwise.

        It is offline and the run stays active; once it is back, the run is made from the start.

        Args:
            seconds: after which it comes back; None: by `comes_back` or the fault's end.
            chance: see above.
        """
        return self._add("dies_in_run", {"seconds": seconds, **chance})

    def loses_result(self, **chance: Any) -> ActiveFault:
        """The report on a run gets lost: the run stays active."""
        return self._add("loses_result", chance)

    def garbles_result(self, **chance: Any) -> ActiveFault:
        """A result is changed on its way: the run is completed, and nobody can read it."""
        return self._add("garbles_result", chance)

    def doubles_result(self, **chance: Any) -> ActiveFault:
        """The report on a run is sent twice; the server refuses the second one."""
        return self._add("doubles_result", chance)

    def reports_late(self, seconds: float | None = None, **chance: Any) -> ActiveFault:
        """The report on a run comes late, after the event that tells of its end.

        Args:
            seconds: how late; None: as long as the fault lasts.
            chance: see above.
        """
        return self._add("reports_late", {"seconds": seconds, **chance})


class DataFaults(_OfOrganization):
    """What can be wrong with data in CSV files; the files themselves are not touched.

    All take `database` (the label, `default`), and `chance` as for `NodeFaults`.
    """

    def without_column(self, column: str, **options: Any) -> ActiveFault:
        """A column is not there."""
        return self._add("without_column", {"column": column, **options})

    def no_rows(self, **options: Any) -> ActiveFault:
        """There is the header, and no row."""
        return self._add("no_rows", options)

    def other_types(self, column: str, **options: Any) -> ActiveFault:
        """A column of numbers has texts, one of texts has numbers."""
        return self._add("other_types", {"column": column, **options})
