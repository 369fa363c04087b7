"""Holding back the answer to a poll, so that polling loops end as soon as the task does."""

import math
import re

from fastapi import Request

from v6sim.server.access.callers import Kind
from v6sim.server.operations.call import Call
from v6sim.server.operations.runs import is_complete
from v6sim.server.store.tables import Task

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])")


def _wanted(request: Request) -> float:
    """The longest that somebody wants to wait, in seconds, if they say so (RFC 7240)."""
    found = _WAIT.search(request.headers.get("prefer", ""))
    return int(found[1]) if found else math.inf


async def until_complete(call: Call, request: Request, task: Task) -> None:
    """Wait, but not for long, until a task is complete.

    Browsers are never kept waiting: a page shows what there is, and is told of changes by events.
    Nor are nodes: genuine ones ask for the task just before they report what would complete it.
    """
    seconds = min(call.core.settings.hold_seconds, _wanted(request))
    is_poll = call.caller.kind is not Kind.NODE and "origin" not in request.headers
    if not seconds or call.is_rehearsal or not is_poll:
        return
    if is_complete(call.session, task):
        return
    key = task.id
    call.session.rollback()  # no transaction stays open meanwhile
    await call.core.holds.until_complete(key, seconds)
    call.session.expire_all()
