"""What left the nodes that run beside the server, in the words of who keeps the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter, Request, Response
from sqlmodel import select

from v6sim.runtime.client_disconnect import until_gone
from v6sim.server.errors import Invalid
from v6sim.server.operations.call import Core
from v6sim.server.store.tables import Organization
from v6sim.server.v3.requests import core_of

router = APIRouter()

_LONGEST_NUMBER = 18  # characters


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to know.

    Args:
        names: the names of organizations, by id.
        task_id: only what left because of this task or one below it; None for everything.
        run_id: only what left because of this run; None for all of them.
        min_count: counts below it are found; None for the default.
        full: whether with all of the contents.
        most: how many entries, the newest ones; None for all.
        longest: how many characters of a content; None for as many as are shown.
    """

    names: Mapping[int, str] = field(repr=False)
    task_id: int | None = None
    run_id: int | None = None
    min_count: int | None = None
    full: bool = False
    most: int | None = None
    longest: int | None = None


class Reader(Protocol):
    """Knows what left some nodes."""

    async def __call__(self, wanted: Wanted, /) -> bytes:
        """What left, the oldest first, as a JSON array."""
        ...


async def read_all(readers: Sequence[Reader], wanted: Wanted) -> bytes:
    """What left the nodes of all readers, as a JSON array."""
    rows = [(await reader(wanted)).strip()[1:-1] for reader in readers]
    return b"[%s]" % b", ".join(row for row in rows if row)


@router.get("/egress")
async def list_departures(request: Request) -> Response:
    """What left, with what the checks find; `task`, `min_count` and `full=1` say what is wanted."""
    readers: list[Reader] = request.app.state.egress
    if not readers:
        raise Invalid(
            "no nodes run beside this server: a node elsewhere keeps its own ledger, with "
            "`v6sim node --egress FILE`"
        )
    wanted = Wanted(
        names_of(core_of(request)),
        task_id=_number(request, "task"),
        min_count=_number(request, "min_count"),
        full=request.query_params.get("full", "0") not in ("0", "false", ""),
    )
    found = await until_gone(request.receive, read_all(readers, wanted))
    return Response(found or b"[]", media_type="application/json")


def names_of(core: Core) -> dict[int, str]:
    """The names of all organizations, by id."""
    with core.store.session() as session:
        return {row.id: row.name or "" for row in session.exec(select(Organization))}


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise Invalid(f"{name}={text!r:.60}: a number is expected")
    return int(text)
