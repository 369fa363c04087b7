"""A federation that runs already, in another process, and is driven over its control API."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

from v6sim import keyring
from v6sim.control_client import CannotReach, ControlClient
from v6sim.sandbox import arguments
from v6sim.sandbox.anywhere import AnySandbox
from v6sim.sandbox.arguments import UnknownName, WrongArgument
from v6sim.sandbox.elsewhere_controls import Clock, Faults, Journal
from v6sim.sandbox.impossible import Impossible
from v6sim.sandbox.task_arguments import AlgorithmLike
from v6sim.world import World
from v6sim.world.nearest import choices

if TYPE_CHECKING:
    from v6sim.egress.inspection import Inspection
    from v6sim.sandbox.orders import Person


class RunningSandbox(AnySandbox):
    """A v6sim that somebody else has started, as by `v6sim up`, and that goes on running.

    Args:
        url: its address, as `v6sim up` says it, with or without the path of its API.
        world: what it was started with, or the name of that, or its file: passwords and names of
            algorithms are looked up in it.
        control_token: its secret. By default it is that of the environment variable
            V6SIM_CONTROL_TOKEN, else the one that it keeps in a file for the same user of this
            machine.

    Raises:
        WorldError: the world cannot be had.
        WrongArgument: the address is none.
        CannotReach: what answers there is no v6sim, or it may not be controlled.
    """

    def __init__(
        self,
        url: str,
        world: World | str | Path = "manual",
        *,
        control_token: str | None = None,
    ) -> None:
        wanted = arguments.check_world(world)
        loaded = wanted if isinstance(wanted, World) else World.load(wanted)
        super().__init__(loaded)
        root, path = _root(url)
        self._url, self._api_path = root, path or loaded.settings.get("api_path", "/api")
        self._control = ControlClient(root, control_token)
        self._control.ask("GET", "clock")
        self._kept_guests: dict[str, dict[str, Person]] = {}
        self._check_is_that_world()

    @property
    def url(self) -> str:
        """Address of the server, without the API path."""
        return self._url

    @property
    def api_url(self) -> str:
        """Address of the server's API."""
        return self._url + (self._api_path or "/")

    @property
    def control(self) -> ControlClient:
        """What asks it under `/_v6sim/`."""
        return self._control

    @property
    def private_keys(self) -> Mapping[str, Path]:
        """Files with the private keys of organizations that the world names."""
        return keyring.named_keys(self.world)

    @property
    def egress(self) -> "list[Inspection]":
        """Not to be had from here.

        Raises:
            Impossible: always.
        """
        raise Impossible(
            "sandbox.egress", self._url, f"ask it with `v6sim egress --server {self._url}`"
        )

    @property
    def nodes(self) -> NoReturn:
        """Not to be had from here.

        Raises:
            Impossible: always.
        """
        raise Impossible(
            "sandbox.nodes", self._url, 'look at sandbox.http("root").get("/node") instead'
        )

    @property
    def clock(self) -> Clock:
        """The server's clock."""
        return Clock(self._control)

    @property
    def faults(self) -> Faults:
        """Has the server misbehave."""
        return Faults(self._control)

    @property
    def journal(self) -> Journal:
        """The requests that the server has seen since the start or the last reset."""
        return Journal(self._control)

    def prepare(self, image: str) -> None:
        """Its nodes prepare what they need by themselves."""

    def reset(self) -> None:
        """Drop what runs, and put the server back in its starting world; snapshots stay."""
        self._guests.clear()
        self._control.ask("POST", "reset")

    def snapshot(self, name: str) -> None:
        """Remember the server's data as they are now, for `restore`."""
        arguments.check_text(name, "name", "a name for the snapshot")
        self._control.ask("PUT", f"snapshots/{quote(name, safe='')}")
        self._kept_guests[name] = dict(self._guests)

    def restore(self, name: str) -> None:
        """Drop what runs, and put the server's data back as they were at a snapshot.

        Raises:
            UnknownName: there is no such snapshot.
        """
        known = self._control.ask("GET", "snapshots")
        if name not in known:
            raise UnknownName(
                f"there is no snapshot {arguments.shown(name)}; {choices(str(name), known)}"
            )
        self._control.ask("POST", f"snapshots/{quote(name, safe='')}")
        self._guests = dict(self._kept_guests.get(name, {}))

    def _image(self, algorithm: AlgorithmLike, start: Mapping[str, Any]) -> str:
        if start:
            raise Impossible(
                f"running it with {', '.join(f'{name}=' for name in start)}", self._url,
                "its nodes start algorithms as their world says; say it there, under `algorithms`",
            )  # fmt: skip
        if isinstance(algorithm, str) and algorithm in self.world.algorithms:
            return algorithm
        if isinstance(algorithm, str) and not Path(algorithm).exists():
            raise UnknownName(
                f"{algorithm!r} is no image name of the world; "
                f"{choices(algorithm, self.world.algorithms)}"
            )
        raise Impossible(
            f"running {arguments.shown(algorithm)}", self._url,
            "its nodes know the image names of their world alone; name the package there, under "
            "`algorithms`",
        )  # fmt: skip

    def _check_is_that_world(self) -> None:
        """Make sure that it was started with the world that we take it for."""
        with self.http("root") as root:
            rows = root.get("/organization", params={"per_page": 10_000}).json()
        there = {row["name"] for row in rows}
        if missing := [each.name for each in self.world.organizations if each.name not in there]:
            raise CannotReach(
                f"{self._url} runs another world: it has no organization {missing[0]!r}; say which "
                "one with --v6sim-world"
            )


def _root(url: Any) -> tuple[str, str]:
    """The address of a server, and the path of its API if that is named."""
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongArgument(
            f"{arguments.shown(url)} is no address of a v6sim; expected one such as "
            "http://127.0.0.1:5000, as `v6sim up` says it"
        )
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
