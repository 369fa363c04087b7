"""`v6sim clean`: away with what a crash has left in Docker."""

import typer

from v6sim.cli import failures


def clean() -> None:
    """Remove containers, networks and folders of v6sims that were killed; others are left alone."""
    with failures.clear_failures():
        from v6sim.node.docker.engine import Engine
        from v6sim.node.folders import remove_left_folders

        engine = Engine()
        try:
            removed = engine.clean() + remove_left_folders()
        finally:
            engine.close()
        for name in removed:
            typer.echo(f"removed {name}")
        if not removed:
            typer.echo("nothing to remove")
