"""Writing what leaves a node to a file."""

import logging
from collections.abc import Callable
from pathlib import Path

from v6sim.egress import kept
from v6sim.egress.entries import Origin
from v6sim.egress.ledger import Ledger
from v6sim.node.departures import Departure, Witness
from v6sim.node.node import Node

logger = logging.getLogger(__name__)


def witness_of(node_of: Callable[[], Node], path: Path) -> Witness:
    """A witness that writes to a file; a request that is repeated is written once.

    Args:
        node_of: gives the node, once it has signed in.
        path: the file.

    Raises:
        OSError: it cannot be made.
    """
    kept.begin(path)
    ledger = Ledger(most_entries=1000)

    def note(departure: Departure) -> None:
        node = node_of()
        organization = node.organization["name"]
        origin = Origin(
            node.name, organization, node.collaboration["name"], node.settings.databases
        )
        entry = ledger.note(departure, origin)
        if entry.times == 1:
            names = {node.organization["id"]: organization}
            try:
                kept.write(path, entry, departure.content, names)
            except OSError as error:
                logger.error("%s was not written to %s: %s", entry, path, error)

    return note
