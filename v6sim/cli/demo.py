"""`v6sim demo`: the manual's averages, on the built-in world."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from v6sim.cli import called, failures, forever, logs, options

if TYPE_CHECKING:
    from rich.console import Console

    from v6sim.client import Client
    from v6sim.views import Ticket

IMAGE = "harbor2.vantage6.ai/demo/average"
COLLABORATION = "example_collab1"
MASTER_AT = ["example_org1"]
PARTIAL_AT = ["example_org1", "example_org2"]
RESEARCHER = "researcher"


def demo(
    port: options.Port = 0,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Play at this server of the built-in world, not at one of its own."
        ),
    ] = None,
    password: Annotated[
        str, typer.Option(envvar="V6SIM_PASSWORD", show_envvar=True, help="Of the user there.")
    ] = "Researcher-1",  # noqa: S107  that of the built-in world
    image: Annotated[str, typer.Option(help="What to run: the average, by its image.")] = IMAGE,
    executor: options.Executor = None,
    cold: options.Cold = False,
    verbose: options.Verbose = False,
) -> None:
    """Average the ages of three organizations: as a master task, then as an RPC task."""
    logs.set_up(verbose=verbose)
    with failures.clear_failures():
        from rich.console import Console

        console = Console()
        forever.end_in_order()
        if server is not None:
            raise typer.Exit(0 if _play_at(server, password, image, console) else 1)
        from v6sim.sandbox import Sandbox

        with Sandbox("manual", port=port, executor=executor, cold=cold) as box:
            failures.check_nodes(box.failed)
            console.print(
                f"A server and {len(box.nodes)} nodes are up; {RESEARCHER} of {MASTER_AT[0]} asks "
                "for the average age.\n",
                soft_wrap=True,
            )
            with box.own_client(RESEARCHER) as client:
                good = _run_both(client, image, console, live=executor != "inline")
        if good:
            _say_what_next(console)
        raise typer.Exit(0 if good else 1)


def _play_at(server: str, password: str, image: str, console: "Console") -> bool:
    from v6sim.cli.addresses import address
    from v6sim.client import Client

    with Client(address("--server", server), RESEARCHER, password) as client:
        return _run_both(client, image, console, live=False)


def _run_both(client: "Client", image: str, console: "Console", *, live: bool) -> bool:
    from v6sim.cli import outcome, tree

    kwargs = {"column_name": "age"}
    master = {"master": True, "method": "master", "kwargs": kwargs}
    partial = {"master": False, "method": "average_partial", "kwargs": kwargs}
    good = True
    for name, where, given in (
        ("average: a master task", MASTER_AT, master),
        ("average: an RPC task", PARTIAL_AT, partial),
    ):
        task = tree.watch(client, _submit(client, where, image, given, name), console, live=live)
        console.print()
        outcome.print_results(task, console)
        outcome.print_failures(task, console)
        console.print()
        good = good and task.is_good
    return good


def _submit(
    client: "Client", where: list[str], image: str, given: dict[str, Any], name: str
) -> "Ticket":
    from v6sim.wire.payload import serialize

    ids = client.organizations()
    return client.submit(
        client.collaborations()[COLLABORATION],
        [ids[organization] for organization in where],
        image,
        serialize(given),
        name=name,
    )


def _say_what_next(console: "Console") -> None:
    me = called.me()
    console.print(
        f"""[bold]What next?[/bold]

Keep the same federation running, and see its users with their passwords:

    {me} up

Have it compute the same again, from another terminal:

    {me} demo --server http://127.0.0.1:5000/api

and look at that in a browser (user root, password root): http://127.0.0.1:5000/_v6sim/

Connect to it with the genuine client (pip install vantage6-client==3.7.3, Python 3.7 or 3.8):

    from vantage6.client import Client
    client = Client("http://127.0.0.1", 5000, "/api")
    client.authenticate("researcher", "Researcher-1")
    client.setup_encryption(None)

Make an algorithm of your own, and run it on files of your own:

    {me} new algorithm my-algorithm
    {me} run ./my-algorithm --data a.csv --data b.csv --method master --kwarg column_name=age
""",
        highlight=False,
        soft_wrap=True,
    )
