"""The parts of a value: single values, columns, and where they stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

_LONGEST_NAME = 60  # characters of a name that people are shown
_LONGEST_PLACE = 300  # characters of a place

Scalar = str | int | float | bool


@dataclass(slots=True)
class Location:
    """A place in a value, as the steps that lead there; a text of it is made when it is shown.

    Args:
        outer: the place that it is in; None for the whole.
        step: such as `.age` or `[3]`.
    """

    outer: "Location | None" = None
    step: str = ""

    def name(self, name: str) -> "Location":
        """Return the place of something by its name."""
        short = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
        return Location(self, f".{short}")

    def item(self, step: str) -> "Location":
        """Return the place of an item, such as `[3]`."""
        return Location(self, step)

    def __str__(self) -> str:
        steps: list[str] = []
        here: Location | None = self
        while here is not None:
            steps.append(here.step)
            here = here.outer
        text = "".join(reversed(steps)).removeprefix(".")
        return text if len(text) <= _LONGEST_PLACE else f"{text[:_LONGEST_PLACE]}..."


@dataclass(slots=True)
class Leaf:
    """A single value.

    Args:
        value: a text, number or boolean.
        keys: the names of what it is in, the nearest last.
        location: where it stands.
        is_key: whether it is itself the name of something.
    """

    value: Scalar
    keys: tuple[str, ...]
    location: Location
    is_key: bool = False

    @property
    def where(self) -> str:
        """The location for people, such as `columns.age[3]`."""
        return str(self.location)


@dataclass(slots=True)
class Column:
    """Values that stand side by side.

    Args:
        length: how many there are.
        read: gives those that are single values; none where they are something larger.
        location: where they stand.
    """

    length: int
    read: Callable[[], Sequence[Any]]
    location: Location

    @property
    def values(self) -> Sequence[Any]:
        """Those that are single values; none where they are something larger."""
        return self.read()

    @property
    def where(self) -> str:
        """The location for people."""
        return str(self.location)


@dataclass
class Content:
    """All parts of a value.

    Args:
        leaves: its single values, the texts of keys among them.
        columns: its lists, arrays and columns of tables.
        opaque: where bytes stand that cannot be read.
        stopped: why there are more parts than these, such as `stopped after 200,000 values`.
    """

    leaves: list[Leaf] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    stopped: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether these are all parts."""
        return not self.stopped
