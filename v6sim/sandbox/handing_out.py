"""Handing out what it takes to start the nodes of a world elsewhere."""

import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from v6sim.node.handout import FILE, Handout
from v6sim.runtime.atomic_file import write_atomically
from v6sim.runtime.file_system import is_full
from v6sim.world import Collaboration, Docker, Participant, World
from v6sim.world.path import has_scheme

_PRIVATE_KEY = "private_key.pem"


def hand_out(
    world: World, private_keys: Mapping[str, Path], folder: Path, limits: Mapping[str, int]
) -> None:
    """Make a folder for each node, named by its number in the world: the first one is 1.

    Args:
        world: with the keys of all nodes.
        private_keys: files with private keys, by organization.
        folder: where; what was handed out there before is written anew.
        limits: how large payloads and logs may be, by the names of the settings.

    Raises:
        OSError: it cannot be written.
    """
    numbers = count(1)
    for collaboration in world.collaborations:
        for participant in collaboration.participants:
            if participant.has_node:
                place = folder / str(next(numbers))
                key = private_keys.get(participant.name) if collaboration.encrypted else None
                docker = world.docker or Docker()
                _write(collaboration, participant, key, docker, place, limits)


def _write(
    collaboration: Collaboration, participant: Participant, key: Path | None, docker: Docker,
    place: Path, limits: Mapping[str, int],
) -> None:  # fmt: skip
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if key:
        write_atomically(place / _PRIVATE_KEY, key.read_bytes(), 0o600)
    handout = Handout(
        api_key=participant.api_key or "",
        databases={
            label: uri if has_scheme(uri) else _copy(Path(uri), f"data/{label}", place)
            for label, uri in participant.databases.items()
        },
        encrypted=collaboration.encrypted,
        private_key=_PRIVATE_KEY if key else None,
        algorithm_env=participant.algorithm_env,
        allowed_images=participant.allowed_images,
        docker_services=participant.docker_services,
        persist=participant.persist,
        docker=docker,
        **limits,
    )
    write_atomically(place / FILE, handout.model_dump_json(indent=1).encode(), 0o600)


def _copy(database: Path, where: str, place: Path) -> str:
    """Copy a database; returns its path from there."""
    (place / where).mkdir(parents=True, exist_ok=True)
    copy = place / where / database.name
    try:
        shutil.copyfile(database, copy)
    except OSError as error:
        copy.unlink(missing_ok=True)
        name = str(copy) if is_full(error) else error.filename
        raise type(error)(error.errno, error.strerror, name) from None
    return f"{where}/{database.name}"
