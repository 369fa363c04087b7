"""Socket.IO: who is there, and what happens (reference: websockets)."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

from sqlmodel import Session

from v6sim.server.access.callers import Caller, Kind
from v6sim.server.errors import ExpiredToken, ServerError
from v6sim.server.events import (
    Event,
    KillRequested,
    PresenceChanged,
    RunUpdated,
    TaskCreated,
    WorldReset,
)
from v6sim.server.operations import presence
from v6sim.server.operations.call import Core
from v6sim.server.operations.callers import identify
from v6sim.server.operations.orphans import Orphans
from v6sim.server.v3.rooms import ALL_NODES, collaboration_room, joined_rooms, rooms_of, work_room
from v6sim.wire.sockets import socketio

NAMESPACE = "/tasks"
SocketRefused = socketio.exceptions.ConnectionRefusedError
_PAUSE = 5  # seconds between two rounds of pings
_GRACE = 0.5  # seconds that nodes have for an answer also where the clock is moved on

log = logging.getLogger(__name__)


class Sockets:
    """The server's end of all sockets.

    Args:
        core: the server's shared parts.
    """

    def __init__(self, core: Core) -> None:
        self._core, self._orphans = core, Orphans(core)
        self._present: dict[str, Caller] = {}
        self._happened: asyncio.Queue[Event] = asyncio.Queue()
        self._asked: set[int] = set()
        self._answered: set[int] = set()
        self._all_answered = asyncio.Event()
        self.sio = socketio.AsyncServer(
            async_mode="asgi", cors_allowed_origins=[], ping_interval=25, ping_timeout=60
        )  # whose pages may connect says the middleware before it
        self.sio.on("connect", self._accept, namespace="/")
        self.sio.on("connect", self._connect, namespace=NAMESPACE)
        self.sio.on("disconnect", self._disconnect, namespace=NAMESPACE)
        self.sio.on("*", self._receive, namespace=NAMESPACE)
        self._handlers: dict[str, Callable[[str, Any], Awaitable[None]]] = {
            "algorithm_status_change": self._relay_status,
            "ping": self._ping,
            "message": self._note,
            "error": self._note,
        }
        core.events.subscribe(self._on_event)

    @property
    def largest_message(self) -> int:
        """How many bytes a client may send at once."""
        return int(self.sio.eio.max_http_buffer_size)

    def has(self, identity_id: int) -> bool:
        """Whether a user or node is connected."""
        return any(caller.id == identity_id for caller in self._present.values())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell what happens, and see who is there, for the length of this context."""
        tasks = [asyncio.create_task(self._tell()), asyncio.create_task(self._ping_nodes())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.sio.shutdown()

    async def _accept(self, _sid: str, _environ: dict[str, Any]) -> None:
        """Anybody may connect to the default namespace, where nothing is ever said."""

    async def _connect(self, sid: str, environ: dict[str, Any], wishes: Any = None) -> None:
        word, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if word != "Bearer":
            raise SocketRefused("a header `Authorization: Bearer <token>` is needed")
        try:
            with self._core.store.session() as session:
                caller = identify(self._core, session, token)
                if caller.kind is Kind.CONTAINER:
                    raise SocketRefused("an algorithm cannot open a socket")
                wish = wishes.get("hear") if isinstance(wishes, dict) else None
                told, joined = rooms_of(session, caller), joined_rooms(session, caller, wish)
                self._set_status(session, [caller.id], is_online=True)
        except ExpiredToken:
            self._later(self._emit("expired_token", None, sid))
            return
        except ServerError as error:
            raise SocketRefused(str(error)) from None
        self._present[sid] = caller
        self._take_down("connect", caller)
        others = {room: set(self._members(room)) for room in told}
        for room in joined:
            await self.sio.enter_room(sid, room, namespace=NAMESPACE)
        # What is sent from here on reaches the client after its namespace counts as connected.
        self._later(self._greet(caller, others))

    async def _disconnect(self, sid: str, _reason: str = "") -> None:
        caller = self._present.pop(sid, None)
        if caller is None:
            return
        has_gone = False
        with self._core.store.session() as session:
            rooms = rooms_of(session, caller)
            if all(other.id != caller.id for other in self._present.values()):
                has_gone = self._set_status(session, [caller.id], is_online=False)
        self._take_down("disconnect", caller)
        if caller.kind is Kind.NODE and has_gone:
            for room in rooms:
                await self._emit("node-offline", _node_payload(caller), room)
        for room in _announced(rooms):
            await self._emit("message", f"{caller.name} left room {room}", room)

    def _set_status(
        self, session: Session, identities: Collection[int], *, is_online: bool
    ) -> bool:
        """Note who is there, and tell of it where that is new; returns whether it is anywhere."""
        changed = presence.set_status(session, identities, is_online=is_online)
        for identity_id in changed:
            self._core.events.publish(PresenceChanged(identity_id, is_online))
        return bool(changed)

    async def _greet(self, caller: Caller, others: dict[str, set[str]]) -> None:
        """Tell those who were in the rooms before, then all in them."""
        if caller.kind is Kind.NODE:
            for sids in others.values():
                for sid in sids:
                    await self._emit("node-online", _node_payload(caller), sid)
        for room in _announced(list(others)):
            text = f"{caller.kind.capitalize()} <{caller.name}> joined room <{room}>"
            await self._emit("message", text, room)

    async def _receive(self, name: str, sid: str, payload: Any = None, *_more: Any) -> None:
        """Hear what somebody says; what is not known is taken down all the same."""
        self._take_down(name, self._present.get(sid), payload)
        if handler := self._handlers.get(name):
            await handler(sid, payload)

    async def _relay_status(self, sid: str, payload: Any) -> None:
        """Pass on what somebody says about a run; nothing is stored."""
        if sid not in self._present or not isinstance(payload, dict):
            return
        names = (
            "status", "result_id", "task_id", "collaboration_id", "node_id", "organization_id",
            "parent_id",
        )  # fmt: skip
        said = {name: payload.get(name) for name in names}
        with self._core.store.session() as session:
            job_id = presence.job_of_run(session, said["result_id"])
        if job_id is not None:
            said["run_id"] = job_id
            room = collaboration_room(said["collaboration_id"])
            await self._emit("algorithm_status_change", said, room)

    async def _ping(self, sid: str, _payload: Any) -> None:
        """Nodes from 3.9 on say by themselves that they are there."""
        if caller := self._present.get(sid):
            self._seen(caller.id)

    async def _note(self, sid: str, payload: Any) -> None:
        caller = self._present.get(sid)
        log.info("%s says: %.200s", caller, payload)

    def _seen(self, identity_id: int) -> None:
        self._answered.add(identity_id)
        if self._asked <= self._answered:
            self._all_answered.set()
        self._core.store.seen[identity_id] = self._core.clock.utc()
        with self._core.store.session() as session:
            self._set_status(session, [identity_id], is_online=True)

    async def _ping_nodes(self) -> None:
        """Every now and then, see which of the connected nodes answer; others are offline."""
        while True:
            await self._core.clock.sleep(_PAUSE)
            try:
                await self._ping_once()
                self._orphans.look({caller.id for caller in self._present.values()})
            except Exception:
                log.exception("a round of pings failed")

    async def _ping_once(self) -> None:
        self._asked = {one.id for one in self._present.values() if one.kind is Kind.NODE}
        self._answered.clear()
        self._all_answered.clear()
        await self._emit("ping", None, ALL_NODES, callback=self._pong)
        await self._core.clock.sleep(self._core.settings.ping_seconds)
        if self._asked:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_answered.wait(), _GRACE)
        with self._core.store.session() as session:
            self._set_status(session, self._asked - self._answered, is_online=False)

    def _pong(self, node_id: Any = None) -> None:
        if node_id in {caller.id for caller in self._present.values()}:
            self._seen(node_id)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, WorldReset):
            with self._core.store.session() as session:
                present = {caller.id for caller in self._present.values()}
                self._set_status(session, present, is_online=True)
        self._happened.put_nowait(event)

    async def _tell(self) -> None:
        """Tell clients what happened, in the order in which it did."""
        while True:
            event = await self._happened.get()
            try:
                await self._tell_of(event)
            except Exception:
                log.exception("could not tell of %s", event)

    async def _tell_of(self, event: Event) -> None:
        match event:
            case TaskCreated() as made:
                room = collaboration_room(made.collaboration_id)
                payload = {
                    "task_id": made.task_id, "run_id": made.job_id,
                    "collaboration_id": made.collaboration_id, "init_org_id": made.initiator_id,
                }  # fmt: skip
                await self._emit("task_created", payload, room)
                work = [work_room(made.collaboration_id, each) for each in made.organizations]
                for each in (room, *work):
                    await self._emit("new_task", made.task_id, each)
            case RunUpdated() as updated:
                room = collaboration_room(updated.collaboration_id)
                await self._emit("status_update", {"result_id": updated.run_id}, room)
            case KillRequested() as kill:
                for room_of in (collaboration_room, work_room):
                    room = room_of(kill.collaboration_id)
                    await self._emit("kill_containers", _kill_payload(kill), room)

    async def _emit(
        self, name: str, payload: Any, to: str, callback: Callable[..., None] | None = None
    ) -> None:
        """Say something to a room, or to a single connection."""
        heard_by = [self._present[sid] for sid in self._members(to) if sid in self._present]
        room = "" if to in self._present else to
        self._core.event_journal.note_sent(self._core.clock.now(), name, room, payload, heard_by)
        await self.sio.emit(name, payload, to=to, namespace=NAMESPACE, callback=callback)

    def _take_down(self, name: str, caller: Caller | None, payload: Any = None) -> None:
        self._core.event_journal.note_received(self._core.clock.now(), name, caller, payload)

    def _members(self, room: str) -> list[str]:
        return [sid for sid, _ in self.sio.manager.get_participants(NAMESPACE, room)]

    def _later(self, coroutine: Any) -> None:
        self.sio.start_background_task(_await, coroutine)


async def _await(coroutine: Any) -> None:
    await coroutine


def _announced(rooms: list[str]) -> list[str]:
    """The rooms in which comings and goings are told."""
    return [room for room in rooms if room != ALL_NODES]


def _node_payload(caller: Caller) -> dict[str, Any]:
    return {"id": caller.id, "name": caller.name, "org_id": caller.organization_id}


def _kill_payload(kill: KillRequested) -> dict[str, Any]:
    if kill.node_id is not None:
        return {"node_id": kill.node_id, "collaboration_id": kill.collaboration_id}
    listed = [
        {"task_id": run.task_id, "result_id": run.run_id, "organization_id": run.organization_id}
        for run in kill.runs
    ]
    return {"kill_list": listed, "collaboration_id": kill.collaboration_id}
