"""Results, as runs are called on this wire (reference: server-api, section 3.10)."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import exists
from sqlmodel import col, select

from v6sim.server.errors import InvalidField, TooLarge
from v6sim.server.operations import runs
from v6sim.server.operations.call import Call
from v6sim.server.store.find import whole
from v6sim.server.store.tables import Node, Port, Run, Task
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import UNSTORABLE, Json, is_minimal_preferred, unstorable
from v6sim.server.v3.bodies import as_long_text, as_text, read_json, read_raw
from v6sim.server.v3.kept import KeptRoute
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list, includes
from v6sim.server.v3.requests import Key, asks, calling, receive_from_caller
from v6sim.server.v3.shapes.results import (
    ResultShape,
    ResultWithTaskShape,
    result_shapes,
    results_with_task,
)
from v6sim.wire.excerpt import excerpt

router = APIRouter(prefix="/result", tags=["result"], route_class=KeptRoute)

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%f"


def _state(statement: Any, values: list[str]) -> Any:
    return statement.where(col(Run.finished_at).is_(None)) if values[0] == "open" else statement


def _of_node(statement: Any, values: list[str]) -> Any:
    """The runs that a node is for; an empty value asks for nothing, as upstream."""
    if not values[0]:
        return statement
    key = whole(values[0])
    return statement.where(
        exists(
            select(Node.id).where(
                col(Node.id) == key,
                col(Node.organization_id) == Run.organization_id,
                col(Node.collaboration_id) == Task.collaboration_id,
            )
        )
    )


FILTERS = {
    "task_id": filters.equal(Run.task_id),
    "organization_id": filters.equal(Run.organization_id),
    "node_id": _of_node,
    "state": _state,
    "port": filters.within(Run.id, lambda key: select(Port.run_id).where(Port.port == key)),
    "assigned_from": filters.since(Run.assigned_at),
    "started_from": filters.since(Run.started_at),
    "finished_from": filters.since(Run.finished_at),
    "assigned_till": filters.until(Run.assigned_at),
    "started_till": filters.until(Run.started_at),
    "finished_till": filters.until(Run.finished_at),
}
REPORT = docs.properties(
    started_at="string", finished_at="string", result="string", log="string", status="string"
)
_SHAPE = ResultShape | ResultWithTaskShape


@router.get("", **docs.listing(_SHAPE, FILTERS, ["task"]))
async def list_results(call: Annotated[Call, asks("run.view")], request: Request) -> Response:
    """The results that one may see, the newest first."""
    statement = filters.apply(runs.visible(call), request, FILTERS)
    has_node = exists(select(Node.id).where(col(Node.organization_id) == Run.organization_id))
    statement = statement.where(has_node, col(Task.collaboration_id).is_not(None))
    shapes = results_with_task if "task" in includes(request) else result_shapes
    return answer_list(call, request, statement.order_by(col(Run.id).desc()), shapes)


@router.get("/{key:int}", **docs.route(_SHAPE, query=docs.including("task")))
async def get_result(
    call: Annotated[Call, asks("run.view")], request: Request, key: Key
) -> Response:
    """One result."""
    run = runs.view(call, key)
    shapes = results_with_task if includes(request)[:1] == ["task"] else result_shapes
    return Json(shapes(View(call), [run])[0], omit_long=is_minimal_preferred(request))


async def _reports(request: Request, key: Key) -> AsyncIterator[Call]:
    """The call of a node that reports; a report that is too large ends its run."""
    try:
        await receive_from_caller(request)
    except TooLarge as error:
        with calling(request, "run.report") as call:
            runs.refuse_report(call, key, error)
    with calling(request, "run.report") as call:
        yield call


@router.patch("/{key:int}", **docs.route(ResultShape, body=REPORT))
async def report_result(
    call: Annotated[Call, Depends(_reports)], request: Request, key: Key
) -> Response:
    """What a node says of a run; what it leaves out of result and log becomes null."""
    said: dict[str, Any] = {}

    def report() -> Mapping[str, Any]:
        said.update(_report(read_raw(request)))
        return said

    try:
        run = runs.report(call, key, lambda: read_json(request), report)
    except UNSTORABLE as error:
        call.session.rollback()
        if "finished_at" in said and (problem := unstorable(error)):
            runs.end_unstorable(call, key, problem)
        raise
    return Json(result_shapes(View(call), [run])[0], omit_long=is_minimal_preferred(request))


def _report(body: Mapping[str, Any]) -> dict[str, Any]:
    report: dict[str, Any] = {
        name: as_long_text(body[name], name) for name in ("result", "log") if name in body
    }
    if "status" in body:
        report["status"] = as_text(body["status"], "status")
    for name in ("started_at", "finished_at"):
        if body.get(name):
            report[name] = _time(body[name], name)
    return report


def _time(value: Any, name: str) -> datetime:
    try:
        return datetime.strptime(value, TIME_FORMAT)
    except (TypeError, ValueError):
        text = f"{name!r} has to look like 2022-01-31T13:45:00.000000, not {excerpt(value)}"
        raise InvalidField(name, text) from None
