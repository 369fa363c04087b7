"""What a federation is made of, as a file."""

from v6sim.world.algorithm import Algorithm
from v6sim.world.build import Build
from v6sim.world.builtins import builtin_algorithms, builtin_worlds
from v6sim.world.collaboration import Collaboration, default_node_name
from v6sim.world.docker import Docker, Registry
from v6sim.world.errors import (
    Problem,
    WorldError,
    WorldExistsError,
    WorldInvalidError,
    WorldMissingError,
    WorldSyntaxError,
    WorldUnreadableError,
)
from v6sim.world.example import write_example
from v6sim.world.organization import Organization
from v6sim.world.participant import Participant
from v6sim.world.role import DEFAULT_ROLES, Role
from v6sim.world.rule import RuleRef
from v6sim.world.schema import world_schema
from v6sim.world.user import User
from v6sim.world.world import World

__all__ = [
    "DEFAULT_ROLES",
    "Algorithm",
    "Build",
    "Collaboration",
    "Docker",
    "Organization",
    "Participant",
    "Problem",
    "Registry",
    "Role",
    "RuleRef",
    "User",
    "World",
    "WorldError",
    "WorldExistsError",
    "WorldInvalidError",
    "WorldMissingError",
    "WorldSyntaxError",
    "WorldUnreadableError",
    "builtin_algorithms",
    "builtin_worlds",
    "default_node_name",
    "world_schema",
    "write_example",
]
