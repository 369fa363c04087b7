"""`v6sim clean`: away with what a crash has left in Docker."""

import typer

from v6sim.cli import failures


def clean() -> None:
    """Remove containers and networks of v6sims that were killed; others are left alone."""
    with failures.clear_failures():
        from v6sim.node.docker.engine import Engine

        engine = Engine()
        try:
            removed = engine.clean()
        finally:
            engine.close()
        for name in removed:
            typer.echo(f"removed {name}")
        if not removed:
            typer.echo("nothing to remove")
