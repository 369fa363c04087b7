"""What an algorithm sees as its server."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import httpx
import pytest
from pydantic import SecretStr

from tests.conftest import API_KEYS
from tests.node.conftest import PATIENCE, Person
from v6sim.node.departures import Departure
from v6sim.node.limits import Limits
from v6sim.node.line import Address, Line
from v6sim.node.link import Link
from v6sim.node.proxy import Proxy, Visitor
from v6sim.server.serving import Serving
from v6sim.wire.cryptor import Cryptor, PlainCryptor
from v6sim.wire.long_text import AnyText
from v6sim.wire.payload import to_bytes, to_text
from v6sim.wire.sizes import MIB


class Reversing:
    """Stands for encryption: what is sealed reads backwards, and names its key."""

    encrypted = True

    def encrypt(self, payload: bytes, public_key: str) -> str:
        return to_text(payload[::-1] + b" for " + public_key.encode())

    def decrypt(self, text: AnyText) -> bytes:
        content = to_bytes(text)
        if not content.endswith(b" for me"):
            raise ValueError("not for me")
        return content.removesuffix(b" for me")[::-1]


@pytest.fixture
def cryptor() -> Cryptor:
    return PlainCryptor()


@pytest.fixture
def sent() -> list[str]:
    """The requests that reach the server, as method and path with query."""
    return []


@pytest.fixture
async def link(serving: Serving, sent: list[str]) -> AsyncIterator[Link]:
    """The line of the node of organization 2."""
    trace = aiohttp.TraceConfig()

    async def note(_session: Any, _context: Any, request: aiohttp.TraceRequestStartParams) -> None:
        sent.append(f"{request.method} {request.url.path_qs}")

    trace.on_request_start.append(note)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        link = Link(Line(Address.of(serving.api_url), session), SecretStr(API_KEYS[0]))
        await link.sign_in()
        yield link


@pytest.fixture
async def proxy(link: Link, cryptor: Cryptor, departures: list[Departure]) -> AsyncIterator[Proxy]:
    proxy = Proxy(link, 8, cryptor, departures.append, patience=PATIENCE)
    await proxy.start()
    yield proxy
    await proxy.stop()


@contextmanager
def memory() -> Iterator[Callable[[], int]]:
    """Measures the most that is taken meanwhile, in bytes."""
    tracemalloc.start()
    try:
        yield lambda: peak
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


class Algorithm:
    """An algorithm that talks to the proxy."""

    def __init__(self, http: httpx.AsyncClient, task: int) -> None:
        self.http, self.task = http, task
        self.subtasks = 0
        self.notes: list[str] = []

    async def create(self, *organizations: int, content: bytes = b"hello") -> httpx.Response:
        body = {
            "name": "subtask",
            "image": "some/image",
            "collaboration_id": 1,
            "organizations": [{"id": each, "input": to_text(content)} for each in organizations],
        }
        return await self.http.post("/task", json=body)


@pytest.fixture
async def algorithm(
    proxy: Proxy, link: Link, researcher: Person, sent: list[str]
) -> AsyncIterator[Algorithm]:
    task = await researcher.send("master", 2, image="some/image", master=True)
    asked = {"task_id": task, "image": "some/image"}
    token = (await link.ask("POST", "token/container", asked))["container_token"]
    sent.clear()
    http = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{await proxy.listen()}",
        headers={"Authorization": f"Bearer {token}"},
    )
    async with http:
        algorithm = Algorithm(http, task)

        def created() -> None:
            algorithm.subtasks += 1

        proxy.admit(token, Visitor(77, created, algorithm.notes, task))
        yield algorithm
        proxy.dismiss(token)


async def test_a_subtask_is_created_and_answered_with_200(
    algorithm: Algorithm, researcher: Person
) -> None:
    answer = await algorithm.create(2, 3)
    assert answer.status_code == 200
    subtask = answer.json()
    assert subtask["parent"]["id"] == algorithm.task
    assert algorithm.subtasks == 1
    runs = await researcher.ask("GET", f"/task/{subtask['id']}/result")
    assert [(run["organization"], to_bytes(run["input"])) for run in runs] == [
        (2, b"hello"), (3, b"hello"),
    ]  # fmt: skip


async def test_a_task_for_nobody_is_refused_by_the_proxy(
    algorithm: Algorithm, sent: list[str]
) -> None:
    answer = await algorithm.create()
    assert (answer.status_code, answer.json()["msg"]) == (400, "Organizations missing from input")
    assert sent == []


async def test_a_refused_task_is_not_repeated_and_collapses(
    algorithm: Algorithm, sent: list[str]
) -> None:
    answer = await algorithm.create(999)
    assert (answer.status_code, answer.json()["msg"]) == (500, "Request failed, see node logs")
    assert sent == ["POST /api/task"]
    assert algorithm.subtasks == 0
    assert len(algorithm.notes) == 1
    assert algorithm.notes[0].startswith("the server refused POST /task: 4")


async def test_a_failing_request_is_tried_three_times_and_collapses(
    algorithm: Algorithm, sent: list[str]
) -> None:
    answer = await algorithm.http.get("/task/999")
    assert (answer.status_code, answer.json()["msg"]) == (500, "Request failed, see node logs")
    assert sent == ["GET /api/task/999"] * 3
    assert algorithm.notes[0].startswith("the server refused GET /task/999: 404 ")


async def test_a_server_that_is_away_is_waited_for(
    algorithm: Algorithm, serving: Serving, sent: list[str]
) -> None:
    await serving.__aexit__(None, None, None)
    asked = asyncio.create_task(algorithm.http.get("/version", timeout=PATIENCE))
    async with asyncio.timeout(PATIENCE):
        while not sent:  # noqa: ASYNC110 - it grows in a callback of aiohttp
            await asyncio.sleep(0)
    await serving.__aenter__()
    assert (await asked).status_code == 200


async def test_a_server_that_stays_away_collapses_too(
    link: Link, serving: Serving, departures: list[Departure]
) -> None:
    proxy = Proxy(link, 8, PlainCryptor(), departures.append, patience=0.2)
    await proxy.start()
    port = await proxy.listen()
    await serving.__aexit__(None, None, None)
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{port}/version")
    assert (answer.status_code, answer.json()["msg"]) == (500, "Request failed, see node logs")
    await proxy.stop()
    await serving.__aenter__()


async def test_a_node_that_stops_is_a_plain_failure(
    algorithm: Algorithm, link: Link, caplog: pytest.LogCaptureFixture
) -> None:
    await link.line.http.close()
    assert (await algorithm.http.get("/version")).status_code == 500
    assert not caplog.records


async def test_answers_come_through_as_they_are(algorithm: Algorithm) -> None:
    answer = await algorithm.http.get("/collaboration/1/organization")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert [each["id"] for each in answer.json()] == [2, 3, 4]
    assert "total-count" in answer.headers


async def test_all_values_of_a_repeated_parameter_are_passed_on(
    algorithm: Algorithm, sent: list[str]
) -> None:
    await algorithm.http.get("/task", params=[("include", "metadata"), ("include", "result")])
    assert sent == ["GET /api/task?include=metadata&include=result"]


async def test_only_the_token_of_the_headers_is_passed_on(algorithm: Algorithm) -> None:
    answer = await algorithm.http.get("/version", headers={"Host": "elsewhere", "X-Own": "1"})
    assert answer.status_code == 200


async def test_without_a_token_only_the_version_is_had(
    algorithm: Algorithm, sent: list[str]
) -> None:
    for path, status in (("/task/1", 404), ("/health", 404), ("/version", 200)):
        answer = await algorithm.http.get(path, headers={"Authorization": ""})
        assert (path, answer.status_code) == (path, status)
    assert sent == ["GET /api/version"]


async def test_the_root_is_nothing(algorithm: Algorithm) -> None:
    assert (await algorithm.http.get("/")).status_code == 404


async def test_results_of_an_unencrypted_collaboration_are_unchanged(
    algorithm: Algorithm, link: Link
) -> None:
    subtask = (await algorithm.create(2)).json()["id"]
    (run,) = await link.ask("GET", "result", params={"task_id": subtask})
    report = {"result": to_text(b"answer"), "status": "completed", "log": "",
              "finished_at": "2026-01-01T00:00:00.000000"}  # fmt: skip
    await link.ask("PATCH", f"result/{run['id']}", report)
    (row,) = (await algorithm.http.get(f"/task/{subtask}/result")).json()
    assert row["result"] == to_text(b"answer")
    alone = (await algorithm.http.get(f"/result/{run['id']}")).json()
    assert alone["result"] == row["result"]


async def test_what_leaves_is_told_before_it_goes(
    algorithm: Algorithm, departures: list[Departure]
) -> None:
    await algorithm.create(3, content=b"secret")
    await algorithm.http.get("/organization?collaboration_id=1")
    await algorithm.http.get("/result/1")
    around = b'{"name":"subtask","image":"some/image","collaboration_id":1}'
    assert [(each.kind, each.run_id, each.receivers, each.content) for each in departures] == [
        ("request", 77, (), b"POST /task\n" + around),
        ("subtask input", 77, (3,), b"secret"),
        ("request", 77, (), b"GET /organization?collaboration_id=1\n"),
        ("request", 77, (), b"GET /result/1\n"),
    ]
    assert {(each.task_id, each.parent_id) for each in departures} == {(algorithm.task, None)}
    assert "secret" not in repr(departures)


class TestOfAnEncryptedCollaboration:
    """What only matters where payloads are sealed."""

    @pytest.fixture
    def cryptor(self) -> Cryptor:
        return Reversing()

    @pytest.fixture
    async def keys(self, person: Any) -> None:
        root = await person("root")
        for organization in (2, 3):
            body = {"public_key": f"key{organization}"}
            await root.ask("PATCH", f"/organization/{organization}", body)

    @pytest.mark.usefixtures("keys")
    async def test_inputs_are_sealed_for_each_receiver(
        self, algorithm: Algorithm, researcher: Person
    ) -> None:
        subtask = (await algorithm.create(2, 3)).json()
        runs = await researcher.ask("GET", f"/task/{subtask['id']}/result")
        inputs = [to_bytes(run["input"]) for run in runs]
        assert inputs == [b"olleh for key2", b"olleh for key3"]

    async def test_results_are_opened_if_they_can_be(
        self, algorithm: Algorithm, link: Link
    ) -> None:
        subtask = (await algorithm.create(2, 3)).json()["id"]
        query = {"task_id": subtask, "organization_id": 2}
        (own,) = await link.ask("GET", "result", params=query)
        report = {"result": to_text(b"rewsna for me"), "status": "completed", "log": "",
                  "finished_at": "2026-01-01T00:00:00.000000"}  # fmt: skip
        await link.ask("PATCH", f"result/{own['id']}", report)
        first, second = (await algorithm.http.get(f"/task/{subtask}/result")).json()
        assert to_bytes(first["result"]) == b"answer"
        assert second["result"] is None
        alone = (await algorithm.http.get(f"/result/{own['id']}")).json()
        assert to_bytes(alone["result"]) == b"answer"
        wrapped = (await algorithm.http.get(f"/task/{subtask}/result?include=metadata")).json()
        assert wrapped["data"][0] == first


# --- sizes ---


@pytest.mark.parametrize("value", [b"{}", b"[]", b"1"])
async def test_a_task_of_too_many_values_is_refused_and_noted(
    algorithm: Algorithm, sent: list[str], value: bytes
) -> None:
    begin = b'{"organizations": [{"id": 2, "input": ""}], "more": ['
    content = begin + (value + b",") * (2 * MIB // (len(value) + 1)) + b"1]}"
    answer = await algorithm.http.post("/task", content=content)
    why = "the request is too large: the JSON has more than 100,000 values"
    assert (answer.status_code, answer.json()["msg"]) == (413, why)
    assert algorithm.notes == [f"POST /task: {why}"]
    assert sent == []


class TestOfLimits:
    """How large inputs and results may be."""

    @pytest.fixture
    async def proxy(
        self, link: Link, cryptor: Cryptor, departures: list[Departure]
    ) -> AsyncIterator[Proxy]:
        limits = Limits(max_input=2 * MIB, max_result=4 * MIB)
        proxy = Proxy(link, 8, cryptor, departures.append, patience=PATIENCE, limits=limits)
        await proxy.start()
        yield proxy
        await proxy.stop()

    async def test_an_input_that_is_too_large_is_refused_and_noted(
        self, algorithm: Algorithm, sent: list[str]
    ) -> None:
        why = "input is 2097153 bytes; limit is 2097152 bytes (max_input)"
        answer = await algorithm.create(2, content=bytes(2 * MIB + 1))
        assert (answer.status_code, answer.json()["msg"]) == (413, why)
        assert algorithm.notes == [f"POST /task: {why}"]
        assert sent == []

    async def test_a_long_input_goes_through_whole(
        self, algorithm: Algorithm, researcher: Person, departures: list[Departure]
    ) -> None:
        content = bytes(range(256)) * (2 * MIB // 256)
        subtask = (await algorithm.create(2, 3, content=content)).json()
        runs = await researcher.ask("GET", f"/task/{subtask['id']}/result")
        assert [to_bytes(run["input"]) for run in runs] == [content] * 2
        assert [each.content for each in departures if each.kind == "subtask input"] == [
            content
        ] * 2

    async def test_what_is_far_too_large_is_not_kept(self, algorithm: Algorithm) -> None:
        async def huge() -> AsyncIterator[bytes]:
            yield b'{"organizations": [{"id": 2, "input": "'
            for _ in range(64):
                yield b"A" * MIB

        answer = await algorithm.http.post("/task", content=huge())
        assert answer.status_code == 413
        assert algorithm.notes == ["POST /task: the request is larger than 6.3 MiB"]

    async def test_a_long_text_that_is_no_input_is_refused_and_noted(
        self, algorithm: Algorithm, sent: list[str]
    ) -> None:
        body = {"organizations": [{"id": 2, "input": ""}], "name": ["n" * 2 * MIB]}
        answer = await algorithm.http.post("/task", json=body)
        why = "'name' of the request has more than 1,048,576 characters"
        assert (answer.status_code, answer.json()["msg"]) == (413, why)
        assert algorithm.notes == [f"POST /task: {why}"]
        assert sent == []

    async def test_too_many_values_of_another_request_are_not_passed_on(
        self, algorithm: Algorithm
    ) -> None:
        content = b"[" + b"{}," * MIB + b"1]"
        with memory() as peak:
            answer = await algorithm.http.request("GET", "/organization", content=content)
        assert answer.status_code == 200
        assert peak() < 30 * MIB

    async def test_what_is_for_no_task_is_short(self, algorithm: Algorithm) -> None:
        answer = await algorithm.http.request("GET", "/organization", content=bytes(5 * MIB))
        assert answer.status_code == 413

    async def with_result(self, algorithm: Algorithm, link: Link, result: str) -> str:
        """The path of a run that has this result."""
        subtask = (await algorithm.create(2)).json()["id"]
        (run,) = await link.ask("GET", "result", params={"task_id": subtask})
        report = {"result": result, "status": "completed", "log": "",
                  "finished_at": "2026-01-01T00:00:00.000000"}  # fmt: skip
        await link.ask("PATCH", f"result/{run['id']}", report)
        return f"/result/{run['id']}"

    async def test_a_long_result_comes_through_whole(
        self, algorithm: Algorithm, link: Link, sent: list[str]
    ) -> None:
        content = bytes(range(256)) * (4 * MIB // 256)
        path = await self.with_result(algorithm, link, to_text(content))
        sent.clear()
        assert to_bytes((await algorithm.http.get(path)).json()["result"]) == content
        task = (await algorithm.http.get("/task?include=results")).json()[0]
        assert to_bytes(task["results"][0]["result"]) == content
        assert sent == [f"GET /api{path}", "GET /api/task?include=results"]


class TestOfLimitsWhereAllIsSealed(TestOfLimits):
    """The same where payloads are sealed."""

    @pytest.fixture
    def cryptor(self) -> Cryptor:
        return Reversing()

    @pytest.fixture(autouse=True)
    async def keys(self, person: Any) -> None:
        root = await person("root")
        for organization in (2, 3):
            body = {"public_key": f"key{organization}"}
            await root.ask("PATCH", f"/organization/{organization}", body)

    async def test_a_long_input_goes_through_whole(
        self, algorithm: Algorithm, researcher: Person, departures: list[Departure]
    ) -> None:
        content = bytes(range(256)) * (2 * MIB // 256)
        subtask = (await algorithm.create(2, content=content)).json()
        (run,) = await researcher.ask("GET", f"/task/{subtask['id']}/result")
        assert to_bytes(run["input"]) == content[::-1] + b" for key2"
        assert content in [each.content for each in departures]

    async def test_a_long_result_comes_through_whole(
        self, algorithm: Algorithm, link: Link, sent: list[str]
    ) -> None:
        content = bytes(range(256)) * (3 * MIB // 256)
        path = await self.with_result(algorithm, link, to_text(content[::-1] + b" for me"))
        sent.clear()
        assert to_bytes((await algorithm.http.get(path)).json()["result"]) == content
        assert sent == [f"GET /api{path}"]

    async def test_a_result_that_is_too_large_to_be_opened_is_refused_and_noted(
        self, algorithm: Algorithm, link: Link
    ) -> None:
        path = await self.with_result(algorithm, link, "QUFB" * (2 * MIB))
        answer = await algorithm.http.get(path)
        assert (answer.status_code, answer.json()["msg"]) == (500, "Request failed, see node logs")
        run = path.rsplit("/", 1)[1]
        why = f"the result of run {run} is 6.0 MiB; limit is 4.0 MiB (max_result)"
        assert algorithm.notes == [f"GET {path}: {why}"]
