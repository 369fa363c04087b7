"""Ports (reference: server-api, section 3.10)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import col

from v6sim.server.errors import Invalid
from v6sim.server.operations import ports
from v6sim.server.operations.call import Call
from v6sim.server.store.tables import Port, Run, Task
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json, message
from v6sim.server.v3.bodies import as_text, read_raw
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list
from v6sim.server.v3.requests import Key, asks
from v6sim.server.v3.shapes.ports import PortShape, port_shapes

router = APIRouter(prefix="/port", tags=["port"])

FILTERS = {
    "result_id": filters.equal(Port.run_id),
    "task_id": filters.equal(Run.task_id),
    "run_id": filters.equal(Task.job_id),
}
NEW = docs.properties({"port": "integer", "result_id": "integer"}, label="string")


@router.get("", **docs.listing(PortShape, FILTERS))
async def list_ports(call: Annotated[Call, asks("port.list")], request: Request) -> Response:
    """The ports that one may see, the newest first."""
    statement = filters.apply(ports.visible(call), request, FILTERS)
    return answer_list(call, request, statement.order_by(col(Port.id).desc()), port_shapes)


@router.post("", **docs.route(PortShape, status=201, body=NEW))
async def create_port(call: Annotated[Call, asks("port.edit")], request: Request) -> Response:
    """Note that a run of the calling node listens on a port."""
    body = read_raw(request)
    number, label = as_text(body.get("port", ""), "port"), as_text(body.get("label"), "label")
    port = ports.create(call, body.get("result_id"), number, label)
    return Json(port_shapes(View(call), [port])[0], 201)


@router.delete("", **docs.route(docs.Message, query={"result_id": {"type": "integer"}}))
async def delete_ports(call: Annotated[Call, asks("port.edit")], request: Request) -> Response:
    """Forget the ports of a run of the calling node."""
    given = request.query_params.getlist("result_id")
    if not given:
        raise Invalid("the parameter `result_id` is missing")
    ports.remove(call, given[0])
    return message(f"the ports of result {given[0]} are deleted")


@router.get("/{key:int}", **docs.route(PortShape))
async def get_port(call: Annotated[Call, asks("port.view")], key: Key) -> Response:
    """One port."""
    return Json(port_shapes(View(call), [ports.view(call, key)])[0])
