"""A sandbox: a server and its nodes together."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import SecretStr

from v6sim.keep import Keep
from v6sim.node.errors import NodeError
from v6sim.server.app import Server
from v6sim.server.control.reset import reset
from v6sim.server.serving import Serving
from v6sim.server.settings import Settings
from v6sim.world import Collaboration, Participant, World

if TYPE_CHECKING:
    from v6sim.client import Client
    from v6sim.node.executors.base import Executor
    from v6sim.node.executors.choice import ExecutorName
    from v6sim.node.node import Node
    from v6sim.node.settings import NodeSettings

T = TypeVar("T")


class Federation:
    """A server and its nodes in one event loop; an asynchronous context manager.

    Args:
        world: what it is made of.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        executor: how algorithms run; default is what the world says.
        cold: start a fresh interpreter for each run of an algorithm.
        keep: folder that keeps the database and secrets; without one, all is gone at the end.
        with_nodes: whether the world's nodes run here; else they connect from elsewhere.
        settings: settings of the server that win over those of the world.
        tell: takes lines of what is said while an image is built or pulled; None: they are logged.

    Raises:
        CannotStart: the port is taken, or a setting is wrong (at entering the context).
        KeepTaken: somebody else uses the folder (at entering the context).
        EngineAway: algorithms run in Docker, and its engine does not answer (likewise).
    """

    def __init__(
        self,
        world: World,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        executor: "ExecutorName | None" = None,
        cold: bool = False,
        keep: Path | None = None,
        with_nodes: bool = True,
        settings: Mapping[str, Any] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.world = world
        self.nodes: list[Node] = []
        self.failed: dict[str, NodeError] = {}
        self._host, self._port = host, port
        self._executor_name = executor or world.executor
        self._cold = cold
        self._keep = Keep(keep) if keep else None
        self._with_nodes = with_nodes
        self._settings = dict(settings or {})
        self._tell = tell
        self._executor: Executor | None = None
        self._stack = AsyncExitStack()
        self._serving: Serving | None = None

    @property
    def serving(self) -> Serving:
        """The server as it listens."""
        assert self._serving is not None, "the federation is not running"
        return self._serving

    async def __aenter__(self) -> Self:
        """Start the server, then all nodes at once."""
        async with AsyncExitStack() as stack:
            if self._keep:
                stack.enter_context(self._keep)
                self._settings.setdefault("database_url", self._keep.database_url)
                self._settings.setdefault("jwt_secret_key", self._keep.secret("jwt_secret_key"))
            self.world = self._with_keys(self.world)
            server = Server(Settings.of(self.world.settings, **self._settings), self.world)
            self._serving = await stack.enter_async_context(Serving(server, self._host, self._port))
            server.before_reset.append(self._abandon)
            if self._with_nodes:
                await self._start_nodes(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *error: Any) -> None:
        """Stop everything, and leave nothing behind."""
        await self._stack.__aexit__(*error)

    async def reset(self) -> None:
        """Drop what runs, and put the server back in its starting world."""
        await self._abandon()
        reset(self.serving.server.core)

    async def prepare(self, image: str) -> None:
        """Have an image ready before its first run: in Docker it may have to be built.

        Raises:
            RunError: it cannot be had.
        """
        if self._executor is not None:
            await self._executor.prepare(image)

    async def _abandon(self) -> None:
        await asyncio.gather(*(node.abandon() for node in self.nodes))

    async def _start_nodes(self, stack: AsyncExitStack) -> None:
        from v6sim.node.executors.choice import make_executor
        from v6sim.node.line import new_session
        from v6sim.node.node import Node
        from v6sim.node.places import Places

        executor = make_executor(
            self._executor_name, self.world.algorithms, cold=self._cold, docker=self.world.docker,
            tell=self._tell,
        )  # fmt: skip
        stack.push_async_callback(executor.close)
        await executor.open()
        self._executor = executor
        http = await stack.enter_async_context(new_session())
        places, nodes = Places(), dict[str, Node]()
        for collaboration in self.world.collaborations:
            for participant in collaboration.participants:
                if participant.has_node:
                    settings = self._node_settings(collaboration, participant)
                    name = collaboration.node_name(participant)
                    nodes[name] = Node(settings, executor, places, http)
        stack.push_async_callback(_stop, nodes.values())
        outcomes = await asyncio.gather(
            *(node.start() for node in nodes.values()), return_exceptions=True
        )
        for (name, node), outcome in zip(nodes.items(), outcomes, strict=True):
            if isinstance(outcome, NodeError):
                self.failed[name] = outcome
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                self.nodes.append(node)

    def _node_settings(
        self, collaboration: Collaboration, participant: Participant
    ) -> "NodeSettings":
        from v6sim.node.settings import NodeSettings

        return NodeSettings(
            server=self.serving.api_url,
            api_key=SecretStr(participant.api_key or ""),
            databases=participant.databases,
            encrypted=collaboration.encrypted,
            algorithm_env=participant.algorithm_env,
            allowed_images=participant.allowed_images,
            docker_services=participant.docker_services,
        )

    def _with_keys(self, world: World) -> World:
        """The world with a key for each node that has none yet."""
        collaborations = [
            collaboration.model_copy(
                update={
                    "participants": [
                        self._with_key(collaboration, participant)
                        for participant in collaboration.participants
                    ]
                }
            )
            for collaboration in world.collaborations
        ]
        return world.model_copy(update={"collaborations": collaborations})

    def _with_key(self, collaboration: Collaboration, participant: Participant) -> Participant:
        if participant.api_key or not participant.has_node:
            return participant
        name = f"api key of {collaboration.node_name(participant)}"
        key = self._keep.secret(name) if self._keep else str(uuid.uuid4())
        return participant.model_copy(update={"api_key": key})


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
        self._thread = threading.Thread(target=self._live, name="sandbox", daemon=True)
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._ended: Future[None] = Future()
        self._stop = asyncio.Event()

    def __enter__(self) -> Self:
        """Start it, and wait until all nodes are there."""
        self._thread.start()
        try:
            self._started.result()
        except BaseException:
            self._thread.join()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it, and leave nothing behind."""
        self._started.result().call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._ended.result()

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

    def reset(self) -> None:
        """Drop what runs, and put the server back in its starting world."""
        self._call(self._federation.reset())

    def prepare(self, image: str) -> None:
        """Have an image ready before its first run: in Docker it may have to be built.

        Raises:
            RunError: it cannot be had.
        """
        self._call(self._federation.prepare(image))

    def client(self, username: str) -> "Client":
        """A user of the world, logged in.

        Raises:
            KeyError: the world has no such user.
        """
        from v6sim.client import Client

        return Client(self.api_url, username, _passwords(self.world)[username])

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._started.result()).result()

    def _live(self) -> None:
        """What its thread does, from start to end."""
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(self._serve())
        except BaseException as error:  # it is raised where it is waited for
            waited_for = self._ended if self._started.done() else self._started
            waited_for.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        async with self._federation:
            self._started.set_result(asyncio.get_running_loop())
            await self._stop.wait()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quickest event loop there is here; None for Python's own."""
    try:
        import uvloop
    except ImportError:  # not for this platform
        return None
    return uvloop.new_event_loop


async def _stop(nodes: "Iterable[Node]") -> None:
    await asyncio.gather(*(node.stop() for node in nodes))


def _passwords(world: World) -> dict[str, str]:
    """The passwords of all users, by their names."""
    users = [user for organization in world.organizations for user in organization.users]
    return {"root": "root", **{user.username: user.password or "" for user in users}}
