"""Stopping tasks (reference: server-api, section 3.11)."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from v6sim.server.errors import Invalid
from v6sim.server.operations import kills
from v6sim.server.operations.call import Call
from v6sim.server.v3 import docs
from v6sim.server.v3.answers import message
from v6sim.server.v3.bodies import read_raw
from v6sim.server.v3.requests import asks

router = APIRouter(prefix="/kill", tags=["kill"])

BODY = docs.properties({"id": "integer"})


@router.post("/task", **docs.route(docs.Message, body=BODY))
async def kill_task(call: Annotated[Call, asks("task.kill")], request: Request) -> Response:
    """Stop a task and its direct subtasks."""
    key = _id(request)
    kills.kill_task(call, key)
    return message(f"task {key} is being stopped")


@router.post("/node/tasks", **docs.route(docs.Message, body=BODY))
async def kill_node_tasks(call: Annotated[Call, asks("node.kill")], request: Request) -> Response:
    """Stop all that a node runs."""
    key = _id(request)
    kills.kill_node_tasks(call, key)
    return message(f"all that node {key} runs is being stopped")


def _id(request: Request) -> Any:
    key = read_raw(request).get("id")
    if not key:
        raise Invalid("'id' is missing")
    return key
