"""`v6sim world`: world files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from v6sim.cli import failures

app = typer.Typer(help="Check, describe and write world files.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="World file, or a built-in world.")],
) -> None:
    """Say whether a world file is good, and if not, what is wrong where."""
    with failures.clear_failures():
        from v6sim.keyring import named_keys, with_public_keys
        from v6sim.server.clock import Clock
        from v6sim.server.settings import Settings
        from v6sim.server.store.fill import snapshot_of
        from v6sim.world import World

        world = World.load(file)
        settings = Settings.of(world.settings)
        with_public_keys(world, named_keys(world))
        snapshot_of(world, Clock().utc(), settings.password_rounds)
        members = sum(len(each.participants) for each in world.collaborations)
        typer.echo(
            f"{file} is good: {len(world.organizations)} organizations, "
            f"{sum(len(each.users) for each in world.organizations)} users, "
            f"{len(world.collaborations)} collaborations with {members} participants"
        )


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
        typer.echo(f"\nNext: v6sim up --world {written[0]}")
