"""`v6sim clean`: away with what a crash has left, in Docker and in folders."""

import typer

from v6sim.cli import failures


def clean() -> None:
    """Remove containers, networks and folders of v6sims that were killed; others are left alone."""
    with failures.clear_failures():
        from v6sim.node.folders import remove_left_folders
        from v6sim.runtime.extras import DOCKER

        removed = remove_left_folders()
        for name in removed:
            typer.echo(f"removed {name}")
        if DOCKER.is_installed:
            removed += _clean_docker()
        else:  # then nothing that this installation has started can be there
            typer.echo(f"Docker is not inspected: {DOCKER.lack}", err=True)
        if not removed:
            typer.echo("nothing to remove")


def _clean_docker() -> list[str]:
    from v6sim.node.docker.engine import Engine

    engine = Engine()
    try:
        removed = engine.clean()
    finally:
        engine.close()
    for name in removed:
        typer.echo(f"removed {name}")
    return removed
