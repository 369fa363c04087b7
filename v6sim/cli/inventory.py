"""What a running federation consists of, with the ids by which clients ask for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sqlmodel import col, select

from v6sim.server.store.tables import Collaboration, Node, Organization

if TYPE_CHECKING:
    from v6sim.sandbox import Federation
    from v6sim.server.store import Store
    from v6sim.world import Participant

_NAME = 20  # characters for the names of organizations


@dataclass(frozen=True)
class Inventory:
    """Ids by name, as a database has them: a kept one may have more than its world."""

    organizations: Mapping[str, int]
    collaborations: Mapping[str, int]
    nodes: Mapping[str, int]

    @classmethod
    def of(cls, store: "Store") -> Self:
        """Those of a database."""
        with store.session() as session:
            organizations = select(Organization).order_by(col(Organization.id))
            return cls(
                {each.name or "": each.id for each in session.exec(organizations)},
                {each.name or "": each.id for each in session.exec(select(Collaboration))},
                {each.name or "": each.id for each in session.exec(select(Node))},
            )


def users(up: "Federation") -> Iterator[tuple[str, ...]]:
    """A row for each user: name, password, organization and roles."""
    yield ("root", up.serving.server.core.settings.root_password, "root", "Root")
    for organization in up.world.organizations:
        for user in organization.users:
            roles = ", ".join(user.roles) or "-"
            yield (user.username, user.password or "-", organization.name, roles)


def inspector(up: "Federation") -> Iterator[str]:
    """Where people look at what goes on, if they can."""
    if up.serving.server.core.settings.inspector != "off":
        yield f"Look at it in a browser: {up.serving.url}/_v6sim/"


def describe(up: "Federation") -> Iterator[str]:
    """Lines: the organizations; each collaboration with its nodes and their data; the images."""
    ids = Inventory.of(up.serving.server.core.store)
    yield "Organizations"
    for name, key in ids.organizations.items():
        yield f"  {key:>3}  {name}"
    yield ""
    online = {node.name for node in up.nodes if node.online}
    for collaboration in up.world.collaborations:
        number = ids.collaborations.get(collaboration.name) or "?"
        note = " (encrypted)" if collaboration.encrypted else ""
        yield f"Collaboration {number}: {collaboration.name}{note}"
        for participant in collaboration.participants:
            node = collaboration.node_name(participant)
            state = up.failed.get(node, "online" if node in online else "offline")
            yield f"  {participant.name:<{_NAME}} {_node(participant, node, ids, str(state))}"
            for label, uri in participant.databases.items():
                yield f"      {label} = {uri}"
        yield ""
    yield from _private_keys(up)
    yield "Images, and what is run for them"
    for image, algorithm in up.world.algorithms.items():
        yield f"  {image} = {algorithm.origin}"


def _private_keys(up: "Federation") -> Iterator[str]:
    """With what clients read what is encrypted for their organizations."""
    if not up.private_keys:
        return
    yield "Private keys, for client.setup_encryption(FILE) of the organization's users"
    for organization, file in up.private_keys.items():
        yield f"  {organization:<{_NAME}} {file}"
    yield ""


def _node(participant: "Participant", name: str, ids: Inventory, state: str) -> str:
    if not participant.has_node:
        return "no node"
    return f"node {ids.nodes.get(name) or '?'} {name!r}: {state}"
