"""What nodes tell of their runs beyond what the API asks of them."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from v6sim.server.access.callers import NodeCaller
from v6sim.server.control.authentication import caller_of
from v6sim.server.errors import Invalid, Refused
from v6sim.server.store.find import find
from v6sim.server.store.tables import Run, Task
from v6sim.server.v3.bodies import read_raw
from v6sim.server.v3.requests import Key, core_of, receive_from_caller
from v6sim.wire.excerpt import excerpt

router = APIRouter()

_MOST = 1000  # variables of a run
_LONGEST = 10_000  # characters of one
_LONGEST_ALL = 1_000_000  # characters of all of them, with their names


@router.post("/runs/{key:int}/log", status_code=204)
async def append_log(request: Request, key: Key) -> Response:
    """Take up what a run has printed just now, from its node."""
    await receive_from_caller(request)
    body = read_raw(request)
    text, offset = body.get("text"), body.get("offset")
    if not isinstance(text, str):
        raise Invalid(f"'text' has to be a text, not {excerpt(text)}")
    if not isinstance(offset, int) or offset < 0:
        raise Invalid(f"'offset' has to be a number of characters, not {excerpt(offset)}")
    core = core_of(request)
    run, task = _told_by_its_node(request, key)
    is_lacking = run.finished_at is None and not core.logs.append(run.id, task.id, text, offset)
    return Response(status_code=409 if is_lacking else 204)


@router.post("/runs/{key:int}/environment", status_code=204)
async def note_environment(request: Request, key: Key) -> Response:
    """Keep the variables that a node has given to a run, as far as it tells them."""
    await receive_from_caller(request)
    variables = read_raw(request).get("variables")
    if not isinstance(variables, Mapping) or not _are_few_texts(variables):
        raise Invalid(
            f"'variables' has to be an object of at most {_MOST} texts, each of at most {_LONGEST} "
            f"characters, and all of at most {_LONGEST_ALL}"
        )
    run, _ = _told_by_its_node(request, key)
    core_of(request).environments.note(run.id, variables)
    return Response(status_code=204)


def _are_few_texts(given: Mapping[str, object]) -> bool:
    if len(given) > _MOST:
        return False
    sizes = [len(value) for value in given.values() if isinstance(value, str)]
    is_short = all(size <= _LONGEST for size in sizes)
    return (
        len(sizes) == len(given) and is_short and sum(map(len, given)) + sum(sizes) <= _LONGEST_ALL
    )


def _told_by_its_node(request: Request, key: int) -> tuple[Run, Task]:
    """A run and its task.

    Raises:
        NotFound: there is no such run.
        Refused: it is not its own node that calls.
    """
    core = core_of(request)
    with core.store.session() as session:
        run = find(session, Run, key)
        task = find(session, Task, run.task_id)
    caller = caller_of(request)
    here = (run.organization_id, task.collaboration_id)
    if not isinstance(caller, NodeCaller) or here != (
        caller.organization_id,
        caller.collaboration_id,
    ):
        raise Refused(f"only its own node tells of run {run.id}")
    return run, task
