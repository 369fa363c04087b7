"""The shapes of nodes."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from v6sim.server.store.tables import Node
from v6sim.server.v3.links import Link, View, moment


class NodeSimpleShape(TypedDict):
    """A node in the list of a collaboration."""

    id: int
    name: str | None
    ip: str | None
    last_seen: str | None
    status: str | None
    organization: Link | None


class NodeShape(NodeSimpleShape):
    """A node."""

    type: str
    collaboration: Link | None


class NewNodeShape(NodeShape):
    """A node that was just made: only now its API key is shown."""

    api_key: str


def node_simple_shapes(view: View, nodes: Sequence[Node]) -> list[NodeSimpleShape]:
    """Nodes in the list of a collaboration."""
    identities = view.identities([node.id for node in nodes])
    return [
        {
            "id": node.id,
            "name": node.name,
            "ip": identities[node.id].ip,
            "last_seen": moment(identities[node.id].last_seen),
            "status": identities[node.id].status,
            "organization": view.link("organization", node.organization_id),
        }
        for node in nodes
    ]


def node_shapes(view: View, nodes: Sequence[Node]) -> list[NodeShape]:
    """Nodes on the wire."""
    return [
        {
            **simple,
            "type": "node",
            "collaboration": view.link("collaboration", node.collaboration_id),
        }
        for simple, node in zip(node_simple_shapes(view, nodes), nodes, strict=True)
    ]
