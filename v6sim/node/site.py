"""What the runs of a node share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from v6sim.node.allowed import AllowedImages
from v6sim.node.contract import Workspace
from v6sim.node.data import Databases
from v6sim.node.departures import Witness
from v6sim.node.environments import EnvironmentWitness
from v6sim.node.executors.base import Executor, Member, Reach
from v6sim.node.habits import Habits
from v6sim.node.limits import Limits
from v6sim.node.link import Link
from v6sim.node.listener import Listener
from v6sim.node.places import Places
from v6sim.node.proxy import Proxy
from v6sim.wire.cryptor import Cryptor


@dataclass(frozen=True)
class Site:
    """What the runs of a node share.

    Args:
        node_id: the node.
        member: the same, as its executor knows it.
        organization_id: its organization.
        collaboration_id: its collaboration.
        link: its line to the server.
        listener: what it hears from the server, and tells it of events.
        proxy: what algorithms see as their server.
        reach: where they find it.
        cryptor: opens inputs and seals results.
        databases: the data.
        algorithm_env: further variables for algorithms.
        allowed: which images it runs.
        executor: how algorithms are run.
        places: how many run at once.
        workspace: where their files are.
        witness: is told what leaves the node.
        habits: how it goes about its work.
        tell_environment: is told of the variables of each run.
        limits: how large payloads and logs may be.
    """

    node_id: int
    member: Member
    organization_id: int
    collaboration_id: int
    link: Link
    listener: Listener
    proxy: Proxy
    reach: Reach
    cryptor: Cryptor
    databases: Databases
    algorithm_env: Mapping[str, str] = field(repr=False)
    allowed: AllowedImages
    executor: Executor
    places: Places
    workspace: Workspace
    witness: Witness
    habits: Habits
    tell_environment: EnvironmentWitness
    limits: Limits
