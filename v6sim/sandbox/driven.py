"""What a federation says of itself and lets be done with it, wherever it runs."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from v6sim.world import World

if TYPE_CHECKING:
    from v6sim.control_client import ControlClient
    from v6sim.egress.inspection import Inspection


class Driven(ABC):
    """A federation that runs.

    Args:
        world: what it is made of.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def world(self) -> World:
        """What it is made of."""
        return self._world

    @property
    @abstractmethod
    def url(self) -> str:
        """Address of the server, without the API path."""

    @property
    @abstractmethod
    def api_url(self) -> str:
        """Address of the server's API."""

    @property
    @abstractmethod
    def control(self) -> "ControlClient":
        """What asks it under `/_v6sim/`, with its secret."""

    @property
    @abstractmethod
    def private_keys(self) -> Mapping[str, Path]:
        """Files with the private keys of organizations, by their names."""

    @property
    def max_payload_values(self) -> int | None:
        """How many values a result may have to be used; None where nobody says so."""
        said: int | None = self._world.settings.get("max_payload_values")
        return said

    @property
    @abstractmethod
    def egress(self) -> "list[Inspection]":
        """What left the nodes since the start or the last reset, the oldest first."""

    @property
    @abstractmethod
    def clock(self) -> Any:
        """The server's clock."""

    @property
    @abstractmethod
    def faults(self) -> Any:
        """Has the server misbehave."""

    @property
    @abstractmethod
    def journal(self) -> Any:
        """The requests that the server has seen since the start or the last reset."""

    @abstractmethod
    def reset(self) -> None:
        """Drop what runs, and put the server back in its starting world."""

    @abstractmethod
    def snapshot(self, name: str) -> None:
        """Remember the server's data as they are now, for `restore`."""

    @abstractmethod
    def restore(self, name: str) -> None:
        """Drop what runs, and put the server's data back as they were at a snapshot.

        Raises:
            UnknownName: there is no such snapshot.
        """

    @abstractmethod
    def prepare(self, image: str) -> None:
        """Have an image ready before its first run: in Docker it may have to be built.

        Raises:
            RunError: it cannot be had.
        """
