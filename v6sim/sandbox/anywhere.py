"""What tests do with a federation, wherever it runs."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from v6sim.sandbox import arguments, task_arguments
from v6sim.sandbox.controls import Permission
from v6sim.sandbox.doors import Doors
from v6sim.sandbox.driven import Driven
from v6sim.sandbox.evidence import Evidence
from v6sim.sandbox.orders import Orders, Person
from v6sim.sandbox.places import Place
from v6sim.sandbox.task_arguments import AlgorithmLike
from v6sim.sandbox.tasks import RunningTask, TaskResult
from v6sim.sandbox.trusted_results import TrustedResults
from v6sim.views import TaskView
from v6sim.wire.limits import to_use
from v6sim.world import World
from v6sim.world.nearest import nearest

if TYPE_CHECKING:
    import httpx

    from v6sim.client import Client
    from v6sim.recording import Recording

OPTIONS = (
    "organizations", "master", "args", "kwargs", "input_", "database", "user", "collaboration",
    "trust_results",
    *task_arguments.STARTING,
)  # fmt: skip
"""Keyword arguments of `submit`, which `run` takes too."""


class AnySandbox(Driven):
    """A federation that runs, and what can be done with it from outside.

    Args:
        world: what it is made of.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._guests: dict[str, Person] = {}

    # --- running algorithms ---

    def run(
        self, algorithm: AlgorithmLike, method: str, *others: Any, check: bool = True,
        timeout: float = 60, record: str | Path | None = None, **options: Any,
    ) -> TaskResult:  # fmt: skip
        """Run an algorithm from start to end.

        Args:
            algorithm: as for `submit`, and so are method and options.
            method: what to call.
            others: nothing else is taken without its name.
            check: raise an error if a run fails; else look at `status`.
            timeout: seconds after which it is given up.
            record: a folder for a recording of what a master asks and is given, to be run again
                by `v6sim.testing.replay`.
            options: organizations, master, args, kwargs, input_, database, user, collaboration,
                command, module, env, trust_results.

        Raises:
            AlgorithmFailed: a run has failed; the text shows its log and traceback.
            TimeoutError: it has not ended in time.
            UnknownName: one of the names is not known.
            WrongArgument: an argument cannot be what it is.
            NoRecording: the folder holds something else, or a recording of nothing is wanted.
        """
        arguments.check_no_others(others, "sandbox.run")
        arguments.check_options(options, (*OPTIONS, "check", "timeout", "record"), "sandbox.run")
        arguments.check_flags(check=check)
        seconds = arguments.check_seconds(timeout)
        outcome = self.submit(algorithm, method, **options).wait(seconds)
        if record is not None:
            from v6sim.recording import save

            save(self.recording(outcome.task, options.get("database", "default")), Path(record))
        return outcome.check() if check else outcome

    def submit(
        self, algorithm: AlgorithmLike, method: str, *others: Any,
        organizations: Sequence[str | int] | None = None, master: bool | None = None,
        args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None,
        database: str = "default", user: str | None = None, collaboration: str | None = None,
        command: str | Sequence[str] | None = None, module: str | None = None,
        env: Mapping[str, str] | None = None, trust_results: bool = False,
        input_: Mapping[str, Any] | None = None, **unknown: Any,
    ) -> RunningTask:  # fmt: skip
        """Send a task, and do not wait for it.

        Args:
            algorithm: an image name of the world, the folder or file of a package, or a module.
            method: what to call, without the prefix `RPC_`.
            others: nothing else is taken without its name.
            organizations: where, by name or id; default is all of the collaboration, and for a
                master the user's own.
            master: whether it is a master; default is what the package has under that name.
            args: arguments by position.
            kwargs: arguments by name.
            database: label of the data to run on.
            user: who sends it; default is the first who may.
            collaboration: where; default is the first one that the user's organization is in.
            command: what starts its runs without Docker, instead of what its Dockerfile says.
            module: the module to import; default is what is found in its folder.
            env: environment variables for its runs.
            trust_results: whether results are loaded with the algorithm's own types, in a process
                of its interpreter; they come in a plain form in which objects show their fields.
                For who wrote the algorithm: its pickles can do whatever it can.
            input_: what else the input has besides method, master, args and kwargs, such as
                `{"query": "SELECT * FROM patients"}` for an SQL wrapper.
            unknown: nothing else is taken.

        Raises:
            UnknownName: one of the names is not known.
            WrongArgument: an argument cannot be what it is.
            NoPackage: results are to be trusted, and there is no package to load their types from.
            ApiError: the server refuses the task.
        """
        arguments.check_no_others(others, "sandbox.submit")
        arguments.check_options(unknown, OPTIONS, "sandbox.submit")
        task_arguments.check_algorithm(algorithm)
        method = task_arguments.check_method(method)
        where = task_arguments.check_organizations(organizations)
        args, kwargs = task_arguments.check_input(args, kwargs)
        more = task_arguments.check_more_input(input_)
        arguments.check_text(database, "database", "the label of the data")
        arguments.check_flags(
            trust_results=trust_results, **({} if master is None else {"master": master})
        )
        orders = self._orders
        who = orders.user(user, collaboration)
        image = self._image(algorithm, task_arguments.check_start(command, module, env))
        trusted = self._trusted(image) if trust_results else None
        self.prepare(image)
        is_master = orders.is_master(image, method) if master is None else master
        given = {"method": method, "master": is_master, "args": args, "kwargs": kwargs, **more}
        begun = time.perf_counter()
        client = self.own_client(who.username)
        try:
            ticket = orders.send(client, who, image, given, where, database, collaboration)
        except BaseException:
            client.close()
            raise
        return RunningTask(
            client, ticket, lambda task: self._outcome(trusted.of(task) if trusted else task, begun)
        )

    def recording(self, task: TaskView, database: str = "default") -> "Recording":
        """What a master that has ended asked of others, and what it was given.

        Args:
            task: the master's.
            database: label of the data it ran on.

        Raises:
            NoRecording: it did not run at one organization.
        """
        from v6sim.sandbox.recorder import recording_of

        return recording_of(task, self.world, self.private_keys, database)

    def _outcome(self, task: TaskView, begun: float) -> TaskResult:
        return TaskResult(task, time.perf_counter() - begun, Evidence(self))

    def _trusted(self, image: str) -> TrustedResults:
        return TrustedResults(image, self.world.algorithms, to_use(self.max_payload_values))

    def _image(self, algorithm: AlgorithmLike, start: Mapping[str, Any]) -> str:
        return self._orders.image(algorithm, start)

    # --- what users may ---

    def may(self, username: str, method: str, path: str, body: Any = None) -> Permission:
        """Whether a user may make a request, and why; nothing is changed by asking.

        Args:
            username: who.
            method: of HTTP.
            path: such as `/task/1`.
            body: as JSON has it.

        Raises:
            UnknownName: there is no such user.
            WrongArgument: that is no request.
        """
        self._orders.named_user(username)
        arguments.check_request(method, path)
        wanted = {"username": username, "method": method, "path": path, "body": body}
        return Permission.of(self.control.ask("POST", "explain", wanted))

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

    # --- ways in ---

    def client(self, username: str) -> Any:
        """The genuine client as a user, logged in, its keys set up: whatever 3.x is installed.

        Raises:
            UnknownName: the world has no such user.
            NoGenuineClient: it is not installed.
        """
        return self._doors.genuine(username)

    def own_client(self, username: str) -> "Client":
        """The same as v6sim's own small client, which needs nothing installed.

        Raises:
            UnknownName: the world has no such user.
        """
        return self._doors.own(username)

    def http(self, username: str | None = None) -> "httpx.Client":
        """What sends requests to the API as a user, or as nobody; close it after use.

        Raises:
            UnknownName: the world has no such user.
            NoToken: the server does not let them in.
        """
        return self._doors.http(username)

    def as_node(self, organization: str, *, collaboration: str | None = None) -> "httpx.Client":
        """The same as the node of an organization.

        Args:
            organization: its name.
            collaboration: which of its nodes, if it has several.

        Raises:
            UnknownName: it has no node.
            NoToken: the server does not let it in.
        """
        return self._doors.node(organization, collaboration)

    def as_container(self, task: Any, *, organization: str | None = None) -> "httpx.Client":
        """The same as the algorithm that runs a task, with the container's token.

        Args:
            task: what `submit` or `run` gave, the id of a task, or a run of one.
            organization: at which of its organizations; default is its first run.

        Raises:
            UnknownName: there is no such task, or it does not run there.
            NoToken: it runs in another process, and the task has ended.
        """
        return self._container(Place.of(task, organization))

    def _container(self, place: Place) -> "httpx.Client":
        return self._doors.container(place)

    @property
    def _orders(self) -> Orders:
        return Orders(self.world, self._guests)

    @property
    def _doors(self) -> Doors:
        limits = to_use(self.max_payload_values)
        return Doors(self.api_url, self.world, self._orders, self.private_keys, limits)

    # --- mistakes ---

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """A sandbox is no factory.

        Raises:
            WrongArgument: always.
        """
        raise arguments.WrongArgument(
            "a sandbox is a running federation, not a function: use its methods, such as "
            "sandbox.run(...); sandbox_factory(...) makes another one"
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            known = [each for each in dir(type(self)) if not each.startswith("_")]
            meant = nearest(name, known)
            hint = f"; did you mean {meant!r}?" if meant else f"; it has {', '.join(known)}"
            raise AttributeError(f"a sandbox has no {name!r}{hint}")
