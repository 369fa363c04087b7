"""Puts the parts of a server together."""

# isort: off
from v6sim.server import quickly  # noqa: F401
# isort: on

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import compile_path
from starlette.types import ASGIApp

from v6sim import __version__
from v6sim.server.access.records import Records
from v6sim.server.access.tokens import Tokens
from v6sim.server.clock import Clock
from v6sim.server.control import (
    decisions,
    egress,
    faults,
    journal,
    logs,
    moments,
    outbox,
    rehearse,
    reset,
    runs,
    snapshots,
    trace,
)
from v6sim.server.control.front import Front
from v6sim.server.control.guard import guard, is_on
from v6sim.server.environments import Environments
from v6sim.server.event_journal import EventJournal
from v6sim.server.events import Events
from v6sim.server.faults import Faults
from v6sim.server.feeds import Feeds
from v6sim.server.holds import Holds
from v6sim.server.journal import Journal
from v6sim.server.logs import Logs
from v6sim.server.operations import callers
from v6sim.server.operations.call import Core
from v6sim.server.outbox import Outbox
from v6sim.server.settings import Settings
from v6sim.server.store import Store
from v6sim.server.store.fill import snapshot_of
from v6sim.server.store.kept import Kept, KeptReadings
from v6sim.server.v3 import (
    answers,
    collaborations,
    kill,
    nodes,
    organizations,
    pages,
    ports,
    recover,
    results,
    roles,
    rules,
    server,
    tasks,
    tokens,
    users,
    vpn,
)
from v6sim.server.v3.methods import AnyMethod, Methods
from v6sim.server.v3.sockets import Sockets
from v6sim.server.watch import Watch
from v6sim.wire.sockets import socketio
from v6sim.world import World

_RESOURCES = (
    results, tasks, tokens, server, recover, rules, roles, users, organizations, collaborations,
    nodes, ports, kill, vpn,
)  # fmt: skip
"""What nodes and waiting users ask for comes first, as routes are looked through in this order."""

_CONTROL = {
    guard: (
        reset, decisions, rehearse, outbox, egress, logs, journal, faults, trace, moments,
        snapshots,
    ),
    is_on: (runs,),
}  # fmt: skip
"""What is under /_v6sim/, by who sees to it that only those come in who may."""


class Server:
    """A server: an ASGI app, and what its operations share.

    Args:
        settings: how it behaves.
        world: what a new database is filled with; a database with content keeps what it has.
        clock: what time it is.
    """

    def __init__(self, settings: Settings, world: World, clock: Clock | None = None) -> None:
        clock, events = clock or Clock(), Events()
        store = Store(settings.database_url)
        start = snapshot_of(world, clock.utc(), settings.password_rounds, settings.root_password)
        store.take_up(start)
        tokens_ = Tokens(settings.jwt_secret_key, clock, settings.access_seconds)
        self.core = Core(
            settings,
            store,
            start,
            clock,
            events,
            tokens_,
            Outbox(settings.smtp, events),
            Holds(events),
            callers=Kept(store.revisions, callers.TABLES),
            answers=KeptReadings(store.revisions, most=256),
            records=Records(),
            logs=Logs(events),
            environments=Environments(events),
            feeds=Feeds(events),
            journal=Journal(),
            event_journal=EventJournal(),
            faults=Faults(),
        )
        self.before_reset: list[reset.Hook] = []
        self.after_reset: list[reset.Hook] = []
        self.breakers: list[faults.Breaker] = []
        self.egress: list[egress.Reader] = []
        self.sockets = Sockets(self.core)
        self.api = self._api()
        watched = Watch(
            AnyMethod(self.api, self.api.state.methods),
            settings.api_path,
            clock,
            self.core.journal,
            self.core.faults,
            tokens_,
        )
        self.front = Front(watched)
        self.app: ASGIApp = socketio.ASGIApp(self.sockets.sio, self.front)

    def _api(self) -> FastAPI:
        api = FastAPI(
            title="vantage6",
            version=server.VERSION,
            description=f"The API of vantage6 {server.VERSION}, as v6sim {__version__} has it.",
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            redirect_slashes=False,
            lifespan=self._lifespan,
        )
        for module in _RESOURCES:
            api.include_router(module.router, prefix=self.core.settings.api_path)
        api.include_router(pages.router)
        for doorkeeper, parts in _CONTROL.items():
            control = APIRouter(
                prefix="/_v6sim", dependencies=[Depends(doorkeeper)], include_in_schema=False
            )
            for part in parts:
                control.include_router(part.router)
            api.include_router(control)
        answers.install(api)
        api.state.core = self.core
        api.state.before_reset = self.before_reset
        api.state.after_reset = self.after_reset
        api.state.breakers = self.breakers
        api.state.egress = self.egress
        api.state.methods = _methods(self.core.settings.api_path)
        return api

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        async with self.sockets.running():
            yield
        self.core.store.close()


def _methods(api_path: str) -> Methods:
    """Which paths of the API take which methods."""
    prefixed = [(api_path, module) for module in _RESOURCES] + [("", pages)]
    return [
        (compile_path(prefix + route.path)[0], set(route.methods or ()))
        for prefix, module in prefixed
        for route in module.router.routes
        if isinstance(route, APIRoute)
    ]
