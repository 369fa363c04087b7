"""`v6sim node`: a node alone, for a server that runs elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v6sim.cli import failures, forever, logs, node_settings, options

if TYPE_CHECKING:
    from collections.abc import Callable

    from v6sim.node.node import Node
    from v6sim.node.settings import NodeSettings
    from v6sim.world import Algorithm, Docker

Repeated = list[str] | None


def node(
    server: Annotated[
        str, typer.Option(help="Address of the server, such as http://127.0.0.1:5000/api.")
    ],
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="V6SIM_API_KEY", show_envvar=True, help="Key that the server gave for the node."
        ),
    ] = None,
    handout: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder that `v6sim server --handout` made for the node, with its key and data.",
        ),
    ] = None,
    database: Annotated[
        Repeated, typer.Option(metavar="LABEL=PATH", help="What tasks compute on; repeatable.")
    ] = None,
    algorithm: Annotated[
        Repeated,
        typer.Option(metavar="IMAGE=PACKAGE", help="What an image name stands for; repeatable."),
    ] = None,
    allowed_image: Annotated[
        Repeated,
        typer.Option(
            metavar="REGEX", help="Image names that it runs, matched from their start; repeatable."
        ),
    ] = None,
    private_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Private key of the organization; implies --encrypted."),
    ] = None,
    encrypted: Annotated[
        bool, typer.Option("--encrypted", help="The node's collaboration encrypts.")
    ] = False,
    executor: options.LoneExecutor = "process",
    cold: options.Cold = False,
    egress: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write here what leaves, for v6sim egress --file FILE."),
    ] = None,
    persist: Annotated[
        bool,
        typer.Option("--persist", help="With docker: keep /mnt/data from run to run."),
    ] = False,
    pull: Annotated[
        bool, typer.Option("--pull", help="With docker: ask registries for unknown images.")
    ] = False,
    presence: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Have this file there as long as the node is online."),
    ] = None,
    max_result: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Largest result of a run, such as 1GiB (256 MiB)."),
    ] = None,
    max_input: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Largest input of a run (64 MiB).")
    ] = None,
    max_log: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Longest log that is reported whole (10 MiB)."),
    ] = None,
    verbose: options.Verbose = False,
) -> None:
    """Run a node until ctrl-C: it fetches its tasks from a server, runs and reports them."""
    with failures.clear_failures():
        from v6sim.cli.addresses import address
        from v6sim.node.handout import Handout

        logs.set_up(verbose=verbose)
        where = address("--server", server)
        if handout is None:
            given = Handout(
                api_key=node_settings.api_key(api_key),
                databases=node_settings.databases(database or []),
                encrypted=encrypted or private_key is not None,
                private_key=str(private_key) if private_key else None,
                allowed_images=node_settings.patterns(allowed_image or []),
            )
        else:
            said = (api_key, database, encrypted, private_key, allowed_image)
            node_settings.check_alone(handout, *said)
            given = Handout.read(handout)
        limits = node_settings.sizes(max_result=max_result, max_input=max_input, max_log=max_log)
        given = given.model_copy(update={**limits, "persist": persist or given.persist})
        running = _running(
            given.settings(where, handout or Path()),
            node_settings.algorithms(algorithm or []),
            executor,
            egress,
            cold=cold,
            docker=given.docker.model_copy(update={"pull": pull or given.docker.pull}),
            presence=presence,
        )
        forever.run_until_stopped(running, _tell, lambda node: node.wait_for_failure())


@asynccontextmanager
async def _running(
    settings: "NodeSettings",
    algorithms: dict[str, "Algorithm"],
    executor: options.ExecutorName,
    egress: Path | None,
    *,
    cold: bool,
    docker: "Docker",
    presence: Path | None,
) -> AsyncIterator["Node"]:
    from v6sim.cli.egress_file import witness_of
    from v6sim.node.departures import nobody
    from v6sim.node.executors.choice import make_executor
    from v6sim.node.node import Node
    from v6sim.node.places import Places

    ways = make_executor(executor, algorithms, cold=cold, docker=docker, tell=options.say)
    witness = witness_of(lambda: made, egress) if egress else nobody
    made = Node(settings, ways, Places(), witness=witness, presence=_shown(presence))
    try:
        await ways.open()
        await made.start()
        yield made
    finally:
        await made.stop()
        await ways.close()


def _shown(presence: Path | None) -> "Callable[[bool], None]":
    """What has a file there as long as the node is online."""

    def show(online: bool) -> None:
        if presence is None:
            return
        if online:
            presence.touch()
        else:
            presence.unlink(missing_ok=True)

    return show


def _tell(node: "Node") -> None:
    typer.echo(
        f"{node.name} (node {node.id}) is online at {node.settings.server}  (ctrl-C stops it)"
    )
