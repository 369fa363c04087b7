"""Puts the parts of a server together."""

# isort: off
from v6sim.server import quickly  # noqa: F401
# isort: on

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import compile_path
from starlette.types import ASGIApp

from v6sim import __version__
from v6sim.runtime.worker_pool import WorkerPool
from v6sim.server.access.records import Records
from v6sim.server.access.tokens import Tokens
from v6sim.server.clock import Clock
from v6sim.server.control import (
    decisions,
    egress,
    faults,
    health,
    journal,
    logs,
    moments,
    outbox,
    rehearse,
    reset,
    runs,
    snapshots,
    trace,
    wait_reasons,
)
from v6sim.server.control.authentication import (
    allow_anybody,
    require_node,
    require_secret,
    require_token,
)
from v6sim.server.control.front import ROOT, Front
from v6sim.server.environments import Environments
from v6sim.server.event_journal import EventJournal
from v6sim.server.events import Events
from v6sim.server.faults import Faults
from v6sim.server.feeds import Feeds
from v6sim.server.hindrances import Hindrances
from v6sim.server.holds import Holds
from v6sim.server.journal import Journal
from v6sim.server.logs import Logs
from v6sim.server.middleware.cors import CorsHeaders, OriginPolicy
from v6sim.server.middleware.request_size import RequestSizeLimit
from v6sim.server.middleware.trusted_hosts import TrustedHosts
from v6sim.server.operations import callers
from v6sim.server.operations.call import Core
from v6sim.server.outbox import Outbox
from v6sim.server.settings import Settings
from v6sim.server.store import Store
from v6sim.server.store.fill import snapshot_of
from v6sim.server.store.kept import Kept, KeptReadings
from v6sim.server.store.seed_ids import SeedIds
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
    require_secret: (
        reset, rehearse, outbox, egress, logs, journal, faults, trace, moments, snapshots,
    ),
    require_token: (decisions, wait_reasons),
    require_node: (runs,),
    allow_anybody: (health,),
}  # fmt: skip
"""What is under /_v6sim/ for programs, by what they have to show."""


class Server:
    """A server: an ASGI app, and what its operations share.

    Args:
        settings: how it behaves.
        world: what a new database is filled with; a database with content keeps what it has.
        clock: what time it is.
        listening: the host that it is going to listen on. On loopback it answers for its names
            alone, and lets only pages of loopback read its answers.
        ids: chosen ids for what the world names; None: all are counted.
    """

    def __init__(
        self,
        settings: Settings,
        world: World,
        clock: Clock | None = None,
        listening: str = "127.0.0.1",
        ids: SeedIds | None = None,
    ) -> None:
        self.listening = listening
        self.secret = _secret(settings)
        """What opens all that lies under `/_v6sim/`."""
        clock, events = clock or Clock(), Events()
        store = Store(settings.database_url)
        start = snapshot_of(
            world, clock.utc(), settings.password_rounds, settings.root_password, ids
        )
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
            logs=Logs(events, settings.max_log),
            environments=Environments(events),
            feeds=Feeds(events),
            journal=Journal(),
            event_journal=EventJournal(),
            faults=Faults(),
            hindrances=Hindrances(events),
        )
        self.before_reset: list[reset.Hook] = []
        self.after_reset: list[reset.Hook] = []
        self.breakers: list[faults.Breaker] = []
        self.egress: list[egress.Reader] = []
        self.workers = WorkerPool()
        """Read what users and algorithms have stored, where that may take long."""
        self.sockets = Sockets(self.core)
        self.api = self._api()
        self.control = self._control()
        watched = Watch(
            AnyMethod(self.api, self.api.state.methods),
            settings.api_path,
            clock,
            self.core.journal,
            self.core.faults,
            tokens_,
        )
        origins = OriginPolicy(listening, settings.allowed_origins)
        sockets = socketio.ASGIApp(self.sockets.sio, watched)
        self.front = Front(CorsHeaders(sockets, origins), AnyMethod(self.control, ()))
        hosts = TrustedHosts(self.front, listening, settings.allowed_hosts)
        self.app: ASGIApp = RequestSizeLimit(hosts, self._largest_body)

    def _largest_body(self, path: str) -> int:
        if path.startswith("/socket.io"):
            return self.sockets.largest_message
        return self.core.settings.body_limit

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
        answers.install(api)
        api.state.core = self.core
        api.state.methods = _methods(self.core.settings.api_path)
        return api

    def _control(self) -> FastAPI:
        """What is v6sim's own, under /_v6sim/."""
        control = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        for authenticate, parts in _CONTROL.items():
            for part in parts:
                control.include_router(
                    part.router, prefix=ROOT, dependencies=[Depends(authenticate)]
                )
        answers.install(control)
        control.state.core = self.core
        control.state.secret = self.secret
        control.state.api = self.api
        control.state.before_reset = self.before_reset
        control.state.after_reset = self.after_reset
        control.state.breakers = self.breakers
        control.state.egress = self.egress
        control.state.workers = self.workers
        control.state.methods = ()
        return control

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        async with self.sockets.running():
            yield
        await self.workers.close()
        self.core.store.close()


def _secret(settings: Settings) -> str:
    given = settings.control_token
    return given.get_secret_value() if given else secrets.token_urlsafe(32)


def _methods(api_path: str) -> Methods:
    """Which paths of the API take which methods."""
    prefixed = [(api_path, module) for module in _RESOURCES] + [("", pages)]
    return [
        (compile_path(prefix + route.path)[0], set(route.methods or ()))
        for prefix, module in prefixed
        for route in module.router.routes
        if isinstance(route, APIRoute)
    ]
