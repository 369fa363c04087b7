"""The life of a node: sign in, wait for work, run it, report it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import aiohttp

from v6sim.node.allowed import AllowedImages
from v6sim.node.contract import Workspace
from v6sim.node.data import Databases
from v6sim.node.departures import Witness, nobody
from v6sim.node.encryption import choose_cryptor
from v6sim.node.environments import EnvironmentWitness
from v6sim.node.errors import NodeError
from v6sim.node.executors.base import Executor, Member
from v6sim.node.habits import Habits
from v6sim.node.line import Address, Line, new_session
from v6sim.node.link import Link
from v6sim.node.listener import Listener
from v6sim.node.places import Places
from v6sim.node.proxy import Proxy
from v6sim.node.settings import NodeSettings
from v6sim.node.site import Site
from v6sim.node.telling import Telling
from v6sim.node.workload import Workload

logger = logging.getLogger(__name__)


class Node:
    """One node, as a few tasks of the running event loop; it can be started again once stopped.

    Its state is there to be read: `id`, `name`, `organization` and `collaboration` (as the server
    shows them, empty before it has signed in), `online`, `running` and `failure`.

    Args:
        settings: what it is told about itself.
        executor: how it runs algorithms; may be shared, and is closed by who made it.
        places: how many run at once; may be shared.
        http: the session for its requests; may be shared. Without one it has its own.
        witness: is told what leaves the node, before it does.
        presence: is told whenever it comes online or goes offline.
        habits: how it goes about its work; without any it is reliable.
        tell_environment: is told of the variables of each run; default is its server, if that is
            v6sim's own.
        on_failure: is told why it has given up, if it does so once it was at work.
    """

    def __init__(
        self,
        settings: NodeSettings,
        executor: Executor,
        places: Places,
        http: aiohttp.ClientSession | None = None,
        witness: Witness = nobody,
        presence: Callable[[bool], None] = lambda _online: None,
        habits: Habits | None = None,
        tell_environment: EnvironmentWitness | None = None,
        on_failure: Callable[[NodeError], None] = lambda _error: None,
    ) -> None:
        self.settings = settings
        self.id, self.name = 0, ""
        self.organization: dict[str, Any] = {}
        self.collaboration: dict[str, Any] = {}
        self._online, self._presence = False, presence
        self.failure: NodeError | None = None
        """Why it has given up, if it has."""
        self._gave_up, self._is_at_work = on_failure, False
        self._giving_up: asyncio.Task[None] | None = None
        self._has_given_up = asyncio.Event()
        self._executor, self._places, self._http, self._witness = executor, places, http, witness
        self._habits = habits or Habits()
        self._tell_environment = tell_environment
        self._telling: Telling | None = None
        self._own_http: aiohttp.ClientSession | None = None
        self._site: Site | None = None
        self._workload: Workload | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def __repr__(self) -> str:
        state = "online" if self.online else "offline"
        return f"<Node {self.id} {self.name!r} at {self.settings.server}, {state}>"

    @property
    def online(self) -> bool:
        """Whether it is connected to its server."""
        return self._online

    @online.setter
    def online(self, online: bool) -> None:
        self._online = online
        self._presence(online)

    @property
    def running(self) -> tuple[int, ...]:
        """Ids of the runs it has taken and not reported yet."""
        return self._workload.running if self._workload else ()

    def obstacle_of(self, run_id: int) -> str:
        """What keeps a run from getting on, in words; empty if nothing does that is known here."""
        return self._workload.obstacle_of(run_id) if self._workload else ""

    async def wait_for_failure(self) -> NoReturn:
        """Wait until it gives up.

        Raises:
            NodeError: it has; why.
        """
        await self._has_given_up.wait()
        raise self.failure or NodeError("it has given up")

    async def start(self) -> None:
        """Sign in and go to work; returns once it is online and has looked for work.

        A server that cannot be reached is waited for.

        Raises:
            NodeRefused: the server does not know the api key.
            EncryptionMismatch: its setting is not its collaboration's.
            NoPrivateKey: its collaboration encrypts, and it has no key.
            KeyMismatch: its key is not that of its organization.
            ServerRefused: what answers there is no vantage6 server, or refuses its public key.
        """
        self.failure = None
        self._has_given_up.clear()
        try:
            listener, workload = await self._set_up()
            self._begin(listener.listen())
            self._begin(workload.look())
            await workload.looked.wait()
            if self.failure is not None:
                raise self.failure
            self._is_at_work = True
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Kill what runs, without a report: the runs stay open, and are made at the next start."""
        self._is_at_work = False
        for task in self._tasks:
            task.cancel()
        if self._giving_up is not None:
            await self._giving_up
        await self.abandon()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()
        if self._telling is not None:
            self._telling.stop()
        if self._site is not None:
            await self._executor.leave(self._site.member)
            await self._site.proxy.stop()
            await asyncio.to_thread(self._site.workspace.remove)
            self._site = self._workload = None
        if self._own_http is not None:
            await self._own_http.close()

    async def abandon(self) -> None:
        """Drop all work without a report, and forget it: the server is about to start over."""
        if self._workload is not None:
            await self._workload.drop()
        if self._site is not None:
            await asyncio.to_thread(self._site.workspace.clear)

    async def _set_up(self) -> tuple[Listener, Workload]:
        if self._http is None:
            self._own_http = new_session()
        http = self._http or self._own_http
        assert http is not None
        link = Link(Line(Address.of(self.settings.server), http), self.settings.api_key)
        await self._introduce(link)
        cryptor = await choose_cryptor(self.settings, self.organization, self.collaboration, link)
        self._telling = Telling(link)
        listener = Listener(link, self.id, self)
        proxy = Proxy(link, self.id, cryptor, self._witness, limits=self.settings.limits)
        await proxy.start()
        member = Member(self.id, self.name, self.settings.docker_services, self.settings.persist)
        try:
            reach = await self._executor.join(member, proxy)
        except BaseException:
            await proxy.stop()
            raise
        self._site = Site(
            node_id=self.id,
            member=member,
            organization_id=self.organization["id"],
            collaboration_id=self.collaboration["id"],
            link=link,
            listener=listener,
            proxy=proxy,
            reach=reach,
            cryptor=cryptor,
            databases=Databases(self.settings.databases),
            algorithm_env=self.settings.algorithm_env,
            allowed=AllowedImages(self.settings.allowed_images),
            executor=self._executor,
            places=self._places,
            workspace=Workspace(),
            witness=self._witness,
            habits=self._habits,
            tell_environment=self._tell_environment or self._telling,
            limits=self.settings.limits,
        )
        self._workload = Workload(self._site)
        return listener, self._workload

    async def _introduce(self, link: Link) -> None:
        """Sign in, and ask the server who one is."""
        self.id = await link.sign_in()
        own = await link.ask("GET", f"node/{self.id}")
        self.name = own["name"]
        self.organization = await link.ask("GET", f"organization/{own['organization']['id']}")
        self.collaboration = await link.ask("GET", f"collaboration/{own['collaboration']['id']}")

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        self.failure = error if isinstance(error, NodeError) else NodeError(repr(error))
        logger.error("%s gives up: %s", self.name, error)
        self.online = False
        if self._workload is not None:
            self._workload.looked.set()
        if self._is_at_work and self._giving_up is None:
            self._giving_up = asyncio.create_task(self._give_up(self.failure))

    async def _give_up(self, failure: NodeError) -> None:
        """End what runs, as it cannot be reported any more, and say so."""
        for task in self._tasks:
            task.cancel()
        await self.abandon()
        self._giving_up = None
        self._gave_up(failure)
        self._has_given_up.set()

    # --- what it hears from its server (see `Ears`) ---

    def heard_connected(self) -> None:
        """Be online, and look for what was missed."""
        self.online = True
        self.heard_task()
        logger.info("%s is online", self.name)

    def heard_disconnected(self) -> None:
        """Be offline; the listener does what there is to do about it."""
        self.online = False
        logger.info("%s is offline", self.name)

    def heard_task(self) -> None:
        """Look for work."""
        if self._workload is not None:
            self._workload.want()

    def heard_kill(self, order: dict[str, Any]) -> None:
        """Kill what the server lists."""
        if self._workload is not None:
            self._workload.kill(order)
