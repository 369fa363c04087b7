"""Who reads what `v6sim run` has to say: people, or programs."""

from typing import TYPE_CHECKING, Any, TextIO

from v6sim.cli.attempt import Attempt
from v6sim.wire.indented_json import write_json

if TYPE_CHECKING:
    from rich.console import Console

    from v6sim.client import Client
    from v6sim.views import TaskView, Ticket


_TRUST = "note: a ForeignObject is of the algorithm's own types, which --trust-results loads"


class People:
    """They see the tree grow, and at the end results, or the logs of what failed.

    Args:
        live: whether the tree may be drawn over and over.
        logs: whether they see all logs.
        trusts: whether results are loaded with the algorithm's own types.
    """

    def __init__(self, *, live: bool, logs: bool, trusts: bool = False) -> None:
        self._live, self._logs, self._trusts = live, logs, trusts

    def follow(self, client: "Client", ticket: "Ticket") -> "TaskView":
        """Show the tree while it grows; see `Audience`."""
        from v6sim.cli import tree

        return tree.watch(client, ticket, self._console(), live=self._live)

    def tell(self, attempt: Attempt) -> None:
        """Say what came of one."""
        from v6sim.cli import outcome

        console, task = self._console(), attempt.ran.task
        shows_logs = self._logs and task.is_good
        if shows_logs or attempt.pooled or attempt.deviation:
            console.print()
        if shows_logs:
            outcome.print_logs(task, console)
        if attempt.pooled:
            outcome.print_failures(attempt.pooled.task, console)
            print(attempt.pooled, file=console.file)
        if attempt.deviation:
            print(attempt.deviation, file=console.file)
        console.file.flush()  # what is said next goes to stderr

    def show_results(self, attempt: Attempt) -> None:
        """Show them where people look: at the very end. See `Audience`."""
        from v6sim.cli import outcome

        console, task = self._console(), attempt.ran.task
        console.print()
        outcome.print_results(task, console, hint="" if self._trusts else _TRUST)
        if not task.is_good and self._logs:
            outcome.print_logs(task, console)
        elif not task.is_good:
            outcome.print_failures(task, console)

    def begin(self, name: str) -> None:
        """Say which one comes now."""
        self._console().rule(name, align="left", style="dim")

    def conclude(self, document: Any) -> None:
        """They have seen it all."""

    def _console(self) -> "Console":
        from rich.console import Console

        return Console()


class Programs:
    """They get one JSON document at the end.

    Args:
        out: where it goes.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def follow(self, client: "Client", ticket: "Ticket") -> "TaskView":
        """Wait; if that is interrupted, how far it came is said now. See `Audience`."""
        from v6sim.cli import outcome, tree

        try:
            return client.wait(ticket, tell=tree.tell)
        except KeyboardInterrupt:
            self.conclude({"task": outcome.row(client.look(ticket))})
            raise

    def tell(self, attempt: Attempt) -> None:
        """Nothing before the end."""

    def show_results(self, attempt: Attempt) -> None:
        """Nothing before the end."""

    def begin(self, name: str) -> None:
        """Nothing before the end."""

    def conclude(self, document: Any) -> None:
        """Give them the document; numbers that JSON has not are null in it."""
        write_json(document, self._out.write)
        print(file=self._out)
