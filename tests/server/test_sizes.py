"""Bodies, inputs, results and logs that are larger than they may be."""

import asyncio
import json
import tracemalloc
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
async def task(researcher: Caller) -> int:
    key: int = (await researcher("POST", "/task", task_body(2)))["id"]
    return key


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


def body_with(values: bytes) -> bytes:
    """A task with a field that nobody needs."""
    begin = json.dumps(task_body(2)).encode()[:-1]
    return begin + b', "more": [' + values + b"]}"


@pytest.mark.parametrize(
    "values",
    [b"{}," * 110_000, b"[]," * 110_000, b"1," * 110_000, b'{"a":1},' * 110_000, b"{}," * 900_000],
    ids=["objects", "lists", "numbers", "members", "long"],
)
async def test_a_body_of_too_many_values_is_refused(researcher: Caller, values: bytes) -> None:
    content = body_with(values + b"1")
    answer = await researcher.http.post("/task", content=content, headers=JSON)
    why = "the request body is too large: the JSON has more than 100,000 values"
    assert (answer.status_code, answer.json()["msg"]) == (413, why)
    assert await researcher("GET", "/task") == []


@pytest.fixture
async def roomy(make_server: Callable[..., Server], calling: Callable[..., Any]) -> Caller:
    """A researcher at a server with the sizes that it has by itself."""
    caller: Caller = await calling("researcher", to=make_server())
    return caller


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(content), 64 * KIB):
        yield content[begin : begin + 64 * KIB]


async def test_too_many_values_are_not_held_while_their_body_comes(roomy: Caller) -> None:
    content = body_with(b"{}," * (8 * MIB) + b"1")
    tracemalloc.start()
    try:
        answer = await roomy.http.post("/task", content=pieces(content), headers=JSON)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 413
    assert peak < 6 * MIB


@pytest.mark.parametrize("path", ["/task", "http://localhost/_v6sim/faults"])
async def test_that_holds_for_every_route(path: str, server: Server, researcher: Caller) -> None:
    headers = {**JSON, "Authorization": f"Bearer {server.secret}"} if "_v6sim" in path else JSON
    content = body_with(b"{}," * 600_000 + b"1")
    answer = await researcher.http.post(path, content=content, headers=headers)
    assert answer.status_code == 413


async def test_a_body_of_many_short_texts_is_limited_too(roomy: Caller) -> None:
    content = body_with((b'"' + b"x" * 4000 + b'",') * 2100 + b"1")
    answer = await roomy.http.post("/task", content=content, headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["msg"].endswith("the JSON has more than 8.0 MiB beside its long texts")


async def test_a_long_body_has_to_be_utf_8(researcher: Caller) -> None:
    content = json.dumps(task_body(2, name="n" * MIB)).encode("utf-16")
    answer = await researcher.http.post("/task", content=content, headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["msg"].endswith("JSON of more than 1.0 MiB has to be UTF-8")


async def test_a_task_for_thousands_of_organizations_is_no_large_body(
    roomy: Caller,
) -> None:
    order = {"id": 2, "input": base64_of(6 * KIB)}
    body = {**task_body(), "organizations": [order] * 2000}
    assert len(json.dumps(body)) > 15 * MIB
    answer = await roomy.ask("POST", "/task", body)
    assert answer.json()["msg"] == "an organization is named twice: name each once"


async def test_texts_between_the_short_and_the_long_arrive_whole(researcher: Caller) -> None:
    sizes = (4 * KIB - 1, 4 * KIB, 4 * KIB + 1, 64 * KIB, MIB, MIB + 1)
    for number, size in enumerate(sizes, 1):
        body = task_body(2, more="x" * MIB)  # so that all of it is a long body
        body["organizations"][0]["input"] = given = base64_of(size * 3 // 4)
        await researcher("POST", "/task", body)
        [run] = await researcher("GET", f"/task/{number}/result")
        assert run["input"] == given


async def test_an_input_that_is_an_object_may_hold_a_long_text(researcher: Caller) -> None:
    body = task_body(2)
    body["organizations"][0]["input"] = given = {"kwargs": {"text": "x" * (MIB + 1)}}
    await researcher("POST", "/task", body)
    [run] = await researcher("GET", "/task/1/result")
    assert json.loads(run["input"]) == given


# --- texts ---

LONG_TEXT = "n" * (64 * KIB + 1)


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "field"),
    [
        *(
            ("researcher", "POST", "/task", task_body(2, **{field: LONG_TEXT}), field)
            for field in ("name", "description", "image", "database")
        ),
        *(
            ("root", "PATCH", "/organization/1", {field: LONG_TEXT}, field)
            for field in ("name", "address1", "domain", "country", "public_key")
        ),
        ("root", "POST", "/organization", {"name": LONG_TEXT}, "name"),
        ("root", "PATCH", "/node/8", {"name": LONG_TEXT}, "name"),
        ("root", "PATCH", "/node/8", {"ip": LONG_TEXT}, "ip"),
        ("root", "PATCH", "/collaboration/1", {"name": LONG_TEXT}, "name"),
        ("root", "PATCH", "/user/2", {"firstname": LONG_TEXT}, "firstname"),
        ("root", "PATCH", "/user/2", {"email": LONG_TEXT}, "email"),
        (
            "root", "POST", "/collaboration",
            {"name": LONG_TEXT, "organization_ids": [1], "encrypted": 0}, "name",
        ),
        (
            "root", "POST", "/role",
            {"name": "r", "description": LONG_TEXT, "rules": [1], "organization_id": 1},
            "description",
        ),
        ("root", "POST", "/node", {"collaboration_id": 1, "name": LONG_TEXT}, "name"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 99 else "",
)  # fmt: skip
@pytest.mark.parametrize("factor", [1, 20])
async def test_a_text_that_lists_show_is_limited(
    calling: Callable[..., Any], who: str, method: str, path: str, body: Any, field: str,
    factor: int,
) -> None:  # fmt: skip
    caller = await calling(who)
    answer = await caller.ask(method, path, {**body, field: body[field] * factor})
    assert answer.status_code == 400, answer.text[:200]
    size = f"{len(LONG_TEXT) * factor:,}"
    said = f"{field!r} has {size} characters: at most 64 KiB are possible"
    assert answer.json() == {"message": {field: said}}


async def test_a_text_may_be_as_long_as_the_limit(researcher: Caller) -> None:
    body = task_body(2, name=LONG_TEXT[1:])
    assert (await researcher("POST", "/task", body))["name"] == LONG_TEXT[1:]


@pytest.mark.usefixtures("task")
async def test_a_status_is_limited_and_its_run_goes_on(node: Caller, researcher: Caller) -> None:
    answer = await node.ask("PATCH", "/result/1", {"status": LONG_TEXT})
    assert answer.status_code == 400
    [run] = await researcher("GET", "/task/1/result")
    assert run["status"] == "pending"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/task", task_body(2, collaboration_id="x" * 60_000)),
        ("POST", "/task", task_body(2, name=["x" * 60_000] * 10)),
        ("POST", "/task", {**task_body(), "organizations": ["x" * 60_000]}),
        ("POST", "/task", {**task_body(), "organizations": {"x" * 60_000: 1}}),
        ("POST", "/task", {**task_body(), "organizations": [{"id": "x" * 60_000}]}),
        ("POST", "/node", {"collaboration_id": "x" * 60_000}),
        ("POST", "/role", {"name": "r", "description": "d", "rules": ["x" * 60_000]}),
        ("PATCH", "/node/8", {"organization_id": ["x" * 60_000]}),
        ("PATCH", "/collaboration/1", {"encrypted": "x" * 60_000}),
        ("PATCH", "/collaboration/1", {"organization_ids": {"a": 1, "b": "x" * 60_000}}),
        ("POST", "/kill/task", {"id": "x" * 60_000}),
        ("POST", "/recover/node", {"id": "x" * 60_000}),
        ("PATCH", "/collaboration/1", {"name": ["x"] * 50_000}),
    ],
)
async def test_an_error_does_not_repeat_all_that_was_sent(
    calling: Callable[..., Any], method: str, path: str, body: Any
) -> None:
    answer = await (await calling("root")).ask(method, path, body)
    assert len(answer.content) < 700, answer.text[:100]


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
