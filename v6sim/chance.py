"""How often something that somebody asked for happens."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

T = TypeVar("T", bound="Chance")


class WrongFault(ValueError):
    """Something is asked for that cannot be; the text says which field is wrong."""


@dataclass(kw_only=True, eq=False)
class Chance:
    """When it is time for something; it is asked at each occasion, and counts.

    Args:
        after: how many occasions pass before the first at which it may happen.
        times: how often it happens at most; None for always.
        probability: of it happening at an occasion, from 0 to 1.
    """

    after: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=0)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0

    def __post_init__(self) -> None:
        self._struck, self._news = 0, threading.Condition()

    @property
    def struck(self) -> int:
        """How often it has happened."""
        return self._struck

    def strikes(self, draw: Callable[[], float]) -> bool:
        """Whether it happens at this occasion.

        Args:
            draw: gives a number from 0 up to 1; it is asked only where chance decides.
        """
        if self.after > 0:
            self.after -= 1
            return False
        if self.times == 0 or (self.probability < 1 and draw() >= self.probability):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def tell(self) -> None:
        """Let those know who wait for it that it has happened."""
        with self._news:
            self._struck += 1
            self._news.notify_all()

    def wait(self, seconds: float, times: int = 1) -> bool:
        """Wait in any other thread until it has happened that often; returns whether it has."""
        with self._news:
            return self._news.wait_for(lambda: self._struck >= times, seconds)


def build(kind: type[T], name: str, given: Mapping[str, Any]) -> T:
    """One of a kind, from its fields by name.

    Args:
        kind: a dataclass.
        name: how messages call it.
        given: its fields.

    Raises:
        WrongFault: one of them is none, is missing, or has a value that it cannot have.
    """
    known = sorted(each.name for each in fields(kind))
    if unknown := sorted(set(given) - set(known)):
        raise WrongFault(f"a fault {name!r} has no {unknown[0]!r}; it has {', '.join(known)}")
    try:
        return TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"] if isinstance(part, str))
        said = problem["msg"][:1].lower() + problem["msg"][1:]
        value = "" if problem["type"] == "missing" else f", not {problem['input']!r}"
        raise WrongFault(f"a fault {name!r}: {field}: {said}{value}") from None
