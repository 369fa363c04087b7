"""Texts of runs that are too long for a row: they are kept, and answered, in pieces."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from tests.conftest import Caller, task_body
from v6sim.server.app import Server
from v6sim.server.control.reset import reset
from v6sim.server.control.snapshots import restore
from v6sim.server.store.tables import TextPiece
from v6sim.server.store.texts import TextGone, long_texts
from v6sim.wire.sizes import MIB

DONE = {"status": "completed", "finished_at": "2026-01-01T10:00:00.000000"}
LONG = {
    "input": "aW5w" * MIB,  # 4 MiB, as are the others
    "result": "cmVz" * MIB,
    "log": 'a "quoted" word, é€漢, and a tab\t\n' * (MIB // 8),
}
BRIEF = {"Prefer": "return=minimal"}


@pytest.fixture
async def callers(calling: Callable[..., Any]) -> tuple[Caller, Caller]:
    return await calling("researcher"), await calling(node=1)


async def run_long(researcher: Caller, node: Caller) -> int:
    """Have a run with long texts made; returns the id of its task."""
    body = task_body(2)
    body["organizations"][0]["input"] = LONG["input"]
    task: int = (await researcher("POST", "/task", body))["id"]
    [run] = await researcher("GET", f"/task/{task}/result")
    report = {**DONE, "result": LONG["result"], "log": LONG["log"]}
    answer = await node("PATCH", f"/result/{run['id']}", report)
    assert {name: answer[name] for name in LONG} == LONG
    return task


def texts(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in LONG}


def pieces(server: Server) -> int:
    with server.core.store.session() as session:
        return session.exec(select(func.count()).select_from(TextPiece)).one()


async def test_they_are_answered_whole_wherever_runs_are(callers: Any, server: Server) -> None:
    researcher, node = callers
    task = await run_long(researcher, node)
    small = await researcher("POST", "/task", task_body(2))
    for path in (
        f"/task/{task}/result",
        f"/result?task_id={task}",
        f"/result?task_id={task}&page=1",
    ):
        [row] = await researcher("GET", path)
        assert texts(row) == LONG, path
    assert texts(await researcher("GET", "/result/1")) == LONG
    assert texts((await researcher("GET", f"/task/{task}?include=results"))["results"][0]) == LONG
    listed = await researcher("GET", "/task?include=results")
    assert [each["id"] for each in listed] == [small["id"], task]
    assert [texts(each["results"][0])["input"] for each in listed] == ["aW5wdXQ=", LONG["input"]]
    wrapped = await researcher("GET", "/result?include=metadata&include=task")
    assert texts(wrapped["data"][1]) == LONG
    assert pieces(server) >= 9


async def test_an_answer_with_them_is_not_kept_and_not_held_as_one(callers: Any) -> None:
    researcher, node = callers
    await run_long(researcher, node)
    for _ in range(2):
        answer = await researcher.ask("GET", "/result")
        assert "content-length" not in answer.headers
        assert texts(answer.json()[0]) == LONG
    head = await researcher.ask("HEAD", "/result")
    assert (head.status_code, head.content) == (200, b"")


async def test_who_prefers_it_is_told_their_lengths_alone(callers: Any) -> None:
    researcher, node = callers
    await run_long(researcher, node)
    lengths = {name: {"omitted": len(text)} for name, text in LONG.items()}
    for path in ("/result/1", "/result", "/task/1/result", "/task?include=results"):
        answer = await researcher.ask("GET", path, headers=BRIEF)
        row = answer.json() if path == "/result/1" else answer.json()[0]
        row = row["results"][0] if "results" in row else row
        assert texts(row) == lengths
        assert answer.headers["preference-applied"] == "return=minimal"
    whole = await researcher.ask("GET", "/result")
    assert texts(whole.json()[0]) == LONG
    assert "preference-applied" not in whole.headers


async def test_short_texts_are_never_left_out(callers: Any) -> None:
    researcher, _ = callers
    await researcher("POST", "/task", task_body(2))
    answer = await researcher.ask("GET", "/result/1", headers=BRIEF)
    assert answer.json()["input"] == "aW5wdXQ="
    assert "preference-applied" not in answer.headers


async def test_what_a_report_leaves_out_becomes_empty(callers: Any, server: Server) -> None:
    researcher, node = callers
    await researcher("POST", "/task", task_body(2))
    for report in ({"result": LONG["result"], "log": LONG["log"]}, {"status": "active"}):
        run = await node("PATCH", "/result/1", report)
        assert (run["result"], run["log"]) == (report.get("result"), report.get("log"))
    assert pieces(server) == 0
    await node("PATCH", "/result/1", {"result": LONG["result"]})
    run = await node("PATCH", "/result/1", {**DONE, "result": "c2hvcnQ="})
    assert (run["result"], pieces(server)) == ("c2hvcnQ=", 0)


async def test_they_go_with_their_task(callers: Any, server: Server) -> None:
    researcher, node = callers
    task = await run_long(researcher, node)
    other = await run_long(researcher, node)
    before = pieces(server)
    await researcher("DELETE", f"/task/{task}")
    assert pieces(server) == before / 2
    [row] = await researcher("GET", "/result")
    assert texts(row) == LONG
    assert row["task"]["id"] == other


async def test_a_snapshot_has_them_and_a_reset_has_not(callers: Any, server: Server) -> None:
    researcher, node = callers
    await run_long(researcher, node)
    server.core.snapshots["here"] = server.core.store.snapshot()
    reset(server.core)
    assert pieces(server) == 0
    restore(server.core, "here")
    assert texts(await researcher("GET", "/result/1")) == LONG


async def test_a_database_keeps_them(
    calling: Callable[..., Any], make_server: Callable[..., Server], tmp_path: Path
) -> None:
    url, secret = f"sqlite:///{tmp_path / 'server.db'}", "a-secret-that-is-long-enough-0123456789"
    server = make_server(database_url=url, jwt_secret_key=secret)
    researcher, node = await calling("researcher", to=server), await calling(node=1, to=server)
    await run_long(researcher, node)
    server.core.store.close()
    again = make_server(database_url=url, jwt_secret_key=secret)
    researcher = await calling("researcher", to=again)
    assert texts(await researcher("GET", "/result/1")) == LONG


async def test_what_a_task_has_printed_is_shown_whole(callers: Any, server: Server) -> None:
    researcher, node = callers
    await run_long(researcher, node)
    transport = httpx.ASGITransport(server.app, client=("127.0.0.1", 9))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as control:
        secret = {"Authorization": f"Bearer {server.secret}"}
        [run] = (await control.get("/_v6sim/tasks/1/logs", headers=secret)).json()
    assert run["log"] == LONG["log"]


async def test_an_answer_breaks_off_if_a_text_goes_meanwhile(callers: Any, server: Server) -> None:
    researcher, node = callers
    task = await run_long(researcher, node)
    with server.core.store.session() as session:
        text = long_texts(session, [1])[1, "result"]
    found = iter(text)
    assert LONG["result"].startswith(next(found))
    await researcher("DELETE", f"/task/{task}")
    with pytest.raises(TextGone, match="the result of run 1 is no longer here"):
        next(found)
