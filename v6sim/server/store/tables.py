"""All tables, in an order in which each comes after those it refers to."""

from v6sim.server.store.collaboration import Collaboration, Member
from v6sim.server.store.identity import Identity
from v6sim.server.store.node import Node
from v6sim.server.store.organization import Organization
from v6sim.server.store.role import Role, RoleRule, Rule, UserRole, UserRule
from v6sim.server.store.run import Port, Run
from v6sim.server.store.table import Table
from v6sim.server.store.task import Job, Task
from v6sim.server.store.text_piece import TextPiece
from v6sim.server.store.user import User

__all__ = [
    "Collaboration", "Identity", "Job", "Member", "Node", "Organization", "Port", "Role",
    "RoleRule", "Rule", "Run", "Task", "TextPiece", "User", "UserRole", "UserRule", "metadata",
]  # fmt: skip

metadata = Table.metadata
