"""Ways into a server: as a user, as a node, as a running algorithm."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from v6sim import tls
from v6sim.sandbox.arguments import UnknownName, WrongArgument, shown
from v6sim.sandbox.genuine import genuine_client
from v6sim.sandbox.orders import Orders
from v6sim.sandbox.places import Place
from v6sim.wire.limits import PayloadLimits
from v6sim.world import World
from v6sim.world.nearest import choices

if TYPE_CHECKING:
    import httpx

    from v6sim.client import Client

_PATIENCE = 60  # seconds that an answer may take


class NoToken(Exception):
    """The server gives no token; the text says for whom, and why."""


class Doors:
    """Signs people and parts of a world in.

    Args:
        api_url: the server's API.
        world: whose they are, with the API keys of its nodes.
        orders: knows the people.
        keys: files with the private keys of organizations, by their names.
        limits: how large results may be to be used.
    """

    def __init__(
        self, api_url: str, world: World, orders: Orders, keys: Mapping[str, Path],
        limits: PayloadLimits,
    ) -> None:  # fmt: skip
        self._api_url, self._world, self._orders, self._keys = api_url, world, orders, keys
        self._limits = limits

    def genuine(self, username: str) -> Any:
        """The genuine client of a user, with the private key of their organization."""
        person = self._orders.named_user(username)
        return genuine_client(self._api_url, person, self._keys.get(person.organization))

    def own(self, username: str) -> "Client":
        """The same as v6sim's own client."""
        from v6sim.client import Client

        person = self._orders.named_user(username)
        key = self._keys.get(person.organization)
        return Client(self._api_url, person.username, person.password, key, self._limits)

    def http(self, username: str | None) -> "httpx.Client":
        """What sends requests as a user, or as nobody."""
        if username is None:
            return self.bearer(None)
        person = self._orders.named_user(username)
        login = {"username": person.username, "password": person.password}
        return self.bearer(self._token("user", login, f"user {username!r}"))

    def node(self, organization: str, collaboration: str | None) -> "httpx.Client":
        """What sends requests as the node of an organization."""
        key = self._api_key(organization, collaboration)
        return self.bearer(self._token("node", {"api_key": key}, f"node of {organization!r}"))

    def container(self, of: Place) -> "httpx.Client":
        """What sends requests as the algorithm of a run that is open; its node asks for it."""
        with self.http("root") as root:
            run = _run(root, of)
            task = root.get(f"/task/{run['task']['id']}").json()
            names = {row["id"]: row["name"] for row in root.get("/organization").json()}
            where = root.get(f"/collaboration/{task['collaboration']['id']}").json()["name"]
        given = {"task_id": task["id"], "image": task["image"]}
        with self.node(names[run["organization"]["id"]], where) as node:
            answer = node.post("/token/container", json=given)
        if answer.is_error:
            raise NoToken(
                f"the server gives no token for the algorithm of task {task['id']}: "
                f"{answer.json().get('msg')}. A v6sim of another process gives them as the genuine "
                "server does: only while a task is under way"
            )
        return self.bearer(answer.json()["container_token"])

    def _api_key(self, organization: str, collaboration: str | None) -> str:
        places = {
            (each.name, participant.name): participant.api_key
            for each in self._world.collaborations
            for participant in each.participants
            if participant.has_node
        }
        members = {name for _, name in places}
        if organization not in members:
            raise UnknownName(
                f"no node belongs to an organization {shown(organization)}; "
                f"{choices(str(organization), sorted(members))}"
            )
        found = {where: key for (where, name), key in places.items() if name == organization}
        if collaboration is None and len(found) > 1:
            raise WrongArgument(
                f"{organization!r} has a node in each of {', '.join(map(repr, found))}: say "
                "collaboration=..."
            )
        where = collaboration or next(iter(found))
        if where not in found:
            raise UnknownName(
                f"{organization!r} has no node in a collaboration {shown(where)}; "
                f"{choices(str(where), found)}"
            )
        if (key := found[where]) is None:
            raise UnknownName(
                f"the API key of the node of {organization!r} is not in the world: it was made up "
                "by the v6sim that runs. Name it in the world file (api_key), and start that anew"
            )
        return key

    def _token(self, kind: str, login: dict[str, str], whose: str) -> str:
        with self.bearer(None) as nobody:
            answer = nobody.post(f"/token/{kind}", json=login)
        if answer.is_error:
            said = answer.json().get("msg") if "json" in answer.headers["content-type"] else ""
            raise NoToken(
                f"{self._api_url} does not let the {whose} in: {answer.status_code} {said}"
            )
        return str(answer.json()["access_token"])

    def bearer(self, token: str | None) -> "httpx.Client":
        """What sends requests with a token, or with none."""
        import httpx

        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(
            base_url=self._api_url,
            headers=headers,
            timeout=_PATIENCE,
            trust_env=False,
            verify=tls.context(),
        )


def _run(root: "httpx.Client", of: Place) -> dict[str, Any]:
    """A run, as the server shows it to root."""
    if of.run_id is not None:
        return dict(root.get(f"/result/{of.run_id}").json())
    rows = root.get("/result", params={"task_id": of.task_id, "per_page": 1000}).json()
    names = {row["id"]: row["name"] for row in root.get("/organization").json()}
    return dict(of.choose({names[row["organization"]["id"]]: row for row in rows}))
