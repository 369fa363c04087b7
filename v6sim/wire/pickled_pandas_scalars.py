"""What a pickle may name of pandas' single values: times, spans, periods, intervals and offsets."""

import datetime as dt
import uuid
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from v6sim.wire.budget import Budget
from v6sim.wire.pickled_zones import zone_of
from v6sim.wire.sealed import Constant, Sealed, Unsupported

_RESOLUTIONS = {7: "s", 8: "ms", 9: "us", 10: "ns"}
_NANOSECONDS = 10
_SIZE = 64

_LABELS = (
    str, int, float, bool, complex, bytes, type(None), type(pd.NaT), type(pd.NA), tuple, dt.date,
    dt.datetime, dt.time, dt.timedelta, Decimal, Fraction, pd.Timestamp, pd.Timedelta, pd.Period,
    pd.Interval,
)  # fmt: skip
"""Types that labels and names have: pandas hashes them."""

_BASES_OF_LABELS = (np.generic, uuid.UUID, PurePath)

_MOST = 2**31
_OFFSETS = (
    "Day", "Hour", "Minute", "Second", "Milli", "Micro", "Nano", "Week", "BusinessDay",
    "MonthEnd", "MonthBegin", "BusinessMonthEnd", "BusinessMonthBegin", "QuarterEnd",
    "QuarterBegin", "BQuarterEnd", "BQuarterBegin", "YearEnd", "YearBegin", "BYearEnd",
    "BYearBegin",
)  # fmt: skip


def checked_label(value: Any) -> Any:
    """Return a label or a name, which pandas hashes: a single value, or a tuple of such.

    Raises:
        Unsupported: it is something else.
    """
    parts = value if type(value) is tuple else (value,)
    for part in parts:
        if type(part) not in _LABELS and not isinstance(part, _BASES_OF_LABELS):
            raise Unsupported(f"a label of type {type(part).__name__}")
        if type(part) is tuple:
            raise Unsupported("a label of tuples in tuples")
    return value


def _of(kind: str) -> Callable[..., Any]:
    """What makes a number of a resolution into one of NumPy's."""

    def make(value: Any, resolution: Any) -> Any:
        if type(value) is not int or type(resolution) is not int:
            raise ValueError("a time that is no number")
        if resolution not in _RESOLUTIONS:
            raise Unsupported(f"a resolution {resolution}")
        return np.int64(value).view(f"{kind}[{_RESOLUTIONS[resolution]}]")

    return make


_TIME, _SPAN = _of("M8"), _of("m8")


def _timestamp(
    budget: Budget, value: Any, _freq: Any, zone: Any, resolution: Any = _NANOSECONDS
) -> Any:
    budget.take_bytes(_SIZE)
    found = pd.Timestamp(_TIME(value, resolution))
    return found if zone is None else found.tz_localize("UTC").tz_convert(zone_of(zone))


def _timedelta(budget: Budget, value: Any, resolution: Any = _NANOSECONDS) -> Any:
    budget.take_bytes(_SIZE)
    return pd.Timedelta(_SPAN(value, resolution))


def _period(budget: Budget, value: Any, freq: Any, ordinal: Any) -> Any:
    if value is not None or type(ordinal) is not int or not isinstance(freq, pd.offsets.BaseOffset):
        raise Unsupported("a period without its number")
    budget.take_bytes(_SIZE)
    return pd.Period(ordinal=ordinal, freq=freq)


def _interval(budget: Budget, left: Any, right: Any, closed: Any = "right") -> Any:
    ends = (int, float, pd.Timestamp, pd.Timedelta, np.number)
    if not isinstance(left, ends) or not isinstance(right, ends) or type(closed) is not str:
        raise Unsupported("an interval of what has no order")
    budget.take_bytes(_SIZE)
    return pd.Interval(left, right, closed)


def _offset(kind: Any) -> Sealed:
    def make(budget: Budget, *args: Any) -> Any:
        for arg in args:
            if not (arg is None or type(arg) in (bool, dt.timedelta)) and not (
                type(arg) is int and abs(arg) < _MOST
            ):
                raise Unsupported("an offset that is not made of numbers")
        budget.take_bytes(_SIZE)
        return kind(*args)

    return Sealed(make)


def frequency(text: str) -> Any:
    """Return the offset that a name in the type of a period stands for.

    Args:
        text: such as `M` or `Q-DEC`; names that pandas has changed since are understood.

    Raises:
        Unsupported: there is none.
    """
    if len(text) > _SIZE:
        raise Unsupported("a frequency that is too long")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for spelling in (text, *_other_spellings(text)):
            try:
                return pd.PeriodDtype(spelling).freq
            except (ValueError, KeyError):
                continue
    raise Unsupported(f"a frequency {text!r}")


def _other_spellings(text: str) -> list[str]:
    number = text[: len(text) - len(text.lstrip("0123456789"))]
    name, dash, rest = text[len(number) :].partition("-")
    new = {"A": "Y", "Y": "A", "H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns"}
    return [f"{number}{new[name]}{dash}{rest}"] if name in new else []


_TSLIBS = "pandas._libs.tslibs"
_NAT = Sealed(lambda *_: pd.NaT)

SCALARS: dict[tuple[str, str], Any] = {
    (f"{_TSLIBS}.timestamps", "_unpickle_timestamp"): Sealed(_timestamp),
    (f"{_TSLIBS}.timedeltas", "Timedelta"): Sealed(_timedelta),
    (f"{_TSLIBS}.timedeltas", "_timedelta_unpickle"): Sealed(_timedelta),
    (f"{_TSLIBS}.nattype", "_nat_unpickle"): _NAT,
    (f"{_TSLIBS}.nattype", "__nat_unpickle"): _NAT,
    (f"{_TSLIBS}.period", "Period"): Sealed(_period),
    ("pandas", "Period"): Sealed(_period),
    ("pandas._libs.interval", "Interval"): Sealed(_interval),
    ("pandas", "Interval"): Sealed(_interval),
    ("pandas", "NA"): Constant(pd.NA),
    ("pandas._libs.missing", "NA"): Constant(pd.NA),
    **{(f"{_TSLIBS}.offsets", name): _offset(getattr(pd.offsets, name)) for name in _OFFSETS},
}
