"""What makes no sense in a world although each value is of the right kind: names, mostly.

These checks read the plain data rather than the model, and pass over whatever is of the wrong kind,
so that a file's wrong values and wrong names are all reported at once.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from v6sim.world.errors import Place, dotted
from v6sim.world.nearest import choices
from v6sim.world.role import DEFAULT_ROLES
from v6sim.world.secrets import is_secret_name

ROOT = "root"
ROOT_EMAIL = "root@domain.ext"
"""What the server makes by itself (reference: data-model, section 3)."""

Found = Iterator[tuple[Place, str]]
Entries = list[tuple[Place, Mapping[str, Any]]]


def check(data: Mapping[str, Any]) -> Found:
    """Where names of a world clash, or name nothing, and why."""
    organizations = _entries(data, "organizations")
    users = [user for place, each in organizations for user in _entries(each, "users", place)]
    collaborations = _entries(data, "collaborations")
    participants = [
        participant
        for place, each in collaborations
        for participant in _entries(each, "participants", place)
    ]
    yield from _taken(organizations, "name", "organizations", (ROOT,))
    yield from _taken(users, "username", "usernames", (ROOT,))
    yield from _taken(users, "email", "e-mail addresses", (ROOT_EMAIL,))
    for place, organization in organizations:
        yield from _roles(place, organization)
    yield from _taken(collaborations, "name", "collaborations")
    yield from _taken(participants, "api_key", "api keys")
    names = [_text(each.get("name")) for _, each in organizations]
    known = [name for name in names if name and name != ROOT]
    for place, collaboration in collaborations:
        yield from _collaboration(place, collaboration, known)


def _roles(place: Place, organization: Mapping[str, Any]) -> Found:
    own = _entries(organization, "roles", place)
    yield from _taken(own, "name", "roles of an organization")
    known = [name for _, role in own if (name := _text(role.get("name")))]
    for user_place, user in _entries(organization, "users", place):
        for role_place, role in _items(user, "roles", user_place):
            name = _text(role)
            if name and name not in known and name not in DEFAULT_ROLES:
                hint = choices(name, [*known, *DEFAULT_ROLES])
                yield role_place, f"{name!r} is neither an own role nor a default one; {hint}"


def _collaboration(place: Place, collaboration: Mapping[str, Any], known: list[str]) -> Found:
    participants = _entries(collaboration, "participants", place)
    yield from _taken(participants, "name", "participants of a collaboration")
    if collaboration.get("tasks") and not participants:
        yield (*place, "tasks"), "there are no participants to do them; give participants too"
    for participant_place, participant in participants:
        name = _text(participant.get("name"))
        if name and name not in known:
            yield (
                (*participant_place, "name"),
                f"{name!r} is not an organization of this world; {choices(name, known)}",
            )
        yield from _node(participant_place, participant)


def _node(place: Place, participant: Mapping[str, Any]) -> Found:
    databases = participant.get("databases")
    if participant.get("status") and not participant.get("api_key") and not databases:
        yield (
            (*place, "status"),
            "there is no node to be in it; give an api_key or databases, or leave status out",
        )
    seen: dict[str, str] = {}
    for label in map(str, databases if isinstance(databases, Mapping) else ()):
        other = seen.setdefault(label.upper(), label)
        if other != label:
            yield (
                (*place, "databases", label),
                f"{label!r} and {other!r} look the same to algorithms, in capitals; rename one",
            )


def _taken(entries: Entries, key: str, what: str, reserved: Collection[str] = ()) -> Found:
    """Where entries have a value under `key` that an earlier one has, or the server itself."""
    first: dict[str, Place] = {}
    for place, entry in entries:
        value = _text(entry.get(key))
        if not value:
            continue
        here = (*place, key)
        if value in reserved:
            yield here, f"{value!r} is made by the server itself; leave it out or take another name"
        elif value in first:
            said = "this value" if is_secret_name(key) else repr(value)
            yield here, f"{said} is taken by {dotted(first[value])}; {what} must be unique"
        else:
            first[value] = here


def _entries(data: Mapping[str, Any], key: str, place: Place = ()) -> Entries:
    """The mappings in the list under `key`, each with its place."""
    found = _items(data, key, place)
    return [(here, entry) for here, entry in found if isinstance(entry, Mapping)]


def _items(data: Mapping[str, Any], key: str, place: Place) -> list[tuple[Place, Any]]:
    items = data.get(key)
    if not isinstance(items, list):
        return []
    return [((*place, key, index), item) for index, item in enumerate(items)]


def _text(value: object) -> str | None:
    """The text that a name's value stands for; None if it stands for none."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None
