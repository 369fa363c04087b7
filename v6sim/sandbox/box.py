"""A sandbox for programs that wait: a federation in a thread of its own."""

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from v6sim.node.errors import NodeError
from v6sim.sandbox.controls import ClockControl, JournalView, Permission
from v6sim.sandbox.faults import FaultControl
from v6sim.sandbox.federation import Federation
from v6sim.sandbox.orders import Orders, Person, UnknownName
from v6sim.sandbox.tasks import RunningTask, TaskResult
from v6sim.sandbox.thread import ServiceThread
from v6sim.server.operations.call import Core
from v6sim.views import TaskView
from v6sim.world import World
from v6sim.world.nearest import choices

if TYPE_CHECKING:
    import httpx

    from v6sim.client import Client
    from v6sim.egress.inspection import Inspection
    from v6sim.node.node import Node
    from v6sim.server.store import Snapshot


class Sandbox:
    """A server and its nodes in a thread of their own; a context manager.

    Args:
        world: what it is made of, or the name of a built-in world, or the path of a world file.
        options: as for `Federation`: host, port, executor, cold, keep, with_nodes, settings, tell.

    Raises:
        WorldError: the world cannot be had.
        CannotStart: the port is taken, or a setting is wrong (at entering the context).
    """

    def __init__(self, world: World | str | Path = "manual", **options: Any) -> None:
        loaded = world if isinstance(world, World) else World.load(world)
        self._federation = Federation(loaded, **options)
        self._thread = ServiceThread(self._federation)
        self._guests: dict[str, Person] = {}
        self._snapshots: dict[str, Snapshot] = {}

    def __enter__(self) -> Self:
        """Start it, and wait until all nodes are there."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it, and leave nothing behind."""
        self._thread.stop()

    # --- what it is ---

    @property
    def world(self) -> World:
        """What it is made of."""
        return self._federation.world

    @property
    def url(self) -> str:
        """Address of the server, without the API path."""
        return self._federation.serving.url

    @property
    def api_url(self) -> str:
        """Address of the server's API."""
        return self._federation.serving.api_url

    @property
    def nodes(self) -> "list[Node]":
        """The nodes that run here."""
        return self._federation.nodes

    @property
    def failed(self) -> Mapping[str, NodeError]:
        """Why nodes did not start, by their names."""
        return self._federation.failed

    @property
    def private_keys(self) -> Mapping[str, Path]:
        """Files with the private keys of organizations, by their names; made for what encrypts.

        The genuine client takes them: `client.setup_encryption(path)`.
        """
        return self._federation.private_keys

    @property
    def egress(self) -> "list[Inspection]":
        """What left the nodes that run here since the start or the last reset, the oldest first."""
        from v6sim.egress.inspection import inspect

        return inspect(self._federation.ledger, self._thread.call(self._federation.names()))

    # --- running algorithms ---

    def run(
        self, algorithm: str | Path | ModuleType, method: str, *, check: bool = True,
        timeout: float = 60, **options: Any,
    ) -> TaskResult:  # fmt: skip
        """Run an algorithm from start to end.

        Args:
            algorithm: as for `submit`, and so are method and options.
            method: what to call.
            check: raise an error if a run fails; else look at `status`.
            timeout: seconds after which it is given up.
            options: organizations, master, args, kwargs, database, user, collaboration.

        Raises:
            AlgorithmFailed: a run has failed; the text shows its log and traceback.
            TimeoutError: it has not ended in time.
            UnknownName: one of the names is not known.
        """
        outcome = self.submit(algorithm, method, **options).wait(timeout)
        return outcome.check() if check else outcome

    def submit(
        self, algorithm: str | Path | ModuleType, method: str, *,
        organizations: Sequence[str | int] | None = None, master: bool | None = None,
        args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None,
        database: str = "default", user: str | None = None, collaboration: str | None = None,
    ) -> RunningTask:  # fmt: skip
        """Send a task, and do not wait for it.

        Args:
            algorithm: an image name of the world, the folder or file of a package, or a module.
            method: what to call, without the prefix `RPC_`.
            organizations: where, by name or id; default is all of the collaboration, and for a
                master the user's own.
            master: whether it is a master; default is what the package has under that name.
            args: arguments by position.
            kwargs: arguments by name.
            database: label of the data to run on.
            user: who sends it; default is the first who may.
            collaboration: where; default is the first one that the user's organization is in.

        Raises:
            UnknownName: one of the names is not known.
            ApiError: the server refuses the task.
        """
        orders = self._orders
        who = orders.user(user, collaboration)
        image = orders.image(algorithm)
        self._thread.call(self._federation.prepare(image))
        is_master = orders.is_master(image, method) if master is None else master
        given = {"method": method, "master": is_master, "args": list(args), "kwargs": kwargs or {}}
        begun = time.perf_counter()
        client = self.client(who.username)
        try:
            ticket = orders.send(client, who, image, given, organizations, database, collaboration)
        except BaseException:
            client.close()
            raise
        return RunningTask(client, ticket, lambda task: self._outcome(task, begun))

    def _outcome(self, task: TaskView, begun: float) -> TaskResult:
        return TaskResult(task, time.perf_counter() - begun, _Evidence(self))

    # --- what tests turn ---

    @property
    def clock(self) -> ClockControl:
        """The server's clock."""
        return ClockControl(self._core, self._thread)

    @property
    def faults(self) -> FaultControl:
        """Has the server and its nodes misbehave."""
        return FaultControl(self._core, self._thread, self._federation.troubles)

    @property
    def journal(self) -> JournalView:
        """The requests and events since the start or the last reset."""
        return JournalView(self._core, self._thread)

    def may(self, username: str, method: str, path: str, body: Any = None) -> Permission:
        """Whether a user may make a request, and why; nothing is changed by asking.

        Args:
            username: who.
            method: of HTTP.
            path: such as `/task/1`.
            body: as JSON has it.

        Raises:
            UnknownName: there is no such user.
        """
        import httpx

        self._orders.named_user(username)
        wanted = {"username": username, "method": method, "path": path, "body": body}
        answer = httpx.post(f"{self.url}/_v6sim/explain", json=wanted, trust_env=False)
        return Permission.of(answer.raise_for_status().json())

    def user_with_rules(
        self, *rules: str, organization: str | None = None, roles: Sequence[str] = ()
    ) -> str:
        """Make a user with exactly these rules, and the roles; returns their name.

        Args:
            rules: such as `task VIEW ORGANIZATION`.
            organization: where they belong; default is the first one of the world.
            roles: names of default roles.

        Raises:
            UnknownName: one of the names is not known.
        """
        with self.http("root") as root:
            person = self._orders.make_user(root, rules, roles, organization)
        self._guests[person.username] = person
        return person.username

    def snapshot(self, name: str) -> None:
        """Remember the server's data as they are now, for `restore`."""
        self._snapshots[name] = self._thread.do(self._core.store.snapshot)

    def restore(self, name: str) -> None:
        """Drop what runs, and put the server's data back as they were at a snapshot.

        Raises:
            UnknownName: there is no such snapshot.
        """
        if name not in self._snapshots:
            raise UnknownName(f"there is no snapshot {name!r}; {choices(name, self._snapshots)}")
        self._thread.call(self._federation.restore(self._snapshots[name]))

    # --- people and parts ---

    def client(self, username: str) -> "Client":
        """A user of the world, logged in, with the private key of their organization if it has one.

        Raises:
            UnknownName: the world has no such user.
        """
        from v6sim.client import Client

        user = self._orders.named_user(username)
        key = self.private_keys.get(user.organization)
        return Client(self.api_url, user.username, user.password, key)

    def http(self, username: str | None = None) -> "httpx.Client":
        """What sends requests to the API as a user, or as nobody; close it after use.

        Raises:
            UnknownName: the world has no such user.
        """
        import httpx

        headers = {}
        if username is not None:
            user = self._orders.named_user(username)
            login = {"username": user.username, "password": user.password}
            answer = httpx.post(f"{self.api_url}/token/user", json=login, trust_env=False)
            token = answer.raise_for_status().json()["access_token"]
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.api_url, headers=headers, timeout=60, trust_env=False)

    def prepare(self, image: str) -> None:
        """Have an image ready before its first run: in Docker it may have to be built.

        Raises:
            RunError: it cannot be had.
        """
        self._thread.call(self._federation.prepare(image))

    def reset(self) -> None:
        """Drop what runs, and put the server back in its starting world."""
        self._guests.clear()
        self._thread.call(self._federation.reset())

    @property
    def _core(self) -> Core:
        return self._federation.serving.server.core

    @property
    def _orders(self) -> Orders:
        return Orders(self.world, self._guests)


class _Evidence:
    """Looks up what a sandbox knows of a task."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def trace(self, task_id: int) -> Any:
        """The time line of a task and all below it."""
        import httpx

        url = f"{self._box.url}/_v6sim/tasks/{task_id}/trace"
        return httpx.get(url, trust_env=False).raise_for_status().json()

    def egress(self, task_ids: Collection[int]) -> "list[Inspection]":
        """What left the organizations for these tasks."""
        return [each for each in self._box.egress if each.entry.task_id in task_ids]
