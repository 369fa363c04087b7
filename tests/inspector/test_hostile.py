"""Texts from users and algorithms are shown, whatever they are, and never more than that."""

import base64
import json
import os
import pickle
from pathlib import Path

import pytest

from tests.conftest import task_body
from tests.inspector.conftest import Reader
from v6sim.wire.payload import serialize, to_text

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"
"""It would leave an attribute, a text, a template."""


class Event:
    """An object of a type that no reader knows."""

    def __init__(self, name: str) -> None:
        self.name = name


class Bomb:
    """A pickle of it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.fixture
async def hostile(calling) -> None:
    """A world in which everything is named so."""
    root, researcher = await calling("root"), await calling("researcher")
    await root("PATCH", "/organization/2", {"name": EVIL})
    await root("PATCH", "/collaboration/1", {"name": EVIL})
    await root("PATCH", "/node/8", {"name": EVIL})
    user = {
        "username": EVIL, "firstname": EVIL, "lastname": EVIL, "password": "Insider-1",
        "email": "i@x.org", "organization_id": 2, "roles": [5],
    }  # fmt: skip
    await root("POST", "/user", user)
    await root("POST", "/role", {"name": EVIL, "description": EVIL, "rules": [1]})
    given = to_text(serialize({"method": EVIL, "kwargs": {EVIL: EVIL}}))
    body = task_body(2, name=EVIL, description=EVIL, image=EVIL, database=EVIL)
    await researcher("POST", "/task", {**body, "organizations": [{"id": 2, "input": given}]})
    await researcher.ask("GET", f"/task?name={EVIL}")
    await researcher.ask("DELETE", "/role/1")
    node = await calling(node=1)
    said = {"log": EVIL, "result": to_text(serialize(EVIL, "json")), "status": EVIL}
    said["finished_at"] = "2026-01-01T00:00:00.000000"
    await node("PATCH", "/result/1", said)


PAGES = [
    "/", "/ui/tasks", "/ui/tasks/1", "/ui/runs/1", "/ui/people", "/ui/what-if", "/ui/journal",
    "/ui/outbox", "/ui/controls", "/ui/egress", f"/ui/journal?q={EVIL}",
    f"/ui/what-if?path={EVIL}&username={EVIL}", f"/ui/login?then={EVIL}", f"/ui/{EVIL}",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path[:20])
async def test_nothing_gets_out_of_its_place(visiting, hostile, server, path) -> None:
    root = await visiting("root")
    server.core.snapshots[EVIL] = server.core.start
    await root.post("/ui/controls/faults", kind="status", path=EVIL)
    page = await root.get(path)
    assert page.status_code in (200, 404)
    reader = Reader(page.text)
    assert all(tag != "img" or attributes.get("src") != "x" for tag, attributes in reader.tags)
    assert all("src" in attributes for tag, attributes in reader.tags if tag == "script")
    assert not any(name.startswith("on") for _, found in reader.tags for name in found)
    assert "<script>alert" not in page.text
    assert "49" not in page.text.split("{{ 7 * 7 }}")[0][-3:]


async def test_it_is_shown_as_it_is(visiting, hostile) -> None:
    root = await visiting("root")
    for path in ("/ui/tasks", "/ui/runs/1", "/ui/people"):
        assert EVIL in Reader((await root.get(path)).text).text


async def test_what_one_types_at_the_log_in_is_shown_as_it_is(visiting) -> None:
    visit = await visiting()
    response = await visit.log_in(EVIL, "x")
    [name] = [each for _, each in Reader(response.text).tags if each.get("name") == "username"]
    assert name["value"] == EVIL


async def report(calling, result: str) -> None:
    researcher, node = await calling("researcher"), await calling(node=1)
    await researcher("POST", "/task", task_body(2))
    said = {"result": result, "status": "completed", "finished_at": "2026-01-01T00:00:00.000000"}
    await node("PATCH", "/result/1", {**said, "log": "done"})


async def test_a_pickle_that_would_do_something_is_shown_and_does_nothing(
    visiting, calling, tmp_path
) -> None:
    traces = tmp_path / "was-here"
    await report(calling, to_text(pickle.dumps(Bomb(traces))))
    text = await (await visiting("researcher")).read("/ui/runs/1")
    assert '"ForeignObject": { "type": "system"' in " ".join(text.split())
    assert f"touch {traces}" in text
    assert not traces.exists()


async def test_a_pickle_that_is_not_opened_is_listed_and_does_nothing(
    visiting, calling, tmp_path
) -> None:
    traces = tmp_path / "was-here"
    content = pickle.dumps(Bomb(traces))[:-1] + b"Psomething\n."
    await report(calling, to_text(content))
    text = await (await visiting("researcher")).read("/ui/runs/1")
    assert "Not opened" in text
    assert "None of it was carried out" in text
    assert f"touch {traces}" in text
    assert "REDUCE" in text
    assert not traces.exists()


async def test_an_object_of_a_result_is_shown_with_all_else(visiting, calling) -> None:
    result = {"rows": 3, "model": Event("seen"), "kind": Event}
    await report(calling, to_text(pickle.dumps(result)))
    text = " ".join((await (await visiting("researcher")).read("/ui/runs/1")).split())
    assert '"rows": 3' in text
    assert '"type": "Event"' in text
    assert '"name": "seen"' in text


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (to_text(serialize({"mean": 1.5}, "json")), '"mean": 1.5'),
        (to_text(serialize({"mean": 1.5})), '"mean": 1.5'),
        ("no base64 at all!", "Not opened"),
        (to_text(b"json.{broken"), "its prefix says JSON, but"),
        (to_text(b"\x80\x04broken."), "Not opened"),
        (base64.b64encode(b"\xff" * 100).decode(), "cannot be read here"),
        ("", "There is none"),
        (to_text(b"json." + b"[" * 5_000), "Not opened"),
        (to_text(b"json." + json.dumps(["x" * 100] * 2_000).encode()), "shown in part"),
        (to_text(b"json." + b" " * (4 * 2**20 + 3)), "are opened here"),
    ],
    ids=range(10),
)
async def test_a_result_of_any_kind_is_shown_or_said_why_not(
    visiting, calling, result, expected
) -> None:
    await report(calling, result)
    assert expected in await (await visiting("researcher")).read("/ui/runs/1")


async def test_a_long_log_is_shown_in_part_and_sent_whole(visiting, calling) -> None:
    researcher, node = await calling("researcher"), await calling(node=1)
    await researcher("POST", "/task", task_body(2))
    said = {"log": f"first {EVIL}\n" + "x" * 70_000, "status": "completed"}
    await node("PATCH", "/result/1", {**said, "finished_at": "2026-01-01T00:00:00.000000"})
    visit = await visiting("researcher")
    assert "first" not in (await visit.read("/ui/runs/1")).partition("Environment")[0]
    whole = await visit.get("/ui/runs/1/log")
    assert whole.text == said["log"]
    assert whole.headers["content-type"].startswith("text/plain")


async def test_of_what_is_far_too_long_to_be_read_the_size_is_shown(visiting, calling) -> None:
    researcher, node = await calling("researcher"), await calling(node=1)
    body = task_body(2)
    body["organizations"][0]["input"] = to_text(bytes(6 * 2**20))
    await researcher("POST", "/task", body)
    log = "".join(f"line {number}\n" for number in range(200_000))
    report = {
        "status": "completed", "result": to_text(bytes(9 * 2**20)), "log": log,
        "finished_at": "2026-01-01T10:00:00.000000",
    }  # fmt: skip
    await node("PATCH", "/result/1", report)
    visit = await visiting("researcher")
    text = await visit.read("/ui/runs/1")
    assert text.count("only payloads of up to 4.0 MiB are opened here") == 2
    assert "line 199999" in text
    assert (await visit.get("/ui/runs/1/log")).text == log
