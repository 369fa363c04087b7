"""The shape of collaborations."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from v6sim.server.store.tables import Collaboration, Member, Node, Task
from v6sim.server.v3.links import Link, View


class CollaborationShape(TypedDict):
    """A collaboration."""

    id: int
    name: str | None
    encrypted: bool | None
    organizations: list[Link] | None
    nodes: list[Link] | None
    tasks: list[Link] | None


def collaboration_shapes(
    view: View, collaborations: Sequence[Collaboration]
) -> list[CollaborationShape]:
    """Collaborations on the wire."""
    ids = [collaboration.id for collaboration in collaborations]
    organizations = view.related(Member.collaboration_id, Member.organization_id, ids)
    nodes = view.related(Node.collaboration_id, Node.id, ids)
    tasks = view.related(Task.collaboration_id, Task.id, ids)
    return [
        {
            "id": collaboration.id,
            "name": collaboration.name,
            "encrypted": collaboration.encrypted,
            "organizations": view.links("organization", organizations.get(collaboration.id, ())),
            "nodes": view.links("node", nodes.get(collaboration.id, ())),
            "tasks": view.links("task", tasks.get(collaboration.id, ())),
        }
        for collaboration in collaborations
    ]
