"""`v6sim images`: what the image names of a world lead to."""

from typing import TYPE_CHECKING

import typer

from v6sim.cli import failures, options

if TYPE_CHECKING:
    from v6sim.world import World


def images(world: options.World = "manual") -> None:
    """List what the docker executor makes of each image name of a world."""
    with failures.clear_failures():
        from v6sim.node.docker.engine import Engine
        from v6sim.node.docker.images import Images
        from v6sim.world import Docker, World

        known = World.load(world)
        engine = Engine()
        try:
            leads = Images(engine, known.algorithms, known.docker or Docker())
            for name in _names(known):
                typer.echo(f"{name}: {leads.look(name)}")
        finally:
            engine.close()


def _names(world: "World") -> list[str]:
    """The names that its algorithms have, and those that its tasks begin with."""
    tasks = [image for collaboration in world.collaborations for image in collaboration.tasks]
    return list(dict.fromkeys([*world.algorithms, *tasks]))
