"""What a task waits for, for who may see the task: it takes their own token."""

from typing import Annotated

from fastapi import APIRouter, Response

from v6sim.server.operations import tasks
from v6sim.server.operations.call import Call
from v6sim.server.operations.waiting import open_runs_of
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import Key, asks
from v6sim.wire.waiting import lines

router = APIRouter()


@router.get("/tasks/{key:int}/waiting")
async def get_waiting(call: Annotated[Call, asks("task.view")], key: Key) -> Response:
    """Lines that say which nodes a task waits for, and why; none if it waits for nothing."""
    task = tasks.view(call, key)
    return Json({"lines": lines(open_runs_of(call.core, call.session, task))})
