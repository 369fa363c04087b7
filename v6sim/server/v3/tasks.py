"""Tasks (reference: server-api, section 3.9)."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from v6sim.server.errors import Invalid, InvalidField
from v6sim.server.operations import runs, tasks
from v6sim.server.operations.call import Call
from v6sim.server.operations.tasks import Details, Order
from v6sim.server.store.tables import Run, Task, metadata
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json, is_minimal_preferred, message
from v6sim.server.v3.bodies import as_long_text, as_text, read_raw
from v6sim.server.v3.kept import KeptRoute
from v6sim.server.v3.links import View
from v6sim.server.v3.long_bodies import joined
from v6sim.server.v3.paging import Shapes, answer_list, includes
from v6sim.server.v3.requests import Key, asks
from v6sim.server.v3.shapes.results import (
    ResultPlainShape,
    TaskWithResultsShape,
    result_plain_shapes,
    tasks_with_results,
)
from v6sim.server.v3.shapes.tasks import TaskShape, task_shapes
from v6sim.server.v3.statuses import has_status
from v6sim.server.v3.waiting import until_complete
from v6sim.wire.excerpt import excerpt

router = APIRouter(prefix="/task", tags=["task"], route_class=KeptRoute)

FILTERS = {
    "initiator_id": filters.equal(Task.initiator_id),
    "init_user_id": filters.equal(Task.init_user_id),
    "collaboration_id": filters.equal(Task.collaboration_id),
    "parent_id": filters.equal(Task.parent_id),
    "run_id": filters.equal(Task.job_id),
    "name": filters.like(Task.name),
    "image": filters.like(Task.image),
    "description": filters.like(Task.description),
    "database": filters.like(metadata.tables["task"].c.databases[0].as_string()),
    "result_id": filters.within(Task.id, lambda key: select(Run.task_id).where(Run.id == key)),
    "status": has_status,
}
_WITH_RESULTS = ("result", "results")
"""Both spellings are taken on both routes, though upstream knows one here and the other there."""
_ORDER = docs.properties({"id": "integer"}, input="string")
NEW = docs.properties(
    {"collaboration_id": "integer", "organizations": {"type": "array", "items": _ORDER}},
    name="string", description="string", image="string", database="string", master="boolean",
)  # fmt: skip
_SHAPE = TaskShape | TaskWithResultsShape


@router.get("", **docs.listing(_SHAPE, FILTERS, _WITH_RESULTS))
async def list_tasks(call: Annotated[Call, asks("task.view")], request: Request) -> Response:
    """The tasks that one may see, the newest first."""
    statement = filters.apply(tasks.visible(call), request, FILTERS)
    shapes = (
        tasks_with_results if set(includes(request)).intersection(_WITH_RESULTS) else task_shapes
    )
    return answer_list(call, request, statement.order_by(col(Task.id).desc()), shapes)


@router.post("", **docs.route(TaskShape, status=201, body=NEW))
async def create_task(
    call: Annotated[Call, asks("task.create", "subtask.create")], request: Request
) -> Response:
    """Make a task, with a result at each organization it is sent to."""
    body = read_raw(request)
    if body.get("collaboration_id") is None:
        raise InvalidField("collaboration_id", "'collaboration_id' is missing")
    task = tasks.create(
        call, body["collaboration_id"], lambda: _orders(body), lambda: _details(body)
    )
    return Json(task_shapes(View(call), [task])[0], 201)


@router.get("/{key:int}", **docs.route(_SHAPE, query=docs.including(*_WITH_RESULTS)))
async def get_task(
    call: Annotated[Call, asks("task.view")], request: Request, key: Key
) -> Response:
    """One task; while it is not complete, the answer may be held back for a while."""
    task = tasks.view(call, key)
    await until_complete(call, request, task)
    task = tasks.view(call, key)
    shapes = _shapes(includes(request)[:1])
    return Json(shapes(View(call), [task])[0], omit_long=is_minimal_preferred(request))


@router.delete("/{key:int}", **docs.route(docs.Message))
async def delete_task(call: Annotated[Call, asks("task.delete")], key: Key) -> Response:
    """Delete a task and its results."""
    tasks.remove(call, key)
    return message(f"task {key} is deleted")


@router.get("/{key:int}/result", **docs.listing(ResultPlainShape))
async def list_results_of(
    call: Annotated[Call, asks("run.list of task")], request: Request, key: Key
) -> Response:
    """The results of a task."""
    statement = runs.of_task(call, key).order_by(col(Run.id))
    return answer_list(call, request, statement, result_plain_shapes)


def _shapes(wanted: Iterable[str]) -> Shapes:
    return tasks_with_results if set(wanted).intersection(_WITH_RESULTS) else task_shapes


def _orders(body: Mapping[str, Any]) -> list[Order]:
    organizations = body.get("organizations")
    if organizations in ({}, ""):
        organizations = []
    if not isinstance(organizations, list):
        text = '\'organizations\' has to be a list of {"id": ..., "input": ...}'
        raise InvalidField("organizations", f"{text}, not {excerpt(organizations)}")
    return [_order(entry) for entry in organizations]


def _details(body: Mapping[str, Any]) -> Details:
    texts = {
        name: as_text(body.get(name, ""), name)
        for name in ("name", "description", "image", "database")
    }
    database = texts.pop("database")
    return Details(databases=[database], only_own=bool(body.get("master")), **texts)


def _order(entry: Any) -> Order:
    if not isinstance(entry, dict):
        raise InvalidField(
            "organizations",
            f'an organization has to be {{"id": ..., "input": ...}}, not {excerpt(entry)}',
        )
    key, given = entry.get("id"), entry.get("input")
    if not isinstance(key, int):
        raise Invalid(f"organization {excerpt(key)} does not exist: an id is a whole number")
    if isinstance(given, dict):
        given = json.dumps(joined(given))
    return Order(key, given if isinstance(given, list) else as_long_text(given, "input"))
