"""From what people say of a task to what the server takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from v6sim.node.executors.methods import is_master
from v6sim.node.executors.packages import input_format, locate
from v6sim.runtime.extras import find_module
from v6sim.sandbox.arguments import UnknownName, WrongArgument, shown
from v6sim.views import Ticket
from v6sim.wire.payload import serialize
from v6sim.world import Algorithm, Build, Collaboration, World
from v6sim.world.nearest import choices

if TYPE_CHECKING:
    import httpx

    from v6sim.client import Client

_SENDERS = ("Researcher", "Organization Admin", "Collaboration Admin")
"""Default roles that may create tasks, the smallest first."""


@dataclass(frozen=True)
class Person:
    """A user of the world."""

    username: str
    password: str = field(repr=False)
    organization: str
    roles: tuple[str, ...] = ()


class Orders:
    """Understands orders in a world.

    Args:
        world: where they are given.
        guests: users who were added to it since.
    """

    def __init__(self, world: World, guests: Mapping[str, Person]) -> None:
        self._world, self._guests = world, guests

    def named_user(self, username: str) -> Person:
        """The user of that name.

        Raises:
            UnknownName: the world has none.
        """
        found = {each.username: each for each in self._people()}
        person: Person = _one(username, found, "user")
        return person

    def user(self, username: str | None, collaboration: str | None) -> Person:
        """Who sends a task: the one that is named, or the first who may.

        Raises:
            UnknownName: there is nobody.
        """
        if username is not None:
            return self.named_user(username)
        inside = {name for each in self._collaborations(collaboration) for name in _members(each)}
        for role in _SENDERS:
            for person in self._people():
                if role in person.roles and person.organization in inside:
                    return person
        raise UnknownName(
            "nobody in the world has a default role that may create tasks: say user=..., one of "
            + ", ".join(person.username for person in self._people())
        )

    def image(
        self, algorithm: str | Path | ModuleType, start: Mapping[str, Any] | None = None
    ) -> str:
        """The image name of an algorithm; a package gets one, if it has none yet.

        Args:
            algorithm: the algorithm.
            start: how its runs begin, as fields of `Algorithm`: one that begins otherwise has an
                image name of its own.

        Raises:
            UnknownName: there is no such thing.
            NoPackage: there is no one module in it.
        """
        algorithms = self._world.algorithms
        if isinstance(algorithm, str) and algorithm in algorithms:
            return self._variant(algorithm, start)
        if isinstance(algorithm, ModuleType):
            algorithm = _source(algorithm)
        path = Path(algorithm).expanduser()
        if path.exists():
            name = path.resolve().name.removesuffix(".py")
            has_one = (path / "Dockerfile").is_file()
            made = Algorithm(
                package=str(path.absolute()),
                build=Build(context=str(path.absolute())) if has_one else None,
            )
        elif isinstance(algorithm, str) and find_module(algorithm) is not None:
            name, made = algorithm, Algorithm(package=algorithm)
        else:
            raise UnknownName(
                f"{str(algorithm)!r} is no image name of the world, no folder or .py file, and no "
                f"installed module; {choices(str(algorithm), algorithms)}"
            )
        if made.build is None:
            locate(made.model_copy(update=dict(start or {})))
        algorithms[name] = made
        return self._variant(name, start)

    def _variant(self, image: str, start: Mapping[str, Any] | None) -> str:
        """The image name of an algorithm that begins otherwise."""
        if not start:
            return image
        digest = sha256(repr(sorted(start.items())).encode()).hexdigest()[:8]
        name = f"{image}-with-{digest}"
        self._world.algorithms[name] = self._world.algorithms[image].model_copy(update=dict(start))
        return name

    def make_user(
        self, root: "httpx.Client", rules: Sequence[str], roles: Sequence[str],
        organization: str | None,
    ) -> Person:  # fmt: skip
        """Make a user with these rules and roles.

        Args:
            root: asks the server as root.
            rules: such as `task VIEW ORGANIZATION`.
            roles: names of roles.
            organization: where they belong; None: the first one of the world.

        Raises:
            UnknownName: one of the names is not known.
        """
        known_rules = {
            f"{row['name']} {row['operation']} {row['scope']}": row["id"]
            for row in root.get("/rule").json()
        }
        known_roles = {row["name"]: row["id"] for row in root.get("/role").json()}
        places = {row["name"]: row["id"] for row in root.get("/organization").json()}
        where = organization or self._world.organizations[0].name
        name = f"user{len(self._guests) + 1}"
        person = Person(name, f"Password-{name}", where, tuple(roles))
        wanted = {
            "username": name, "password": person.password, "firstname": name, "lastname": name,
            "email": f"{name}@v6sim.invalid",
            "organization_id": _one(where, places, "organization"),
            "rules": [_one(rule, known_rules, "rule") for rule in rules],
            "roles": [_one(role, known_roles, "role") for role in roles],
        }  # fmt: skip
        root.post("/user", json=wanted).raise_for_status()
        return person

    def is_master(self, image: str, method: str) -> bool:
        """Whether the package has the method as a master rather than as a partial."""
        return is_master(self._world.algorithms.get(image), method)

    def send(
        self, client: "Client", who: Person, image: str, given: Mapping[str, Any],
        organizations: Sequence[str | int] | None, database: str, collaboration: str | None,
    ) -> Ticket:  # fmt: skip
        """Send a task as a user.

        Args:
            client: the user, logged in.
            who: the user.
            image: the algorithm.
            given: the input.
            organizations: where, by name or id; None: where it goes without saying.
            database: label of the data.
            collaboration: where; None: the first one that the user's organization is in.

        Raises:
            UnknownName: one of the names is not known.
            ApiError: the server refuses the task.
        """
        place = self._place(who, collaboration)
        known = client.organizations()
        _check_ids(organizations or (), known)
        if organizations is None:
            organizations = [who.organization] if given["master"] else list(_members(place))
        ids = [
            each if isinstance(each, int) else _one(each, known, "organization")
            for each in organizations
        ]
        return client.submit(
            client.collaborations()[place.name], ids, image, self._serialized(image, given),
            name=str(given["method"]), database=database,
        )  # fmt: skip

    def _serialized(self, image: str, given: Mapping[str, Any]) -> bytes:
        """The input in the format that the algorithm takes; what JSON cannot have is pickled."""
        try:
            return serialize(dict(given), input_format(self._world.algorithms.get(image)))
        except (TypeError, ValueError):
            return serialize(dict(given))

    def _place(self, who: Person, name: str | None) -> Collaboration:
        found = self._collaborations(name)
        for each in found:
            if name is not None or who.organization in _members(each):
                return each
        raise UnknownName(f"{who.organization!r} of user {who.username!r} is in no collaboration")

    def _people(self) -> Iterable[Person]:
        for organization in self._world.organizations:
            for user in organization.users:
                yield Person(
                    user.username, user.password or "", organization.name, tuple(user.roles)
                )
        password = self._world.settings.get("root_password", "root")
        yield Person("root", password, "root", ("Root",))
        yield from self._guests.values()

    def _collaborations(self, name: str | None) -> list[Collaboration]:
        if name is None:
            return list(self._world.collaborations)
        known = {each.name: each for each in self._world.collaborations}
        return [_one(name, known, "collaboration")]


def _members(collaboration: Collaboration) -> tuple[str, ...]:
    return tuple(each.name for each in collaboration.participants)


def _check_ids(organizations: Iterable[str | int], known: Mapping[str, int]) -> None:
    ids = {key: name for name, key in known.items()}
    for each in organizations:
        if isinstance(each, int) and each not in ids:
            listed = ", ".join(f"{key} ({name})" for key, name in ids.items())
            raise UnknownName(f"there is no organization with the id {each}; known: {listed}")


def _one(name: str, known: Mapping[str, Any], what: str) -> Any:
    if not isinstance(name, str):
        raise WrongArgument(f"{shown(name)} is no name ({what}); {choices('', known)}")
    if name not in known:
        raise UnknownName(f"there is no {what} {shown(name)}; {choices(name, known)}")
    return known[name]


def _source(module: ModuleType) -> Path:
    """The folder of a package, or the file of a module."""
    if module.__file__ is None:
        raise UnknownName(f"the module {module.__name__!r} has no file")
    file = Path(module.__file__)
    return file.parent if file.name == "__init__.py" else file
