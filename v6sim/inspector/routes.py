"""Which pages there are, who may see them, and what makes them."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from starlette.convertors import Convertor
from starlette.responses import Response
from starlette.routing import compile_path

from v6sim.inspector import (
    controls,
    egress,
    federation,
    journal,
    live,
    login,
    outbox,
    people,
    runs,
    static,
    tasks,
)
from v6sim.inspector.asks import Ask
from v6sim.server.control.front import PAGES, ROOT
from v6sim.server.errors import Invalid, NotFound
from v6sim.server.v3 import path_numbers  # noqa: F401  # before any path is compiled


class Access(Enum):
    """Who a page is for."""

    ANYBODY = auto()
    VISITORS = auto()
    """Those who have a session, and see on it what they may."""
    SEES_ALL = auto()
    """The operator, and those who hold all global rules."""
    CHANGES = auto()
    """The operator, if the inspector is not read-only."""


@dataclass(frozen=True)
class Route:
    """A page, or something to do.

    Args:
        access: who it is for.
        answer: makes the answer.
    """

    access: Access
    answer: Callable[[Ask], Response | Awaitable[Response]]


_ROUTES: dict[str, Route] = {
    f"GET {ROOT}/": Route(Access.VISITORS, federation.show),
    f"GET {PAGES}/login": Route(Access.ANYBODY, login.show),
    f"POST {PAGES}/login": Route(Access.ANYBODY, login.log_in),
    f"GET {PAGES}/open": Route(Access.ANYBODY, login.open_by_secret),
    f"POST {PAGES}/logout": Route(Access.ANYBODY, login.log_out),
    f"GET {PAGES}/static/{{name}}": Route(Access.ANYBODY, static.send),
    f"GET {PAGES}/live": Route(Access.VISITORS, live.listen),
    f"GET {PAGES}/tasks": Route(Access.VISITORS, tasks.show_all),
    f"GET {PAGES}/tasks/{{key:int}}": Route(Access.VISITORS, tasks.show),
    f"GET {PAGES}/runs/{{key:int}}": Route(Access.VISITORS, runs.show),
    f"GET {PAGES}/runs/{{key:int}}/log": Route(Access.VISITORS, runs.send_log),
    f"GET {PAGES}/egress": Route(Access.VISITORS, egress.show),
    f"GET {PAGES}/people": Route(Access.VISITORS, people.show),
    f"GET {PAGES}/what-if": Route(Access.VISITORS, people.show_what_if),
    f"POST {PAGES}/what-if": Route(Access.VISITORS, people.try_out),
    f"GET {PAGES}/journal": Route(Access.SEES_ALL, journal.show),
    f"GET {PAGES}/outbox": Route(Access.SEES_ALL, outbox.show),
    f"GET {PAGES}/controls": Route(Access.SEES_ALL, controls.show),
    f"POST {PAGES}/controls/faults": Route(Access.CHANGES, controls.add_fault),
    f"POST {PAGES}/controls/faults/remove": Route(Access.CHANGES, controls.remove_fault),
    f"POST {PAGES}/controls/faults/clear": Route(Access.CHANGES, controls.clear_faults),
    f"POST {PAGES}/controls/snapshots": Route(Access.CHANGES, controls.take_snapshot),
    f"POST {PAGES}/controls/snapshots/restore": Route(Access.CHANGES, controls.restore_snapshot),
    f"POST {PAGES}/controls/reset": Route(Access.CHANGES, controls.reset_world),
    f"POST {PAGES}/controls/clock": Route(Access.CHANGES, controls.move_clock),
    f"POST {PAGES}/controls/clock/reset": Route(Access.CHANGES, controls.reset_clock),
}

_Pattern = tuple[str, re.Pattern[str], Mapping[str, Convertor[Any]], Route]


def _compiled(name: str, route: Route) -> _Pattern:
    method, _, path = name.partition(" ")
    pattern, _, convertors = compile_path(path)
    return method, pattern, convertors, route


_COMPILED = [_compiled(name, route) for name, route in _ROUTES.items()]


def find(method: str, path: str) -> tuple[Route, dict[str, Any]]:
    """Who answers a request, and what its path says.

    Raises:
        NotFound: nobody.
        Invalid: another method is expected.
    """
    fitting = [
        (takes, found, convertors, route)
        for takes, pattern, convertors, route in _COMPILED
        if (found := pattern.match(path))
    ]
    for takes, found, convertors, route in fitting:
        if takes == method:
            texts = found.groupdict()
            return route, {name: convertors[name].convert(text) for name, text in texts.items()}
    if fitting:
        raise Invalid(f"{method} is not possible here, but {fitting[0][0]}")
    raise NotFound("page", path)
