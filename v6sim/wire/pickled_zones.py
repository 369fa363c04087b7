"""What a pickle may name of time zones: those of the standard library, pytz and dateutil.

Neither pytz nor dateutil is imported. A zone that has a name is looked up in the time zone database
of this machine; any other is read if it has one distance from UTC.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Self
from zoneinfo import ZoneInfo

from v6sim.wire.budget import Budget
from v6sim.wire.sealed import Part, Sealed, SealedType, Unsupported

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,3}")
_FILE = re.compile(r"(?:.*/)?zoneinfo/(?:posix/)?([A-Za-z].*)")
_DAY = 86_400

_SIZE = 200
"""Bytes that a zone takes."""


class Zone(Part, metaclass=SealedType):
    """A time zone of pytz or dateutil, which has no value of its own here.

    Args:
        found: what it is here; None until its state has come.
        offset: its distance from UTC at the time that it comes with, where it says so.
    """

    stands_for = ("tzinfo", "datetime")
    found: dt.tzinfo | None = None
    offset: dt.timedelta | None = None

    def __init__(self, found: dt.tzinfo | None = None, offset: dt.timedelta | None = None) -> None:
        super().__init__()
        self.found, self.offset = found or type(self).found, offset

    @classmethod
    def from_pickle(cls, _budget: Budget, *_: Any) -> Self:
        """Return one whose state is still to come."""
        return cls()

    def describe(self) -> dict[str, Any]:
        """Return its name."""
        return {"name": str(self.found)} if self.found else {}

    @property
    def zone(self) -> dt.tzinfo:
        """What it is here.

        Raises:
            Unsupported: nothing.
        """
        if self.found is None:
            raise Unsupported("a time zone without its content")
        return self.found


class _Utc(Zone, metaclass=SealedType):
    """That of dateutil for UTC."""

    needs_state = False
    found = dt.UTC


class _Times(Zone, metaclass=SealedType):
    """What dateutil has of a file, which is known by its name."""

    def set_state(self, _budget: Budget, state: Any) -> None:
        """There is nothing to keep."""


class _Offset(Zone, metaclass=SealedType):
    """A zone of dateutil that has one distance from UTC, as older versions write it."""

    @classmethod
    def from_pickle(cls, _budget: Budget, name: Any = None, offset: Any = None, *_: Any) -> Self:
        """Return one, of a name and a distance."""
        return cls(_fixed(offset, name)) if offset is not None else cls()

    def set_state(self, _budget: Budget, state: Any) -> None:
        """Take name and distance."""
        self.found = _fixed(state["_offset"], state.get("_name"))


class _Local(Zone, metaclass=SealedType):
    """The zone of the machine that wrote it, of which it has the distances from UTC."""

    def set_state(self, _budget: Budget, state: Any) -> None:
        """Take the distance, if there is one."""
        if not state["_hasdst"]:
            self.found = _fixed(state["_std_offset"], state["_tznames"][0])


class _File(Zone, metaclass=SealedType):
    """A zone that dateutil read of a file of the time zone database, which is named for it."""

    @classmethod
    def from_pickle(cls, budget: Budget, *args: Any) -> Self:
        """Return one by the name of its file."""
        for name in args:
            match = _FILE.fullmatch(name) if type(name) is str and len(name) < _SIZE else None
            if match:
                return cls(_named(budget, match[1]))
            if type(name) is str and _NAME.fullmatch(name):
                return cls(_named(budget, name))
        raise Unsupported("a time zone of a file without a name")

    def set_state(self, _budget: Budget, state: Any) -> None:
        """What the file had in it is known by its name."""


def zone_of(value: Any) -> dt.tzinfo | None:
    """Return what a value is as a time zone.

    Raises:
        Unsupported: nothing.
    """
    if isinstance(value, Zone):
        return value.zone
    if value is None or type(value) in (dt.timezone, ZoneInfo):
        found: dt.tzinfo | None = value
        return found
    raise Unsupported(f"a time zone of type {type(value).__name__}")


def moment(kind: type[dt.datetime] | type[dt.time]) -> Callable[..., Any]:
    """Return what makes dates with times, or times, of their bytes and a zone.

    Args:
        kind: what is made.
    """
    make_of: Any = kind

    def make(budget: Budget, content: Any, zone: Any = None, *more: Any) -> Any:
        budget.take_bytes(64)
        if type(content) is str and len(content) <= _DIGITS:  # as protocols up to 2 write bytes
            content = content.encode("latin-1")
        if type(content) is not bytes:
            return make_of(*_numbers((content, zone, *more)))
        if zone is None:
            return make_of(content)  # the form that only pickles use
        found = zone_of(zone)
        made = make_of(content, found)
        offset = zone.offset if isinstance(zone, Zone) else None
        return made if offset is None else _at(made, offset)

    return make


_DIGITS = 10


def _numbers(args: tuple[Any, ...]) -> list[int]:
    while args and args[-1] is None:
        args = args[:-1]
    if not all(type(number) is int and abs(number) < _DAY * _DAY for number in args):
        raise Unsupported("a date that is not made of numbers")
    return list(args)


def _at(made: Any, offset: dt.timedelta) -> Any:
    """A date or time with the distance from UTC that it came with: an hour may come twice."""
    for fold in (0, 1):
        found = made.replace(fold=fold)
        if found.utcoffset() == offset:
            return found
    return made.replace(tzinfo=dt.timezone(offset))


def _fixed(offset: Any, name: Any = None) -> dt.timezone:
    if type(offset) is int and abs(offset) < _DAY:
        offset = dt.timedelta(seconds=offset)
    if type(offset) is not dt.timedelta or not (name is None or type(name) is str):
        raise Unsupported("a time zone without a distance from UTC")
    return dt.timezone(offset) if name is None else dt.timezone(offset, name)


def _named(budget: Budget, name: Any, *_: Any) -> ZoneInfo:
    """The zone of a name, which is no path to anywhere else."""
    budget.take_bytes(_SIZE)
    if type(name) is not str or not _NAME.fullmatch(name):
        raise Unsupported(f"a time zone called {name!r:.60}")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Unsupported(f"this machine has no time zone {name}") from error


def _of_pytz(
    budget: Budget,
    name: Any,
    offset: Any = None,
    *_: Any,
) -> Zone:
    return Zone(_named(budget, name), None if offset is None else _fixed(offset).utcoffset(None))


def _minutes(budget: Budget, minutes: Any) -> dt.timezone:
    budget.take_bytes(_SIZE)
    if type(minutes) is not int or abs(minutes) * 60 >= _DAY:
        raise Unsupported("a time zone without a distance from UTC")
    return dt.timezone(dt.timedelta(minutes=minutes))


ZONES: dict[tuple[str, str], Any] = {
    ("zoneinfo", "ZoneInfo._unpickle"): Sealed(_named),
    ("zoneinfo", "ZoneInfo"): Sealed(_named),
    ("pytz", "_UTC"): Sealed(lambda *_: dt.UTC),
    ("pytz", "_p"): Sealed(_of_pytz),
    ("pytz", "FixedOffset"): Sealed(_minutes),
    ("pytz", "_FixedOffset"): Sealed(_minutes),
    ("dateutil.tz.tz", "tzutc"): _Utc,
    ("dateutil.tz.tz", "tzoffset"): _Offset,
    ("dateutil.tz.tz", "tzlocal"): _Local,
    ("dateutil.tz.tz", "tzfile"): _File,
    ("dateutil.tz.tz", "_ttinfo"): _Times,
    ("dateutil.tz._tzfile", "_unpickle"): Sealed(
        lambda budget, _, *args: _File.from_pickle(budget, *args)
    ),
    ("dateutil.tz._tzfile", "tzfile"): Sealed(lambda *_: None),
}
