"""`v6sim world`: world files."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from v6sim.cli import called, failures

app = typer.Typer(help="Check, describe and write world files.", no_args_is_help=True)


@app.command()
def check(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="World files, or built-in worlds.", show_default=False
        ),
    ],
) -> None:
    """Say whether world files are good, and if not, what is wrong where."""
    good = [_is_good(file) for file in files]
    if not all(good):
        raise typer.Exit(failures.WRONG_USE)


def _is_good(file: str) -> bool:
    try:
        with failures.clear_failures():
            _check(file)
    except typer.Exit as end:
        if end.exit_code != failures.WRONG_USE:  # but ctrl-C
            raise
        return False
    return True


def _check(file: str) -> None:
    from v6sim.cli.worlds import load
    from v6sim.keyring import named_keys, with_public_keys

    world = load(file)
    with_public_keys(world, named_keys(world))
    users = sum(len(each.users) for each in world.organizations)
    members = sum(len(each.participants) for each in world.collaborations)
    typer.echo(
        f"{file} is good: {_counted(len(world.organizations), 'organization')}, "
        f"{_counted(users, 'user')}, {_counted(len(world.collaborations), 'collaboration')} "
        f"with {_counted(members, 'participant')}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@app.command()
def schema() -> None:
    """Print the JSON Schema of world files, for editors."""
    from v6sim.world import world_schema

    typer.echo(json.dumps(world_schema(), indent=2))


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where to write it; made if need be.")] = Path(),
) -> None:
    """Write an example world with data, to be changed to one's own liking."""
    with failures.clear_failures():
        from v6sim.world import write_example

        written = write_example(folder)
        for path in written:
            typer.echo(f"wrote {path}")
        typer.echo(f"\nNext: {called.me()} up --world {shlex.quote(str(written[0]))}")
