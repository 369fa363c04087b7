"""What left the organizations: a part of the pages of tasks and runs, and a page of its own."""

import asyncio
import json
from collections import Counter
from typing import Any

from starlette.responses import Response

from v6sim.inspector.asks import Ask
from v6sim.inspector.seen import Seen
from v6sim.server.control.egress import Wanted, names_of, read_all
from v6sim.server.errors import ServerError
from v6sim.server.store.find import look
from v6sim.server.store.tables import Collaboration, Task

_MOST = 200  # entries on a page
_LONGEST = 20_000  # characters of a content
_LONGEST_PAGE = 1_000_000  # characters of all contents on it


async def show(ask: Ask) -> Response:
    """What left, with what the checks find; `?task=` or `?run=` narrow that."""
    task, run = _number(ask.query("task")), _number(ask.query("run"))
    if task is None and run is None and not ask.visitor.sees_all:
        return _page(ask, [], "choose one of your tasks: its page shows what left because of it")
    if not ask.house.server.egress:
        why = "no nodes run beside this server: a node elsewhere keeps its own ledger"
        return _page(ask, [], why)
    if run is not None:
        with ask.seeing() as seen:
            task = seen.run(run).task_id
    wanted = Wanted(
        names_of(ask.core), task_id=task, run_id=run, full=True, most=_MOST + 1, longest=_LONGEST
    )
    content = await read_all(ask.house.server.egress, wanted)
    found = await asyncio.to_thread(json.loads, content)
    with ask.seeing() as seen:
        rows = [row for row in found[-_MOST:] if _may_see(ask, seen, row)]
        for row in rows:
            _prepare(ask, seen, row)
    _shorten(rows[::-1])
    return await asyncio.to_thread(_page, ask, rows[::-1], is_cut=len(found) > _MOST)


def _page(ask: Ask, rows: list[dict[str, Any]], why_none: str = "", **content: Any) -> Response:
    rules = Counter(each["rule"] for row in rows for each in row["findings"])
    left = [row for row in rows if row["has_left"]]
    kinds = Counter(row["what"] for row in left)
    size = sum(row["bytes"] * row["times"] for row in left)
    return ask.page(
        "egress_part" if ask.is_part else "egress",
        **{"rows": rows, "rules": rules, "kinds": kinds, "size": size, "why_none": why_none,
           "is_cut": False, **content},
    )  # fmt: skip


def _may_see(ask: Ask, seen: Seen, row: dict[str, Any]) -> bool:
    """Whether the API would show the visitor the run that something comes from."""
    if ask.visitor.sees_all or row["number"] == 0:  # what was dropped
        return True
    try:
        return row["run"] is not None and bool(seen.run(row["run"]))
    except ServerError:
        return False


def _prepare(ask: Ask, seen: Seen, row: dict[str, Any]) -> None:
    """Leave out what only those may read who hold a key: the ledger has it in plain."""
    row["is_long"] = row["is_cut"]
    row["is_sealed"] = False
    if ask.visitor.sees_all or row["run"] is None or not _is_encrypted(seen, row["task"]):
        return
    caller = ask.visitor.caller
    holders = {seen.run(row["run"]).organization_id, *row["receivers"]}
    if caller is None or caller.organization_id not in holders:
        row.update(is_sealed=True, content="", problem=None, findings=[], unchecked=[])


def _shorten(rows: list[dict[str, Any]]) -> None:
    """Show no more contents than a page holds: those of the first ones."""
    left = _LONGEST_PAGE
    for row in rows:
        if len(row["content"]) > left:
            row.update(content=row["content"][:left], is_long=True)
        left -= len(row["content"])


def _is_encrypted(seen: Seen, task_id: int | None) -> bool:
    task = look(seen.session, Task, task_id)
    collaboration = look(seen.session, Collaboration, task.collaboration_id) if task else None
    return collaboration is None or bool(collaboration.encrypted)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
