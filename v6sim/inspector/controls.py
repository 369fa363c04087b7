"""What is to be turned: faults, snapshots, the clock, and back to the start."""

from collections.abc import Mapping
from datetime import timedelta
from math import isfinite
from typing import get_args

from starlette.responses import Response

from v6sim.inspector.asks import Ask
from v6sim.server.control.reset import reset
from v6sim.server.control.snapshots import restore
from v6sim.server.errors import Invalid, NotFound
from v6sim.server.faults import Fault, Kind

_FARTHEST = timedelta(days=3650)
_SNAPSHOTS, _LONGEST_NAME = 50, 100  # how many, and characters of a name
_LONGEST_WAIT = 600  # seconds

_UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
_DONE = {
    "fault": "The fault is on.",
    "fault-removed": "The fault is off.",
    "healed": "All faults are off.",
    "taken": "The snapshot is taken.",
    "restored": "The data are back as they were at the snapshot.",
    "reset": "Everything is as it was at the start.",
    "moved": "The clock is moved on.",
    "clock-reset": "The clock shows the present time again.",
}


def show(ask: Ask) -> Response:
    """All controls."""
    snapshots = {name: len(kept["task"]) for name, kept in ask.core.snapshots.items()}
    return ask.page(
        "controls", faults=ask.core.faults.numbered, snapshots=snapshots, clock=ask.core.clock,
        done=_DONE.get(ask.query("done"), ""), units=list(_UNITS),
    )  # fmt: skip


def add_fault(ask: Ask) -> Response:
    """Have requests fail from now on."""
    form = ask.form
    kind = form.get("kind", "")
    if kind not in get_args(Kind):
        raise Invalid(f"a fault is one of {', '.join(get_args(Kind))}, not {kind!r}")
    times = form.get("times", "").strip()
    ask.core.faults.add(
        Fault(
            kind,  # type: ignore[arg-type]
            method=form.get("method") or None,
            path=form.get("path", "").strip() or None,
            status=int(_number(form, "status", 500, 200, 599)),
            seconds=_number(form, "seconds", 0, 0, _LONGEST_WAIT),
            times=int(_number(form, "times", 1, 1, 1_000_000)) if times else None,
            probability=_number(form, "probability", 100, 0, 100) / 100,
        )
    )
    return ask.go("/controls", done="fault")


def remove_fault(ask: Ask) -> Response:
    """Have one end."""
    wanted = ask.form.get("fault", "")
    for number, fault in ask.core.faults.numbered.items():
        if str(number) == wanted:
            ask.core.faults.remove(fault)
            return ask.go("/controls", done="fault-removed")
    raise NotFound("fault", wanted)


def clear_faults(ask: Ask) -> Response:
    """Be well again."""
    ask.core.faults.clear()
    return ask.go("/controls", done="healed")


def take_snapshot(ask: Ask) -> Response:
    """Remember the data as they are now; what had that name before is forgotten."""
    name, kept = ask.form.get("name", "").strip(), ask.core.snapshots
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid(f"the name of a snapshot has 1 to {_LONGEST_NAME} characters, not {name!r}")
    if name not in kept and len(kept) >= _SNAPSHOTS:
        raise Invalid(f"there are {len(kept)} snapshots already: take one of the same name again")
    kept[name] = ask.core.store.snapshot()
    return ask.go("/controls", done="taken")


async def restore_snapshot(ask: Ask) -> Response:
    """Drop what runs, and put the data back as they were."""
    name = ask.form.get("name", "")
    if name not in ask.core.snapshots:
        raise NotFound("snapshot", name)
    for hook in ask.house.server.before_reset:
        await hook()
    restore(ask.core, name)
    return ask.go("/controls", done="restored")


async def reset_world(ask: Ask) -> Response:
    """Put everything back as it was at the start."""
    for hook in ask.house.server.before_reset:
        await hook()
    reset(ask.core)
    for hook in ask.house.server.after_reset:
        await hook()
    return ask.go("/controls", done="reset")


async def move_clock(ask: Ask) -> Response:
    """Move the server's clock on, and wait until what is due then is done."""
    unit = ask.form.get("unit", "hours")
    if unit not in _UNITS:
        raise Invalid(f"a clock is moved by {', '.join(_UNITS)}, not {unit!r}")
    by = timedelta(seconds=_number(ask.form, "by", 0, 0, 1e7) * _UNITS[unit])
    if ask.core.clock.shifted + by > _FARTHEST:
        raise Invalid(f"the clock is moved by {_FARTHEST.days} days at most")
    await ask.core.clock.advance(by)
    return ask.go("/controls", done="moved")


def reset_clock(ask: Ask) -> Response:
    """Show the present time again."""
    ask.core.clock.reset()
    return ask.go("/controls", done="clock-reset")


def _number(form: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    """A number that a form carries.

    Raises:
        Invalid: it is none, or beyond its bounds.
    """
    text = form.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise Invalid(f"{name}: a number is expected, not {text!r}") from None
    if not isfinite(value) or not least <= value <= most:
        raise Invalid(f"{name}: a number from {least} to {most} is expected, not {text!r}")
    return value
