"""What a task waits for, for who may see the task."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from v6sim.server.access.records import Records
from v6sim.server.control.authentication import caller_of
from v6sim.server.operations import tasks
from v6sim.server.operations.call import Call
from v6sim.server.operations.wait_reasons import find_open_runs
from v6sim.server.store.find import find
from v6sim.server.store.tables import Task
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import Key, core_of
from v6sim.wire.wait_reasons import lines

router = APIRouter()


@router.get("/tasks/{key:int}/waiting")
async def get_waiting(request: Request, key: Key) -> Response:
    """Lines that say which nodes a task waits for, and why; none if it waits for nothing."""
    core, caller = core_of(request), caller_of(request)
    with core.store.session() as session:
        if caller is None:
            task = find(session, Task, key)
        else:  # it is asked over and over, so that no decision is kept
            task = tasks.view(Call(replace(core, records=Records()), session, caller), key)
        return Json({"lines": lines(find_open_runs(core, session, task))})
