"""What the server keeps: tables, the engine under them, snapshots, and filling from a world."""

from v6sim.server.store.engine import Snapshot, Store

__all__ = ["Snapshot", "Store"]
