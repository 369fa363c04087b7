"""A sandbox for programs that wait: a federation in a thread of its own."""

from collections.abc import Coroutine, Mapping
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from v6sim.node.errors import NodeError
from v6sim.sandbox import arguments
from v6sim.sandbox.anywhere import AnySandbox
from v6sim.sandbox.arguments import UnknownName
from v6sim.sandbox.controls import ClockControl, JournalView
from v6sim.sandbox.federation import Federation
from v6sim.sandbox.settings_given import check_settings
from v6sim.sandbox.thread import ServiceThread
from v6sim.server.operations.call import Core
from v6sim.world import World
from v6sim.world.nearest import choices

if TYPE_CHECKING:
    import httpx

    from v6sim.control_client import ControlClient
    from v6sim.egress.inspection import Inspection
    from v6sim.node.node import Node
    from v6sim.sandbox.faults.control import FaultControl
    from v6sim.sandbox.orders import Person
from v6sim.sandbox.places import Place, container_token

OPTIONS = tuple(name for name in signature(Federation).parameters if name != "world")
"""Keyword arguments of a sandbox, besides its world."""


class Sandbox(AnySandbox):
    """A server and its nodes in a thread of their own; a context manager.

    Args:
        world: what it is made of, or the name of a built-in world, or the path of a world file.
        options: as for `Federation`: host, port, executor, cold, keep, with_nodes, settings, tell,
            post_mortem, replay, ids.

    Raises:
        WorldError: the world cannot be had.
        WrongArgument: an argument cannot be what it is.
        CannotStart: the port is taken, or a setting is wrong (at entering the context).
    """

    def __init__(self, world: World | str | Path = "manual", **options: Any) -> None:
        wanted = arguments.check_world(world)
        arguments.check_options(options, ("world", *OPTIONS), "a sandbox")
        arguments.check_executor(options.get("executor"))
        arguments.check_port(options.get("port", 0))
        check_settings(options.get("settings"))
        loaded = wanted if isinstance(wanted, World) else World.load(wanted)
        self._federation = Federation(loaded, **options)
        super().__init__(self._federation.world)
        self._thread = ServiceThread(self._federation)
        self._kept_guests: dict[str, dict[str, Person]] = {}

    def __enter__(self) -> Self:
        """Start it, and wait until all nodes are there."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it, and leave nothing behind."""
        self._thread.stop()

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
    def control(self) -> "ControlClient":
        """What asks the server under `/_v6sim/`, with its secret."""
        return self._federation.control

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
    def max_payload_values(self) -> int:
        """How many values a result may have to be used, as the setting says."""
        return self._core.settings.max_payload_values

    @property
    def egress(self) -> "list[Inspection]":
        """What left the nodes that run here since the start or the last reset, the oldest first."""
        from v6sim.egress.inspection import inspect

        return inspect(self._federation.ledger, self._call(self._federation.names()))

    @property
    def clock(self) -> ClockControl:
        """The server's clock."""
        return ClockControl(self._core, self._thread)

    @property
    def faults(self) -> "FaultControl":
        """Has the server and its nodes misbehave."""
        from v6sim.sandbox.faults.control import FaultControl

        return FaultControl(self._core, self._thread, self._federation.troubles)

    @property
    def journal(self) -> JournalView:
        """The requests and events since the start or the last reset."""
        return JournalView(self._core, self._thread)

    def prepare(self, image: str) -> None:
        """Have an image ready before its first run: in Docker it may have to be built.

        Raises:
            RunError: it cannot be had.
        """
        self._call(self._federation.prepare(image))

    def reset(self) -> None:
        """Drop what runs, and put the server back in its starting world; snapshots stay."""
        self._guests.clear()
        self._call(self._federation.reset())

    def snapshot(self, name: str) -> None:
        """Remember the server's data as they are now, for `restore`."""
        arguments.check_text(name, "name", "a name for the snapshot")
        store, kept = self._core.store, self._core.snapshots
        kept[name] = self._thread.do(store.snapshot)
        self._kept_guests[name] = dict(self._guests)

    def restore(self, name: str) -> None:
        """Drop what runs, and put the server's data back as they were at a snapshot.

        Raises:
            UnknownName: there is no such snapshot.
        """
        known = self._core.snapshots
        if name not in known:
            raise UnknownName(
                f"there is no snapshot {arguments.shown(name)}; {choices(str(name), known)}"
            )
        self._call(self._federation.restore(name))
        self._guests = dict(self._kept_guests[name])

    def _container(self, place: Place) -> "httpx.Client":
        return self._doors.bearer(self._thread.do(lambda: container_token(self._core, place)))

    @property
    def _core(self) -> Core:
        return self._federation.serving.server.core

    def _call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._thread.call(coroutine)
