"""What a running federation consists of, with the ids by which clients ask for it."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from sqlmodel import col, select

from v6sim.server.store.tables import Collaboration, Node, Organization
from v6sim.world.builtins import builtin_file
from v6sim.world.secrets import without_passwords

if TYPE_CHECKING:
    from v6sim.sandbox import Federation
    from v6sim.server.store import Store
    from v6sim.world import Participant

HIDDEN = "(hidden)"
"""What stands in the place of a password; `--show-passwords` shows it."""

_PUBLIC_ROOT_PASSWORD = "root"  # noqa: S105  the default
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


@dataclass(frozen=True)
class Disclosure:
    """Which passwords and keys may stand in the output.

    Args:
        world: the world, as the user has named it. Those of a built-in one are known to everybody.
        is_wanted: whether the user asks for them.
    """

    world: str
    is_wanted: bool

    @property
    def shows(self) -> bool:
        """Whether those of the world are shown: else they would stand in the logs of a CI."""
        return self.is_wanted or sys.stdout.isatty() or builtin_file(self.world) is not None

    def of_root(self, password: str) -> str:
        """The password of root, or what stands in its place; it may come from the environment."""
        is_public = password == _PUBLIC_ROOT_PASSWORD
        is_shown = self.is_wanted or sys.stdout.isatty() or (self.shows and is_public)
        return password if is_shown else HIDDEN

    def of(self, secret: str) -> str:
        """Another password or key, or what stands in its place."""
        return secret if self.shows else HIDDEN


def users(up: "Federation", disclosure: Disclosure) -> Iterator[tuple[str, ...]]:
    """A row for each user: name, password, organization and roles."""
    root = up.serving.server.core.settings.root_password
    yield ("root", disclosure.of_root(root), "root", "Root")
    for organization in up.world.organizations:
        for user in organization.users:
            roles = ", ".join(user.roles) or "-"
            password = disclosure.of(user.password) if user.password else "-"
            yield (user.username, password, organization.name, roles)


def inspector(up: "Federation") -> Iterator[str]:
    """Where people look at what goes on, if they can; with the secret on a terminal alone."""
    settings, serving = up.serving.server.core.settings, up.serving
    pages = f"{serving.local_url}/_v6sim/"
    if settings.inspector != "off":
        yield f"Look at it in a browser: {pages}"
        if settings.control and sys.stdout.isatty():
            query = urlencode({"secret": serving.server.secret})
            yield f"All is open, also to be changed, at: {pages}ui/open?{query}"
            return
    if serving.secret_file:
        yield f"The secret that opens everything there is in {serving.secret_file}"


def describe(up: "Federation") -> Iterator[str]:
    """Lines: the organizations; each collaboration with its nodes and their data; the images."""
    ids = Inventory.of(up.serving.server.core.store)
    yield "Organizations"
    for name, key in ids.organizations.items():
        yield f"  {key:>3}  {name}"
    yield ""
    online = {node.name for node in up.nodes if node.online}
    for collaboration in up.world.collaborations:
        number = ids.collaborations.get(collaboration.name, "?")
        note = " (encrypted)" if collaboration.encrypted else ""
        yield f"Collaboration {number}: {collaboration.name}{note}"
        for participant in collaboration.participants:
            node = collaboration.node_name(participant)
            state = up.failed.get(node, "online" if node in online else "offline")
            yield f"  {participant.name:<{_NAME}} {_node(participant, node, ids, str(state))}"
            for label, uri in participant.databases.items():
                yield f"      {label} = {without_passwords(uri)}"
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
    return f"node {ids.nodes.get(name, '?')} {name!r}: {state}"
