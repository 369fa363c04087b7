"""All verbs together."""

from typing import Annotated

import typer

from v6sim import __version__
from v6sim.cli import (
    clean,
    demo,
    egress,
    explain,
    images,
    keys,
    new,
    node,
    permissions,
    run,
    server,
    split,
    tail,
    trace,
    up,
    world,
)

app = typer.Typer(
    help="A vantage6 federation that fits on one machine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"v6sim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """A vantage6 federation that fits on one machine."""


app.command()(demo.demo)
app.command()(up.up)
app.command("run")(run.run)
app.command()(server.server)
app.command()(node.node)
app.command()(egress.egress)
app.command()(tail.logs)
app.command()(trace.trace)
app.command()(split.split)
app.command()(images.images)
app.command()(clean.clean)
app.command()(explain.explain)
app.command()(permissions.permissions)
app.add_typer(new.app, name="new")
app.add_typer(world.app, name="world")
app.add_typer(keys.app, name="keys")
