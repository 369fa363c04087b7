"""The keys that a sandbox adds to its world: of nodes, and of organizations that encrypt."""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from v6sim.runtime.atomic_file import create_atomically
from v6sim.wire.keys import PrivateKey, PublicKey, WrongKey
from v6sim.world import Collaboration, Organization, Participant, Problem, World
from v6sim.world.errors import WorldInvalidError


def write_private_key(file: Path) -> PrivateKey:
    """Make a private key, in a new file that its owner alone can read.

    Raises:
        FileExistsError: there is such a file; it stays as it is.
        OSError: it cannot be written.
    """
    key = PrivateKey.new()
    create_atomically(file, key.pem, 0o600)
    return key


def named_keys(world: World) -> dict[str, Path]:
    """The files of the private keys that a world names, by organization."""
    return {each.name: Path(each.private_key) for each in world.organizations if each.private_key}


def lacking_keys(world: World) -> list[str]:
    """The organizations of collaborations that encrypt for which the world names no key."""
    taking_part = {
        participant.name
        for collaboration in world.collaborations
        if collaboration.encrypted
        for participant in collaboration.participants
    }
    return [
        each.name
        for each in world.organizations
        if each.name in taking_part and not each.private_key and not each.public_key
    ]


def make_keys(organizations: Iterable[str], folder: Path) -> dict[str, Path]:
    """Private keys for organizations, each in a file of a folder; those that are there stay.

    Args:
        organizations: their names.
        folder: where; made if need be, readable by its owner alone.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {name: folder / f"{quote(name, safe='')}.pem" for name in organizations}
    missing = [file for file in files.values() if not file.exists()]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(write_private_key, missing))
    return files


def with_public_keys(world: World, private_keys: Mapping[str, Path]) -> World:
    """The world with the public keys that belong to private ones.

    Raises:
        WorldInvalidError: a private key is none, or does not fit the public key that the world
            names.
    """
    problems: list[Problem] = []
    organizations: list[Organization] = []
    for index, organization in enumerate(world.organizations):
        file = private_keys.get(organization.name)
        try:
            public_key = _public_key(organization, file) if file else organization.public_key
        except WrongKey as error:
            problems.append(Problem(("organizations", index, "private_key"), str(error)))
            continue
        organizations.append(organization.model_copy(update={"public_key": public_key}))
    if problems:
        raise WorldInvalidError(problems)
    return world.model_copy(update={"organizations": organizations})


def _public_key(organization: Organization, file: Path) -> str:
    own = PrivateKey.load(file).public_key
    if not organization.public_key:
        return str(own)
    if PublicKey.read(organization.public_key) != own:
        raise WrongKey(
            f"{file} does not fit the public_key of {organization.name!r}; leave that out, or name "
            "the private key that belongs to it"
        )
    return organization.public_key


def with_new_secrets(world: World, make: Callable[[str], str]) -> World:
    """The world with passwords of all users and keys of all nodes made up.

    Args:
        world: the world; what it names itself is not used.
        make: gives the secret of a name.
    """
    organizations = [
        each.model_copy(
            update={
                "users": [
                    user.model_copy(update={"password": make(f"password of {user.username}")})
                    for user in each.users
                ]
            }
        )
        for each in world.organizations
    ]
    return _with_keys_of_nodes(
        world.model_copy(update={"organizations": organizations}), make, lambda _: True
    )


def with_api_keys(world: World, make: Callable[[str], str]) -> World:
    """The world with a key for each node that has none yet.

    Args:
        world: the world.
        make: gives the secret of a name.
    """
    return _with_keys_of_nodes(world, make, lambda participant: not participant.api_key)


def _with_keys_of_nodes(
    world: World, make: Callable[[str], str], wanted: Callable[[Participant], bool]
) -> World:
    def complete(collaboration: Collaboration, participant: Participant) -> Participant:
        if not participant.has_node or not wanted(participant):
            return participant
        key = make(f"api key of {collaboration.node_name(participant)}")
        return participant.model_copy(update={"api_key": key})

    collaborations = [
        each.model_copy(
            update={
                "participants": [complete(each, participant) for participant in each.participants]
            }
        )
        for each in world.collaborations
    ]
    return world.model_copy(update={"collaborations": collaborations})
