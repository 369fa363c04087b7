"""The rows of a new database: those that every server has, then those of a world.

Ids count up from 1 in the order of creation: rules, default roles, the organization and user
`root`, then organizations and collaborations as the world lists them. `SeedIds` chooses others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from v6sim.server.access.keys import hash_key
from v6sim.server.access.passwords import hash_password
from v6sim.server.access.roles import DEFAULT_ROLES, ROOT
from v6sim.server.access.rules import RULES, Operation, RuleKey, Scope, describe
from v6sim.server.errors import WrongWorld
from v6sim.server.store.engine import Snapshot
from v6sim.server.store.seed_ids import SeedIds
from v6sim.server.store.tables import metadata
from v6sim.world import Collaboration, Organization, Participant, Role, RuleRef, User, World

ROOT_USER = "root"
"""Name of the user that every new server has (reference: data-model, section 3)."""


def snapshot_of(
    world: World,
    now: datetime,
    rounds: int,
    root_password: str = ROOT_USER,
    ids: SeedIds | None = None,
) -> Snapshot:
    """The rows of a database in the state of a world.

    Args:
        world: what to fill it with.
        now: when that is, in UTC; tasks of the world are assigned then.
        rounds: cost of hashing passwords, as a power of two.
        root_password: password of the user root.
        ids: chosen ids; None: all are counted.

    Raises:
        WrongWorld: the world names a rule that does not exist.
    """
    return Snapshot(_Filling(world, now, rounds, root_password, ids or SeedIds()).rows)


class _Filling:
    """Makes rows table by table, counting ids."""

    def __init__(
        self, world: World, now: datetime, rounds: int, root_password: str, chosen: SeedIds
    ) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {
            table.name: [] for table in metadata.sorted_tables
        }
        self._ids, self._chosen = {name: chosen.rest(name) for name in self.rows}, chosen
        self._now, self._rounds = now, rounds
        self._rules = {
            key: self._add("rule", resource=key.resource, scope=key.scope,
                           operation=key.operation, description=describe(key))
            for key in RULES
        }  # fmt: skip
        self._roles = {
            role.name: self._role(role.name, role.description, role.rules, None)
            for role in DEFAULT_ROLES
        }
        root = self._add("organization", name="root", public_key="")
        self._user(
            User(username=ROOT_USER, password=root_password, email="root@domain.ext", roles=[ROOT]),
            root, {},
        )  # fmt: skip
        self._organizations = {
            organization.name: self._organization(organization)
            for organization in world.organizations
        }
        for collaboration in world.collaborations:
            self._collaboration(collaboration)

    def _add(self, table: str, **values: Any) -> int:
        """Add a row, with an id that is counted if none is given; returns its id."""
        columns = metadata.tables[table].c
        row: dict[str, Any] = dict.fromkeys(columns.keys())
        row.update(values)
        if "id" in columns and row["id"] is None:
            row["id"] = next(self._ids[table])
        self.rows[table].append(row)
        return int(row["id"]) if "id" in columns else 0

    def _role(
        self, name: str, description: str | None, rules: Sequence[RuleKey], organization: int | None
    ) -> int:
        role = self._add("role", name=name, description=description, organization_id=organization)
        for key in rules:
            self._add("role_rule", role_id=role, rule_id=self._rule(key))
        return role

    def _rule(self, key: RuleKey) -> int:
        if key not in self._rules:
            known = ", ".join(str(one) for one in RULES if one.resource == key.resource)
            raise WrongWorld(f"there is no rule {key} (name OPERATION SCOPE); there are: {known}")
        return self._rules[key]

    def _organization(self, organization: Organization) -> int:
        key = self._add(
            "organization", id=self._chosen.organizations.get(organization.name),
            name=organization.name, domain=organization.domain,
            address1=organization.address1, address2=organization.address2,
            zipcode=organization.zipcode, country=organization.country,
            public_key=organization.public_key or "",
        )  # fmt: skip
        own = {role.name: self._own_role(role, key) for role in organization.roles}
        for user in organization.users:
            self._user(user, key, own)
        return key

    def _own_role(self, role: Role, organization: int) -> int:
        rules = [_key(rule) for rule in role.rules]
        return self._role(role.name, role.description, rules, organization)

    def _user(self, user: User, organization: int, own_roles: dict[str, int]) -> None:
        key = self._add("identity", kind="user")
        self._add(
            "user", id=key, username=user.username, firstname=user.firstname,
            lastname=user.lastname, email=user.email, organization_id=organization,
            password=hash_password(user.password or "", self._rounds) if user.password else None,
            failed_logins=0,
        )  # fmt: skip
        for name in user.roles:
            role = own_roles.get(name) or self._roles[name]
            self._add("user_role", user_id=key, role_id=role)
        for rule in user.rules:
            self._add("user_rule", user_id=key, rule_id=self._rule(_key(rule)))

    def _collaboration(self, collaboration: Collaboration) -> None:
        key = self._add(
            "collaboration", id=self._chosen.collaborations.get(collaboration.name),
            name=collaboration.name, encrypted=collaboration.encrypted,
        )  # fmt: skip
        members = [self._organizations[entry.name] for entry in collaboration.participants]
        for participant, member in zip(collaboration.participants, members, strict=True):
            self._add("member", organization_id=member, collaboration_id=key)
            if participant.api_key:
                name = collaboration.node_name(participant)
                self._node(participant, name, member, key)
        for image in collaboration.tasks:
            self._task(image, key, members)

    def _node(
        self, participant: Participant, name: str, organization: int, collaboration: int
    ) -> None:
        key = self._add(
            "identity", id=self._chosen.nodes.get(name), kind="node", status=participant.status
        )
        self._add(
            "node", id=key, name=name, api_key=hash_key(participant.api_key or ""),
            organization_id=organization, collaboration_id=collaboration,
        )  # fmt: skip

    def _task(self, image: str, collaboration: int, members: list[int]) -> None:
        """A task as `vserver import` makes them (reference: data-model, section 4)."""
        task = self._add(
            "task", name="Example task", image=image, job_id=self._add("job"), databases=[None],
            collaboration_id=collaboration, initiator_id=members[0] if members else None,
        )  # fmt: skip
        for member in members:
            self._add(
                "run", task_id=task, organization_id=member, input="something",
                assigned_at=self._now,
            )  # fmt: skip


def _key(rule: RuleRef) -> RuleKey:
    return RuleKey(rule.name, Scope(rule.scope), Operation(rule.operation))
