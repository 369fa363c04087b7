"""What a task waits for, for who may see the task: it takes their own token."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from v6sim.server.access.records import Records
from v6sim.server.operations import tasks
from v6sim.server.operations.call import Call
from v6sim.server.operations.callers import identify
from v6sim.server.operations.wait_reasons import find_open_runs
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import Key, bearer, core_of
from v6sim.wire.wait_reasons import lines

router = APIRouter()


@router.get("/tasks/{key:int}/waiting")
async def get_waiting(request: Request, key: Key) -> Response:
    """Lines that say which nodes a task waits for, and why; none if it waits for nothing."""
    core = core_of(request)
    with core.store.session() as session:
        caller = identify(core, session, bearer(request))
        call = Call(replace(core, records=Records()), session, caller)  # it is asked over and over
        task = tasks.view(call, key)
        return Json({"lines": lines(find_open_runs(core, session, task))})
