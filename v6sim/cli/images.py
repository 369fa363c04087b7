"""`v6sim images`: what the image names of a world lead to."""

from contextlib import closing
from typing import TYPE_CHECKING

import typer

from v6sim.cli import failures, options

if TYPE_CHECKING:
    from v6sim.world import World


def images(world: options.World = "manual") -> None:
    """List what the docker executor makes of each image name of a world."""
    with failures.clear_failures():
        from v6sim.node.docker.engine import Engine
        from v6sim.node.docker.images import Images, look_without_engine
        from v6sim.node.errors import EngineAway
        from v6sim.runtime.extras import MissingLibrary
        from v6sim.world import Docker, World

        known = World.load(world)
        settings = known.docker or Docker()
        try:
            engine = Engine()
        except (EngineAway, MissingLibrary):
            for name in _names(known):
                typer.echo(f"{name}: {look_without_engine(name, known.algorithms, settings)}")
            raise
        with closing(engine):
            leads = Images(engine, known.algorithms, settings)
            for name in _names(known):
                typer.echo(f"{name}: {leads.look(name)}")


def _names(known: "World") -> list[str]:
    """The names that its algorithms have, and those that its tasks begin with."""
    tasks = [image for collaboration in known.collaborations for image in collaboration.tasks]
    return list(dict.fromkeys([*known.algorithms, *tasks]))
