"""The people, nodes and algorithms who ask, and the server that they ask."""

import json
from functools import cache
from pathlib import Path

import httpx

from tests.databases import new_database
from tests.parity.asgi import ask
from tests.properties.requests import NODES, Asked
from v6sim.server.access.callers import Kind
from v6sim.server.app import Server
from v6sim.server.control.reset import reset
from v6sim.server.settings import Settings
from v6sim.world import World

WORLD = Path(__file__).parents[1] / "parity" / "world.json"
TASK = {
    "name": "first", "image": "algo/one", "collaboration_id": 1,
    "organizations": [{"id": 2, "input": "aW4="}, {"id": 3, "input": "aW4="}],
}  # fmt: skip
COUNTED = ("task", "run", "organization", "collaboration", "identity", "role", "port")


@cache
def server() -> Server:
    world = World.load(WORLD)
    return Server(Settings.of(world.settings, hold_seconds=0, database_url=new_database()), world)


class Players:
    """The callers of one sequence, with their tokens."""

    def __init__(self) -> None:
        self.core = server().core
        reset(self.core)
        self.start = self.core.store.snapshot()
        self.highest = {name: len(self.start[name]) for name in COUNTED}

    async def begin(self) -> None:
        """A task in the world, and an algorithm that runs for it."""
        await self.play(Asked("ha_res", "POST", "/task", TASK))

    def token(self, caller: str) -> str:
        kind, key = self.identity(caller)
        if caller == "container":
            node = next(row for row in self.start["node"] if row["id"] == key)
            return self.core.tokens.container(
                {
                    "client_type": "container", "node_id": key, "task_id": 1, "image": "algo/one",
                    "organization_id": node["organization_id"], "database": "",
                    "collaboration_id": node["collaboration_id"],
                }
            )  # fmt: skip
        return self.core.tokens.access(key, Kind(kind))

    def identity(self, caller: str) -> tuple[str, int]:
        """Kind and id of a caller; a container is known by its node's."""
        if caller == "container" or caller.startswith("node:"):
            name = NODES[0] if caller == "container" else caller.removeprefix("node:")
            name = f"{name.replace('/', ' - ')} Node"
            key = next(row["id"] for row in self.start["node"] if row["name"] == name)
            return ("container" if caller == "container" else "node"), key
        return "user", next(r["id"] for r in self.start["user"] if r["username"] == caller)

    async def play(self, asked: Asked) -> httpx.Response:
        headers = {"content-type": "application/json"} if asked.body is not None else {}
        if asked.caller:
            headers["authorization"] = f"Bearer {self.token(asked.caller)}"
        body = None if asked.body is None else json.dumps(asked.body).encode()
        return await ask(server().app, asked.method, f"/api{asked.path}", headers, body)
