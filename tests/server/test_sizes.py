"""Bodies, inputs, results and logs that are larger than they may be."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Caller, task_body
from v6sim.cli.worlds import load
from v6sim.server.app import Server
from v6sim.server.events import Event, RunUpdated
from v6sim.server.settings import Settings
from v6sim.wire.sizes import MIB
from v6sim.world import WorldError

KIB = 1024
DONE = {"status": "completed", "finished_at": "2026-01-01T10:00:00.000000"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    return make_server(max_result="3 MiB", max_input="2 MiB", max_log="4 KiB")


@pytest.fixture
async def researcher(calling: Callable[..., Any]) -> Caller:
    caller: Caller = await calling("researcher")
    return caller


@pytest.fixture
async def node(calling: Callable[..., Any]) -> Caller:
    caller: Caller = await calling(node=1)
    return caller


@pytest.fixture
def told(server: Server) -> list[Event]:
    """What happens to runs."""
    told: list[Event] = []
    server.core.events.subscribe(
        lambda event: told.append(event) if isinstance(event, RunUpdated) else None
    )
    return told


def base64_of(size: int) -> str:
    """A payload of that many bytes as it stands on the wire."""
    return "QUFB" * (size // 3) + {0: "", 1: "QQ==", 2: "QUE="}[size % 3]


class Counted:
    """A body that is sent piece by piece, and knows how much of it was asked for."""

    def __init__(self, pieces: int) -> None:
        self._pieces, self.sent = pieces, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._pieces):
            self.sent += 64 * KIB
            yield b" " * 64 * KIB


# --- settings ---


def test_sizes_are_set_as_numbers_or_texts_and_a_body_has_room_for_a_report() -> None:
    settings = Settings.of({"max_result": "1 GiB", "max_input": 1000})
    assert (settings.max_result, settings.max_input) == (2**30, 1000)
    assert settings.body_limit > 4 * 2**30 // 3 + settings.max_log
    assert Settings.of({"max_body": "1 MiB"}).body_limit == MIB
    by_default = Settings.of({})
    assert (by_default.max_result, by_default.max_input) == (256 * MIB, 64 * MIB)
    assert (by_default.max_log, by_default.max_body) == (10 * MIB, None)


@pytest.mark.parametrize("name", ["max_result", "max_input", "max_log", "max_body"])
def test_what_is_no_size_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(f"settings:\n  type: prod\n  {name}: 256 XiB\n")
    with pytest.raises(WorldError) as caught:
        load(str(world))
    assert str(caught.value) == (
        f"{world}:3: settings.{name}: expected a size of one byte or more, such as 1000000 or "
        "256 MiB, not '256 XiB'"
    )


# --- bodies ---


async def test_a_body_that_says_it_is_too_large_is_not_read(
    researcher: Caller, server: Server
) -> None:
    body = Counted(10)
    page = {"Origin": "http://localhost:8080"}
    headers = {**JSON, **page, "Content-Length": str(2**30)}
    for method, path in (("POST", "/task"), ("POST", "/kill/task"), ("PATCH", "/node/8")):
        answer = await researcher.http.request(method, path, content=body, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["msg"].startswith("request body is 1.0 GiB; limit is ")
        assert answer.json()["msg"].endswith("(max_body)")
        assert answer.headers["access-control-allow-origin"] == page["Origin"]
    assert body.sent == 0
    [noted] = server.core.journal.requests(method="POST", path="/kill/task")
    assert noted.status == 413


async def test_a_body_of_unknown_size_is_read_as_far_as_it_may_go(
    calling: Callable[..., Any], make_server: Callable[..., Server]
) -> None:
    researcher = await calling("researcher", to=make_server(max_body="1 MiB"))
    body = Counted(1000)
    answer = await researcher.http.request("POST", "/task", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["msg"]) == (
        413,
        "request body is larger than 1.0 MiB (max_body)",
    )
    assert body.sent == MIB + 64 * KIB


async def test_nobody_has_a_long_body_read_without_a_token(calling: Callable[..., Any]) -> None:
    nobody = await calling()
    log = "http://localhost/_v6sim/runs/1/log"
    for path, expected in (("/task", 401), (log, 401), ("/token/user", 413)):
        body = Counted(40)
        answer = await nobody.http.request("POST", path, content=body, headers=JSON)
        assert answer.status_code == expected
        assert body.sent <= MIB + 64 * KIB
    assert "limit" not in answer.text
    assert "larger than 1.0 MiB" in answer.text


async def test_what_is_not_json_is_never_long(researcher: Caller) -> None:
    body = Counted(40)
    answer = await researcher.http.request("POST", "/task", content=body)
    assert answer.status_code == 413
    assert "(the most of what is not JSON)" in answer.json()["msg"]


async def test_what_other_routes_take_is_limited_too(server: Server) -> None:
    transport = httpx.ASGITransport(server.app, client=("127.0.0.1", 9))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as nobody:
        for path in ("/socket.io/?EIO=4&transport=polling&sid=x", "/_v6sim/faults"):
            headers = {"Authorization": f"Bearer {server.secret}", "Content-Length": str(2**31)}
            answer = await nobody.post(path, content=b"", headers=headers)
            assert answer.status_code == 413, path
            assert "(max_body)" in answer.text


# --- inputs ---


async def test_a_task_whose_input_is_too_large_is_refused_and_nothing_is_stored(
    researcher: Caller,
) -> None:
    body = task_body(2, 3)
    body["organizations"][1]["input"] = base64_of(2 * MIB + 1)
    answer = await researcher.ask("POST", "/task", body)
    assert (answer.status_code, answer.json()["msg"]) == (
        413,
        "input is 2097153 bytes; limit is 2097152 bytes (max_input)",
    )
    assert await researcher("GET", "/task") == []
    body["organizations"][1]["input"] = base64_of(2 * MIB)
    assert (await researcher("POST", "/task", body))["id"] == 1


# --- results ---


@pytest.fixture
async def task(researcher: Caller) -> int:
    key: int = (await researcher("POST", "/task", task_body(2)))["id"]
    return key


async def test_a_result_may_be_as_large_as_the_setting_says(
    task: int, node: Caller, researcher: Caller
) -> None:
    result = base64_of(3 * MIB)
    await node("PATCH", "/result/1", {**DONE, "result": result})
    [run] = await researcher("GET", f"/task/{task}/result")
    assert (run["status"], run["result"]) == ("completed", result)


async def test_a_result_that_is_too_large_ends_its_run_with_the_reason(
    task: int, node: Caller, researcher: Caller, told: list[Event]
) -> None:
    report = {**DONE, "result": base64_of(7 * MIB // 2), "log": "it said this"}
    answer = await node.ask("PATCH", "/result/1", report)
    why = "result is 3.5 MiB; limit is 3.0 MiB (max_result)"
    assert (answer.status_code, answer.json()["msg"]) == (413, why)
    [run] = await researcher("GET", f"/task/{task}/result")
    assert (run["status"], run["result"]) == ("failed", None)
    assert run["log"] == f"it said this\nserver > {why}\n"
    assert run["finished_at"] is not None
    shown = await researcher("GET", f"/task/{task}")
    assert (shown["complete"], shown["status"]) == (True, "failed")
    assert told == [RunUpdated(1, task, 1, "failed", has_ended=True, completes_task=True)]
    again = await node.ask("PATCH", "/result/1", report)  # as a genuine node does
    assert again.status_code == 400


async def test_a_report_that_says_it_is_far_too_large_ends_its_run_unread(
    task: int, node: Caller, researcher: Caller, server: Server
) -> None:
    server.core.logs.append(1, task, "so far", 0)
    body = Counted(10)
    headers = {**JSON, "Content-Length": str(4 * (2**30 + 2) // 3 + 120)}
    answer = await node.http.patch("/result/1", content=body, headers=headers)
    why = "result is 1.0 GiB; limit is 3.0 MiB (max_result)"
    assert (answer.status_code, answer.json()["msg"], body.sent) == (413, why, 0)
    [run] = await researcher("GET", f"/task/{task}/result")
    assert (run["status"], run["log"]) == ("failed", f"so far\nserver > {why}\n")


async def test_a_report_of_unknown_size_ends_its_run_once_it_is_too_large(
    task: int, node: Caller, researcher: Caller
) -> None:
    answer = await node.http.patch("/result/1", content=Counted(1000), headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["msg"] == "result is larger than 3.0 MiB (max_result)"
    [run] = await researcher("GET", f"/task/{task}/result")
    assert run["status"] == "failed"


async def test_who_waits_for_the_task_is_told_at_once(
    calling: Callable[..., Any], make_server: Callable[..., Server]
) -> None:
    server = make_server(hold_seconds=60, max_result="1 KiB")
    researcher, node = await calling("researcher", to=server), await calling(node=1, to=server)
    await researcher("POST", "/task", task_body(2))
    poll = asyncio.create_task(researcher("GET", "/task/1"))
    await asyncio.wait({poll}, timeout=0.05)
    refused = await node.ask("PATCH", "/result/1", {**DONE, "result": base64_of(2 * KIB)})
    assert refused.status_code == 413
    async with asyncio.timeout(5):
        assert (await poll)["status"] == "failed"


async def test_nobody_else_can_end_a_run_by_a_report_that_is_too_large(
    task: int, calling: Callable[..., Any], researcher: Caller
) -> None:
    page = {"Origin": "http://localhost:8080"}
    headers = {**JSON, **page, "Content-Length": str(2**30)}
    other, nobody = await calling(node=2), await calling()
    for caller in (other, researcher, nobody):
        for options in (
            {"content": Counted(1), "headers": headers},
            {"content": json.dumps({"result": base64_of(4 * MIB)}), "headers": JSON},
        ):
            answer = await caller.http.patch("/result/1", **options)
            assert answer.status_code == 401, answer.text
    missing = await other.http.patch("/result/99", content=Counted(1), headers=headers)
    assert missing.status_code == 404
    [run] = await researcher("GET", f"/task/{task}/result")
    assert (run["status"], run["finished_at"]) == ("pending", None)


# --- logs ---


async def test_of_a_log_that_is_too_long_the_middle_is_left_out(
    task: int, node: Caller, researcher: Caller
) -> None:
    log = "".join(f"line {number}\n" for number in range(5000))
    await node("PATCH", "/result/1", {**DONE, "result": "cg==", "log": log})
    [run] = await researcher("GET", f"/task/{task}/result")
    assert run["status"] == "completed"
    assert run["log"].startswith("line 0\nline 1\n")
    assert run["log"].endswith("line 4999\n")
    assert "; limit is 4.0 KiB (max_log): its middle is left out here" in run["log"]
    assert len(run["log"]) < 5 * KIB


def live_pieces() -> Iterator[dict[str, Any]]:
    for number in range(3):
        yield {"text": "x" * 2 * KIB, "offset": number * 2 * KIB}


async def test_the_log_of_a_run_that_is_under_way_has_the_same_limit(
    task: int, node: Caller, server: Server
) -> None:
    for piece in live_pieces():
        answer = await node.http.post("http://localhost/_v6sim/runs/1/log", json=piece)
        assert answer.status_code == 204
    assert len(server.core.logs.of(1)) == 4 * KIB
