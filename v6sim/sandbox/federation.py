"""A server and its nodes in one event loop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from v6sim import keyring
from v6sim.egress.entries import Origin
from v6sim.egress.ledger import Ledger
from v6sim.inspector import install
from v6sim.keep import Keep, parts_of
from v6sim.node.departures import Departure
from v6sim.node.environments import without_secrets
from v6sim.node.errors import NodeError
from v6sim.runtime.control_token import control_token
from v6sim.runtime.worker_process import WorkerStopped
from v6sim.sandbox.faults.board import Seat, TroubleBoard
from v6sim.sandbox.secrets import maker, private_keys, settings_from
from v6sim.server.app import Server
from v6sim.server.control.egress import Wanted, names_of
from v6sim.server.control.reset import reset
from v6sim.server.control.snapshots import restore
from v6sim.server.operations.endings import hinder_node
from v6sim.server.operations.nodes import named
from v6sim.server.serving import Serving
from v6sim.server.settings import Settings
from v6sim.server.store.seed_ids import SeedIds
from v6sim.world import Collaboration, Participant, World

if TYPE_CHECKING:
    from v6sim.control_client import ControlClient
    from v6sim.node.departures import Witness
    from v6sim.node.executors.base import Executor
    from v6sim.node.executors.choice import ExecutorName
    from v6sim.node.node import Node
    from v6sim.node.settings import NodeSettings
    from v6sim.recording import Recording

_SECONDS_TO_BE_MISSED = 10

logger = logging.getLogger(__name__)


class Federation:
    """A server and its nodes in one event loop; an asynchronous context manager.

    Args:
        world: what it is made of.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        executor: how algorithms run; default is what the world says.
        cold: start a fresh interpreter for each run of an algorithm.
        keep: folder that keeps the database, secrets and private keys; without one, all is gone at
            the end.
        with_nodes: whether the world's nodes run here; else they connect from elsewhere.
        handout: folder to hand out in what it takes to start the nodes elsewhere.
        new_secrets: make up all passwords and API keys, whatever the world says, and the secret
            of the server; the folder of `keep` keeps them.
        settings: settings of the server that win over those of the world.
        tell: takes lines of what is said while an image is built or pulled; None: they are logged.
        post_mortem: for the executor `inline`: is called with what an algorithm has raised.
        replay: a recording that answers the subtasks of masters.
        ids: chosen ids for organizations, collaborations and nodes; None: they are counted.

    Raises:
        CannotStart: the port is taken, or a setting is wrong (at entering the context).
        KeepError: the folder cannot be used, or keeps another world (at entering the context).
        WorldError: a private key does not fit (at entering the context).
        EngineAway: algorithms run in Docker, and its engine does not answer (likewise).
        MissingLibrary: the database, or the executor, needs a library that is not installed.
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
        handout: Path | None = None,
        new_secrets: bool = False,
        settings: Mapping[str, Any] | None = None,
        tell: Callable[[str], None] | None = None,
        post_mortem: Callable[[BaseException], None] | None = None,
        replay: "Recording | None" = None,
        ids: SeedIds | None = None,
    ) -> None:
        self.world = world.model_copy(update={"algorithms": dict(world.algorithms)})
        self.nodes: list[Node] = []
        self.failed: dict[str, NodeError] = {}
        self.ledger = Ledger()
        self.troubles = TroubleBoard(self._until_missed)
        self.private_keys: dict[str, Path] = {}
        """Files with private keys, by organization: those that the world names or needs."""
        self._host, self._port = host, port
        self._executor_name = executor or world.executor
        self._cold = cold
        self._keep = Keep(keep) if keep else None
        self._with_nodes, self._handout, self._new_secrets = with_nodes, handout, new_secrets
        self._settings = dict(settings or {})
        self._tell, self._post_mortem = tell, post_mortem
        self._replay, self._ids = replay, ids
        self._executor: Executor | None = None
        self._stack = AsyncExitStack()
        self._serving: Serving | None = None
        self._control: ControlClient | None = None

    @property
    def serving(self) -> Serving:
        """The server as it listens."""
        assert self._serving is not None, "the federation is not running"
        return self._serving

    @property
    def control(self) -> "ControlClient":
        """What asks the server under `/_v6sim/`, with its secret."""
        from v6sim.control_client import ControlClient

        if self._control is None:
            self._control = ControlClient(self.serving.url, self.serving.server.secret)
            self._stack.callback(self._control.close)
        return self._control

    async def __aenter__(self) -> Self:
        """Start the server, then all nodes at once."""
        async with AsyncExitStack() as stack:
            if self._keep:
                stack.enter_context(self._keep)
                self._settings = {**settings_from(self._keep, self.world), **self._settings}
                self._keep.check_made_of(parts_of(self.world))
            if self._new_secrets:
                make = maker(self._keep)
                self.world = keyring.with_new_secrets(self.world, make)
                self._settings["root_password"] = make("password of root")
                self._settings["control_token"] = control_token() or make("control token")
            self.world = await self._with_keys(self.world, stack)
            settings = Settings.of(self.world.settings, **self._settings)
            if self._handout:
                from v6sim.sandbox.handing_out import hand_out

                limits = _limits(settings)
                keys, folder = self.private_keys, self._handout
                await asyncio.to_thread(hand_out, self.world, keys, folder, limits)
            server = Server(settings, self.world, listening=self._host, ids=self._ids)
            self._serving = await stack.enter_async_context(Serving(server, self._port))
            server.before_reset.append(self._abandon)
            server.after_reset.append(self.troubles.clear)
            server.after_reset.append(self._start_again)
            install(server)
            if self._with_nodes:
                server.egress.append(self._read_ledger)
                server.breakers.append(self.troubles)
                server.core.obstacles.append(self._obstacle)
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
        await self.troubles.clear()
        await self._start_again()

    async def restore(self, snapshot: str) -> None:
        """Drop what runs, and put the server's data back as they were at a snapshot."""
        await self._abandon()
        restore(self.serving.server.core, snapshot)

    async def names(self) -> dict[int, str]:
        """The names of organizations, by id."""
        return names_of(self.serving.server.core)

    async def prepare(self, image: str) -> None:
        """Have an image ready before its first run: in Docker it may have to be built.

        Raises:
            RunError: it cannot be had.
        """
        if self._executor is not None:
            await self._executor.prepare(image)

    def _note_environment(self, run_id: int, variables: Mapping[str, str]) -> None:
        self.serving.server.core.environments.note(run_id, without_secrets(variables))

    async def _abandon(self) -> None:
        await asyncio.gather(*(node.abandon() for node in self.nodes))
        if self._executor is not None:
            await self._executor.reset()
        self.ledger.clear()

    def _obstacle(self, run_id: int, node_id: int | None) -> str:
        """What keeps a run from getting on, as its node knows it, or who has put it in trouble."""
        if trouble := self.troubles.obstacle_of(run_id, node_id):
            return trouble
        known = (node.obstacle_of(run_id) for node in self.nodes if node.id == node_id)
        return next(filter(None, known), "")

    async def _start_again(self) -> None:
        """Start nodes that had given up: what has driven them to it is undone."""
        for node in self.nodes:
            if node.failure is not None:
                await node.stop()
                with contextlib.suppress(NodeError):
                    await node.start()

    def _note_failed(self, seat: Seat, error: NodeError) -> None:
        """Have the server know of a node that did not start: nobody does what it is sent."""
        core = self.serving.server.core
        with core.store.session() as session:
            node = named(session, seat.organization, seat.collaboration)
        if node is not None:
            text = f"node {node.id} ({node.name!r}) has not started here: {error}"
            core.hindrances.note(node.id, text)

    def _note_given_up(self, seat: Seat, error: NodeError) -> None:
        """Have the server end the runs of a node that reports nothing any more."""
        if seat.node is not None:
            text = f"node {seat.node.id} ({seat.node.name!r}) has given up: {error}"
            hinder_node(self.serving.server.core, seat.node.id, text)

    async def _until_missed(self, node: "Node") -> None:
        """Wait until the server knows that a node has gone."""
        server = self.serving.server
        gone = await server.core.event_journal.until(
            lambda: not server.sockets.has(node.id), _SECONDS_TO_BE_MISSED
        )
        if not gone:
            logger.warning("the server takes node %s for online, and it is not", node.id)

    async def _read_ledger(self, wanted: Wanted) -> bytes:
        """Have a worker process read and check what left: some of it is made by strangers."""
        from v6sim.egress.listing import LISTING, Options, list_unread

        entries = self.ledger if wanted.task_id is None else self.ledger.of_task(wanted.task_id)
        found = [each for each in entries if wanted.run_id is None or each.run_id == wanted.run_id]
        newest = found[-wanted.most :] if wanted.most else found
        options = Options(dict(wanted.names), wanted.min_count, wanted.full, wanted.longest)
        try:
            return await self.serving.server.workers.run(LISTING, options, items=newest)
        except WorkerStopped as error:
            return await asyncio.to_thread(list_unread, options, newest, str(error))

    async def _start_nodes(self, stack: AsyncExitStack) -> None:
        from v6sim.node.line import new_session
        from v6sim.node.node import Node
        from v6sim.node.places import Places

        executor = self._make_executor()
        stack.push_async_callback(executor.close)
        await executor.open()
        self._executor = executor
        http = await stack.enter_async_context(new_session())
        places, nodes, seats = Places(), dict[str, Node](), dict[str, Seat]()
        for collaboration in self.world.collaborations:
            for participant in collaboration.participants:
                if participant.has_node:
                    settings = self._node_settings(collaboration, participant)
                    name = collaboration.node_name(participant)
                    witness = self._witness(collaboration, participant)
                    seat = Seat(participant.name, collaboration.name, settings.databases)
                    node = Node(
                        settings, executor, places, http, witness, habits=seat.habits,
                        tell_environment=self._note_environment,
                        on_failure=partial(self._note_given_up, seat),
                    )  # fmt: skip
                    nodes[name] = seat.node = node
                    seats[name] = seat
                    self.troubles.sit(seat)
        stack.push_async_callback(_stop, nodes.values())
        stack.push_async_callback(self.troubles.close)
        outcomes = await asyncio.gather(
            *(node.start() for node in nodes.values()), return_exceptions=True
        )
        for (name, node), outcome in zip(nodes.items(), outcomes, strict=True):
            if isinstance(outcome, NodeError):
                self.failed[name] = outcome
                self._note_failed(seats[name], outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                self.nodes.append(node)

    def _make_executor(self) -> "Executor":
        from v6sim.node.executors.choice import make_executor

        executor = make_executor(
            self._executor_name, self.world.algorithms, cold=self._cold, docker=self.world.docker,
            tell=self._tell, post_mortem=self._post_mortem,
        )  # fmt: skip
        if self._replay is None:
            return executor
        from v6sim.recording.replaying import ReplayingExecutor

        names = {
            collaboration.node_name(participant): participant.name
            for collaboration in self.world.collaborations
            for participant in collaboration.participants
        }
        return ReplayingExecutor(executor, self._replay, names)

    def _node_settings(
        self, collaboration: Collaboration, participant: Participant
    ) -> "NodeSettings":
        from v6sim.node.settings import NodeSettings

        return NodeSettings(
            server=self.serving.api_url,
            api_key=SecretStr(participant.api_key or ""),
            databases=participant.databases,
            encrypted=collaboration.encrypted,
            private_key=self.private_keys.get(participant.name),
            algorithm_env=participant.algorithm_env,
            allowed_images=participant.allowed_images,
            docker_services=participant.docker_services,
            persist=participant.persist,
            **_limits(self.serving.server.core.settings),
        )

    def _witness(self, collaboration: Collaboration, participant: Participant) -> "Witness":
        """Who writes down what leaves a node."""
        name = collaboration.node_name(participant)
        origin = Origin(name, participant.name, collaboration.name, participant.databases)

        def note(departure: Departure) -> None:
            self.ledger.note(departure, origin)

        return note

    async def _with_keys(self, world: World, stack: AsyncExitStack) -> World:
        """The world with all keys that are made up for it."""
        self.private_keys = keyring.named_keys(world)
        here = self._with_nodes or self._handout is not None
        lacking = keyring.lacking_keys(world) if here else []
        self.private_keys |= await private_keys(lacking, self._keep, stack)
        world = await asyncio.to_thread(keyring.with_public_keys, world, self.private_keys)
        return keyring.with_api_keys(world, maker(self._keep))


def _limits(settings: Settings) -> dict[str, int]:
    """The sizes that hold for the nodes of a server too, by their names."""
    return {name: getattr(settings, name) for name in ("max_result", "max_input", "max_log")}


async def _stop(nodes: "Iterable[Node]") -> None:
    await asyncio.gather(*(node.stop() for node in nodes))
