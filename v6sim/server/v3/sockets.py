"""Socket.IO: who is there, and what happens (reference: websockets)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from sqlmodel import Session

from v6sim.server.access.callers import Caller, Kind, NodeCaller
from v6sim.server.errors import DatabaseFailed, ExpiredToken, NoRoom, ServerError
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
from v6sim.server.operations.callers import of_claims
from v6sim.server.v3 import socket_frames
from v6sim.server.v3.connections import Change, Connection, Connections
from v6sim.server.v3.pings import Pings
from v6sim.server.v3.rooms import ALL_NODES, collaboration_room, work_room
from v6sim.wire.sockets import socketio

NAMESPACE = "/tasks"
_WORK = "work"  # what a node says that wants to hear of no more than its tasks, and of kills
SocketRefused = socketio.exceptions.ConnectionRefusedError
_Handler = Callable[[Connection, Caller, Any], Awaitable[None]]

log = logging.getLogger(__name__)


class Sockets:
    """The server's end of all sockets.

    Args:
        core: the server's shared parts.
    """

    def __init__(self, core: Core) -> None:
        self._core, self._connections = core, Connections(core)
        self._happened: asyncio.Queue[Event] = asyncio.Queue()
        self._pings = Pings(
            core, self._connections, self._ping, self._set_status_of, self._prepare_pings
        )
        self.sio = socket_frames.Server(
            async_mode="asgi", cors_allowed_origins=[], ping_interval=25, ping_timeout=60
        )  # whose pages may connect says the middleware before it
        self.sio.on("connect", self._accept, namespace="/")
        self.sio.on("connect", self._connect, namespace=NAMESPACE)
        self.sio.on("disconnect", self._disconnect, namespace=NAMESPACE)
        self.sio.on("*", self._receive, namespace=NAMESPACE)
        self._handlers: Mapping[str, tuple[Collection[Kind], _Handler]] = {
            "algorithm_status_change": ({Kind.NODE}, self._relay_status),
            "ping": ({Kind.NODE}, self._note_ping),
            "message": ({Kind.NODE, Kind.USER}, self._note_text),
            "error": ({Kind.NODE, Kind.USER}, self._note_text),
        }
        """What clients may say, and clients of which kinds."""
        self._is_owed = False
        """Whether it could not be stored who is there."""
        core.events.subscribe(self._on_event)

    @property
    def largest_message(self) -> int:
        """How many bytes a client may send at once."""
        return int(self.sio.eio.max_http_buffer_size)

    def has(self, identity_id: int) -> bool:
        """Whether a user or node is connected."""
        return self._connections.has(identity_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell what happens, and see who is there, for the length of this context."""
        tasks = [asyncio.create_task(self._tell()), asyncio.create_task(self._pings.repeat())]
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
        await self._follow()
        is_modest = isinstance(wishes, dict) and wishes.get("hear") == _WORK
        try:
            with self._core.store.session() as session:
                claims = self._core.tokens.read(token)
                caller = of_claims(self._core, session, claims)
                if caller.kind is Kind.CONTAINER:
                    raise SocketRefused("an algorithm cannot open a socket")
                connection = Connection(sid, claims, is_modest and caller.kind is Kind.NODE)
                change = self._connections.add(session, connection, caller)
                self._note_presence(session, change)
        except ExpiredToken:
            self._later(self._say_expired(sid))
            return
        except ServerError as error:
            raise SocketRefused(str(error)) from None
        self._take_down("connect", caller)
        await self._move(change)
        # What is sent from here on reaches the client after its namespace counts as connected.
        self._later(self._greet(change))

    async def _greet(self, change: Change) -> None:
        if self._connections.get(change.connection.sid):
            await self._announce(change)

    async def _disconnect(self, sid: str, _reason: str = "") -> None:
        change = self._connections.remove(sid)
        if change is None:
            return
        with self._core.store.session() as session:
            self._note_presence(session, change)
        if change.before:
            self._take_down("disconnect", change.before)
        await self._move(change)
        await self._announce(change)

    async def _follow(self) -> None:
        """Have all be where they belong now: rules, memberships, and nodes may have changed."""
        if self._connections.are_as_known():
            return
        with self._core.store.session() as session:
            changes = self._connections.review(session)
            for change in changes:
                self._note_presence(session, change)
        for change in changes:
            await self._stop_work_of(change)
            await self._move(change)
        for change in changes:
            await self._announce(change)
            if change.before and self._connections.has_expired(change.connection):
                await self._say_expired(change.connection.sid)

    async def _stop_work_of(self, change: Change) -> None:
        """Have a node stop all it runs in a place that it has left: the room hears it no more.

        One that does not exist any more is disconnected, and learns why when it signs in.
        """
        before, sid = change.before, change.connection.sid
        if not isinstance(before, NodeCaller):
            return
        if change.left:
            payload = _kill_payload(KillRequested(before.collaboration_id, node_id=before.id))
            self._core.event_journal.note_sent(
                self._core.clock.now(), "kill_containers", "", payload, [before]
            )
            await self.sio.emit("kill_containers", payload, to=sid, namespace=NAMESPACE)
        if change.now is None:
            self._later(self.sio.disconnect(sid, namespace=NAMESPACE))

    def _note_presence(self, session: Session, change: Change) -> None:
        before, now = change.before, change.now
        if now and not before:
            self._set_status(session, [now.id], is_online=True)
        elif before and not now and not self.has(before.id):
            self._set_status(session, [before.id], is_online=False)

    def _set_status(
        self, session: Session, identities: Collection[int], *, is_online: bool
    ) -> None:
        """Note who is there, and tell of it where that is new; if that fails, it is done later."""
        try:
            changed = presence.set_status(session, identities, is_online=is_online)
        except (DatabaseFailed, NoRoom):
            session.rollback()
            self._is_owed = True
            return
        for identity_id in changed:
            self._core.events.publish(PresenceChanged(identity_id, is_online))

    def _set_status_of(self, identities: Collection[int], is_online: bool) -> None:
        with self._core.store.session() as session:
            self._set_status(session, identities, is_online=is_online)

    async def _move(self, change: Change) -> None:
        """Have a connection leave and enter rooms."""
        sid = change.connection.sid
        before, now = set(change.rooms_before.joined), set(change.rooms_now.joined)
        for room in before - now:
            await self.sio.leave_room(sid, room, namespace=NAMESPACE)
        for room in now - before:
            await self.sio.enter_room(sid, room, namespace=NAMESPACE)

    async def _announce(self, change: Change) -> None:
        """Tell the rooms that a connection has left, then those that it has entered."""
        before, now, sid = change.before, change.now, change.connection.sid
        if before:
            if before.kind is Kind.NODE and (now or not self.has(before.id)):
                for room in change.left:
                    await self._emit("node-offline", _node_payload(before), room)
            for room in change.left:
                await self._announce_by_name(before, f"%s left room {room}", room)
        if now:
            if now.kind is Kind.NODE:
                for room in change.entered:
                    await self._emit("node-online", _node_payload(now), room, skip=[sid])
            for room in change.entered:
                text = f"{now.kind.capitalize()} <%s> joined room <{room}>"
                await self._announce_by_name(now, text, room)

    async def _announce_by_name(self, caller: Caller, text: str, room: str) -> None:
        """Tell a room of somebody; only those hear a user's name who may view that user."""
        others = set[str]()
        if caller.kind is Kind.USER:
            callers = {sid: self._connections.caller(sid) for sid in self._members(room)}
            others = {sid for sid, each in callers.items() if not presence.may_know(each, caller)}
            if others:
                unnamed, knowing = text % "another organization's", callers.keys() - others
                await self._emit("message", unnamed, room, skip=list(knowing))
        await self._emit("message", text % caller.name, room, skip=list(others))

    async def _receive(self, name: str, sid: str, payload: Any = None, *_more: Any) -> None:
        """Hear what a client says; what is not known, or not its to say, is taken down alone."""
        await self._follow()
        connection = self._connections.get(sid)
        if connection is None or (caller := connection.caller) is None:
            return
        self._take_down(name, caller, payload)
        kinds, handler = self._handlers.get(name, ((), None))
        if handler is None:
            return
        if caller.kind not in kinds:
            log.info("%s says %r, which is for a node to say: ignored", caller, name)
            return
        try:
            await handler(connection, caller, payload)
        except ServerError as error:
            log.info("%s says %r: %s", caller, name, error)
        except Exception:
            log.exception("%s says %r: it could not be dealt with", caller, name)

    async def _relay_status(self, _: Connection, caller: Caller, payload: Any) -> None:
        """Pass on that the status of a run of the node's has changed; nothing is stored."""
        said = payload if isinstance(payload, dict) else {}
        assert isinstance(caller, NodeCaller)
        with self._core.store.session() as session:
            change = presence.status_change(
                session, caller, said.get("result_id"), said.get("status")
            )
        if change is None:
            log.info("%s tells of no run of its own: %.200r", caller, payload)
            return
        room = collaboration_room(change.collaboration_id)
        await self._emit("algorithm_status_change", _status_payload(change), room)

    async def _note_ping(self, _: Connection, caller: Caller, _payload: Any) -> None:
        """Nodes from 3.9 on say by themselves that they are there."""
        self._pings.note_seen(caller.id)

    async def _note_text(self, _: Connection, caller: Caller, payload: Any) -> None:
        log.info("%s says: %.200r", caller, payload)

    async def _prepare_pings(self) -> None:
        await self._follow()
        if self._is_owed:
            self._is_owed = False
            self._set_status_of({caller.id for caller in self._connections.callers()}, True)

    async def _ping(self, nodes: Sequence[Connection], on_answer: Callable[..., None]) -> None:
        """Ask each of some nodes by itself: an answer is good for the node that gives it."""
        self._note_sent("ping", ALL_NODES, None, [node.sid for node in nodes])
        for node in nodes:
            callback = partial(on_answer, node)
            await self.sio.emit("ping", to=node.sid, namespace=NAMESPACE, callback=callback)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, WorldReset):
            present = {caller.id for caller in self._connections.callers()}
            self._set_status_of(present, True)
        self._happened.put_nowait(event)

    async def _tell(self) -> None:
        """Tell clients what happened, in the order in which it did."""
        while True:
            event = await self._happened.get()
            try:
                await self._follow()
                await self._tell_of(event)
            except (DatabaseFailed, NoRoom):  # the store has complained
                log.info("could not tell of %s", event)
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

    async def _emit(self, name: str, payload: Any, room: str, skip: Collection[str] = ()) -> None:
        """Say something to a room, but for some in it."""
        hearing = [sid for sid in self._members(room) if sid not in skip]
        self._note_sent(name, room, payload, hearing)
        await self.sio.emit(name, payload, to=room, namespace=NAMESPACE, skip_sid=list(skip))

    async def _say_expired(self, sid: str) -> None:
        """Tell a single connection that its token is no longer good."""
        self._note_sent("expired_token", "", None, [sid])
        await self.sio.emit("expired_token", to=sid, namespace=NAMESPACE)

    def _note_sent(self, name: str, room: str, payload: Any, sids: Collection[str]) -> None:
        heard_by = [caller for sid in sids if (caller := self._connections.caller(sid))]
        self._core.event_journal.note_sent(self._core.clock.now(), name, room, payload, heard_by)

    def _take_down(self, name: str, caller: Caller, payload: Any = None) -> None:
        self._core.event_journal.note_received(self._core.clock.now(), name, caller, payload)

    def _members(self, room: str) -> list[str]:
        return [sid for sid, _ in self.sio.manager.get_participants(NAMESPACE, room)]

    def _later(self, coroutine: Any) -> None:
        self.sio.start_background_task(_await, coroutine)


async def _await(coroutine: Any) -> None:
    await coroutine


def _node_payload(caller: Caller) -> dict[str, Any]:
    return {"id": caller.id, "name": caller.name, "org_id": caller.organization_id}


def _status_payload(change: presence.StatusChange) -> dict[str, Any]:
    """On this wire, the job of a run is its `run_id`, and the run is a result."""
    return {
        "status": change.status, "result_id": change.run_id, "task_id": change.task_id,
        "run_id": change.job_id, "collaboration_id": change.collaboration_id,
        "node_id": change.node_id, "organization_id": change.organization_id,
        "parent_id": change.parent_id,
    }  # fmt: skip


def _kill_payload(kill: KillRequested) -> dict[str, Any]:
    if kill.node_id is not None:
        return {"node_id": kill.node_id, "collaboration_id": kill.collaboration_id}
    listed = [
        {"task_id": run.task_id, "result_id": run.run_id, "organization_id": run.organization_id}
        for run in kill.runs
    ]
    return {"kill_list": listed, "collaboration_id": kill.collaboration_id}
