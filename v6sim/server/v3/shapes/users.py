"""The shape of users."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from v6sim.server.store.tables import Task, User, UserRole, UserRule
from v6sim.server.v3.links import Link, View, moment


class UserShape(TypedDict):
    """A user; `rules` are the extra ones, `created_tasks` plain ids."""

    id: int
    type: str
    username: str | None
    firstname: str | None
    lastname: str | None
    email: str | None
    organization: Link | None
    roles: list[Link] | None
    rules: list[Link] | None
    created_tasks: list[int]
    otp_secret: str | None
    ip: str | None
    last_seen: str | None
    status: str | None


def user_shapes(view: View, users: Sequence[User]) -> list[UserShape]:
    """Users on the wire; the secret of their second factor is left out, unlike upstream."""
    ids = [user.id for user in users]
    identities = view.identities(ids)
    roles = view.related(UserRole.user_id, UserRole.role_id, ids)
    rules = view.related(UserRule.user_id, UserRule.rule_id, ids)
    tasks = view.related(Task.init_user_id, Task.id, ids)
    return [
        {
            "id": user.id,
            "type": "user",
            "username": user.username,
            "firstname": user.firstname,
            "lastname": user.lastname,
            "email": user.email,
            "organization": view.link("organization", user.organization_id),
            "roles": view.links("role", roles.get(user.id, ())),
            "rules": view.links("rule", rules.get(user.id, ())),
            "created_tasks": tasks.get(user.id, []),
            "otp_secret": None,
            "ip": identities[user.id].ip,
            "last_seen": moment(identities[user.id].last_seen),
            "status": identities[user.id].status,
        }
        for user in users
    ]
