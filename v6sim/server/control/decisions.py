"""Why something was allowed or refused."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from v6sim.server.access.actions import Grant
from v6sim.server.access.callers import Caller, ContainerCaller
from v6sim.server.access.records import Record
from v6sim.server.control.authentication import caller_of
from v6sim.server.errors import NotFound
from v6sim.server.operations.reasons import reasons_of
from v6sim.server.v3.answers import Json
from v6sim.server.v3.requests import Key, core_of

router = APIRouter()

_MOST = 100  # decisions in a list
_KEPT = 1000  # decisions that are looked at for it


@router.get("/decisions")
async def list_decisions(request: Request) -> Response:
    """The decisions of late, the newest first; with `?refused=1` only refusals.

    Who shows a token of the API gets those on their own requests.
    """
    core = core_of(request)
    refused = request.query_params.get("refused", "0") not in ("0", "false", "")
    with core.store.session() as session:
        caller = caller_of(request)
        records = core.records.recent(_KEPT, refused_only=refused)
        own = [each for each in records if caller is None or _is_of(caller, each)]
        return Json([shape(session, record) for record in own[:_MOST]])


@router.get("/decisions/{key:int}")
async def get_decision(request: Request, key: Key) -> Response:
    """One decision; those of long ago are no longer kept.

    Who shows a token of the API gets those on their own requests.
    """
    core = core_of(request)
    with core.store.session() as session:
        caller = caller_of(request)
        record = core.records.look(key)
        if record is None or (caller is not None and not _is_of(caller, record)):
            raise NotFound("decision", key)
        return Json(shape(session, record))


def _is_of(caller: Caller, record: Record) -> bool:
    """Return whether a decision is on a request of a caller, whose rules may have changed since."""
    decided = record.decision.caller
    task_id = caller.task_id if isinstance(caller, ContainerCaller) else None
    its_task_id = decided.task_id if isinstance(decided, ContainerCaller) else None
    return (caller.kind, caller.id, task_id) == (decided.kind, decided.id, its_task_id)


def shape(session: Session, record: Record) -> dict[str, Any]:
    """A decision with its reasons, for people and programs."""
    decision = record.decision
    reasons = reasons_of(session, decision)
    return {
        "id": record.id,
        "at": record.at.isoformat(),
        "request": record.request,
        "caller": {
            "kind": str(decision.caller.kind),
            "id": decision.caller.id,
            "name": decision.caller.name,
            "organization": decision.caller.organization_id,
        },
        "action": decision.action.name,
        "target": decision.target.text if decision.target else None,
        "allowed": decision.allowed,
        "by": _grant(decision.by) if decision.by else None,
        "obstacle": decision.obstacle or None,
        "ways": [
            {**_grant(way.grant), "held": way.held, "own_roles": list(way.own_roles)}
            for way in reasons.ways
        ],
        "smallest_role": reasons.smallest_role,
        "text": str(decision),
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {"rule": str(grant.rule) if grant.rule else None, "reach": str(grant.reach)}
