"""`v6sim run`: the dry run of an algorithm."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from v6sim.cli import egress, failures, forever, logs, options

if TYPE_CHECKING:
    from v6sim.cli.dry_run import DryRun
    from v6sim.client import Client
    from v6sim.views import TaskView, Ticket


def run(
    algorithm: Annotated[
        str,
        typer.Argument(
            help="Package folder, project folder, .py file or installed package; with docker also "
            "an image's name."
        ),
    ],
    data: Annotated[
        list[Path], typer.Option(metavar="CSV", help="Data of one organization; repeatable.")
    ],
    method: Annotated[str, typer.Option(help="What to call, without the prefix RPC_.")],
    kwarg: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUE", help="Argument by name; VALUE as JSON or text; repeatable."
        ),
    ] = [],  # noqa: B006 - typer copies it
    arg: Annotated[
        list[str], typer.Option(metavar="VALUE", help="Argument by position; repeatable.")
    ] = [],  # noqa: B006
    master: Annotated[
        bool | None,
        typer.Option(
            "--master/--no-master",
            help="Run it as a master at the first organization, or as a partial at all; default: "
            "what the package has under that name.",
        ),
    ] = None,
    encrypted: Annotated[
        bool, typer.Option("--encrypted", help="Encrypt all payloads, with keys of the moment.")
    ] = False,
    executor: options.LoneExecutor = "process",
    cold: options.Cold = False,
    python: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Interpreter that runs the algorithm: a path, or a command on the PATH.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the outcome as JSON, and nothing else.")
    ] = False,
    egress_fail: egress.Fail = False,
    egress_min_count: egress.MinCount = None,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Show the logs of all runs, and log to stderr what happens."
        ),
    ] = False,
) -> None:
    """Run an algorithm on local files as on a federation: one organization per --data."""
    logs.set_up(verbose=verbose)
    with failures.clear_failures():
        from v6sim.cli import stdout, values
        from v6sim.cli.dry_run import USER, DryRun
        from v6sim.sandbox import Sandbox

        dry = DryRun.of(algorithm, data, python, executor, encrypted=encrypted)
        name, is_master = dry.settle(method, master=master)
        given = {
            "master": is_master,
            "method": name,
            "args": [values.plain(text) for text in arg],
            "kwargs": values.named(kwarg),
        }
        forever.end_in_order()
        with ExitStack() as stack:
            out = stack.enter_context(stdout.reserved()) if as_json else None
            box = stack.enter_context(
                Sandbox(dry.world, executor=executor, cold=cold, tell=options.say)
            )
            failures.check_nodes(box.failed)
            box.prepare(dry.image)
            client = stack.enter_context(box.own_client(USER))
            ticket = _submit(client, dry, given)
            if out:
                task = _tell_programs(client, ticket, out)
            else:
                task = _tell_people(client, ticket, live=executor != "inline", logs=verbose)
            found = egress.conclude(box.egress, min_count=egress_min_count, details=verbose)
        good = egress.FOUND if found and egress_fail else 0
        raise typer.Exit(good if task.is_good else 1)


def _submit(client: "Client", dry: "DryRun", given: dict[str, Any]) -> "Ticket":
    from v6sim.cli.dry_run import COLLABORATION
    from v6sim.wire.payload import serialize

    ids = client.organizations()
    where = [ids[name] for name in dry.organizations]
    return client.submit(
        client.collaborations()[COLLABORATION],
        where[:1] if given["master"] else where,
        dry.image,
        serialize(given),
        name=given["method"],
    )


def _tell_programs(client: "Client", ticket: "Ticket", out: TextIO) -> "TaskView":
    from v6sim.cli import outcome

    try:
        task = client.wait(ticket)
    except KeyboardInterrupt:
        print(outcome.as_json(client.look(ticket)), file=out)
        raise
    print(outcome.as_json(task), file=out)
    return task


def _tell_people(client: "Client", ticket: "Ticket", *, live: bool, logs: bool) -> "TaskView":
    from rich.console import Console

    from v6sim.cli import outcome, tree

    console = Console()
    task = tree.watch(client, ticket, console, live=live)
    console.print()
    if logs:
        outcome.print_logs(task, console)
    else:
        outcome.print_failures(task, console)
    outcome.print_results(task, console)
    return task
