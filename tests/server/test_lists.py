"""Lists take a fixed number of statements, however long they are."""

import pytest
from sqlalchemy import event

from tests.conftest import task_body

LISTS = [
    "task", "task?include=results", "result", "result?include=task", "organization",
    "collaboration", "node", "user", "role", "rule", "port", "collaboration/1/task",
    "collaboration/1/organization", "collaboration/1/node", "task/1/result", "role/1/rule",
]  # fmt: skip
MOST = 9


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_takes_a_fixed_number_of_statements(calling, server, path) -> None:
    root, researcher = await calling("root"), await calling("researcher")
    await researcher("POST", "/task", task_body(2))
    await root("GET", "/rule/1")  # from here on the server knows who root is
    counts = []
    for _ in range(2):
        with counting(server) as count:
            await root("GET", f"/{path}")
        counts.append(count())
        for _ in range(20):
            await researcher("POST", "/task", task_body(2, 3, 4))
    assert counts[1] <= counts[0] <= MOST


class counting:  # noqa: N801 - reads as a phrase
    """Counts the statements on the database of a server."""

    def __init__(self, server) -> None:
        self.engine = server.core.store.engine
        self.seen: list[str] = []

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self._note)
        return lambda: len(self.seen)

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_rest) -> None:
        self.seen.append(statement)


async def test_pages_and_headers_are_those_of_the_reference(calling) -> None:
    researcher = await calling("researcher")
    for _ in range(25):
        await researcher("POST", "/task", task_body(2))
    page = await researcher.ask("GET", "/task?page=2&per_page=10&include=metadata")
    assert [row["id"] for row in page.json()["data"]] == list(range(15, 5, -1))
    assert page.headers["total-count"] == "25"
    assert page.json()["links"]["next"] == "/api/task?page=3&per_page=10&include=metadata"
    assert len(await researcher("GET", "/task?page=1")) == 10
    assert len(await researcher("GET", "/task")) == 25


LONGEST = 1000


@pytest.mark.parametrize("path", ["task", "user", "organization", "node", "collaboration", "role"])
async def test_a_pattern_has_at_most_a_thousand_characters(calling, path) -> None:
    name = "username" if path == "user" else "name"
    root = await calling("root")
    assert await root("GET", f"/{path}", params={name: "%" * LONGEST}) is not None
    answer = await root.ask("GET", f"/{path}", params={name: "x" * (LONGEST + 1)})
    said = f"{name!r} has 1,001 characters: at most 1,000 are possible"
    assert (answer.status_code, answer.json()["msg"]) == (400, said)


async def test_a_query_is_short_enough_to_be_repeated_in_the_links(calling) -> None:
    root = await calling("root")
    answer = await root.ask("GET", f"/rule?page=2&x={'y' * 7900}")
    assert answer.status_code == 200
    assert len(answer.headers["link"]) < 2**16 - 100  # of one line clients read no more
    for path in ("/rule", "/task", "/version", "http://localhost/_v6sim/health"):
        assert (await root.ask("GET", f"{path}?x={'y' * 8000}")).status_code == 414, path
    escaped = await root.ask("GET", f"/rule?page=2&x={'(' * 7900}")
    assert escaped.status_code == 414


USER = {"username": "u", "firstname": "f", "lastname": "l", "email": "e", "password": "Abcdefgh-12"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/collaboration/1", {"organization_ids": [4, *range(1000, 6000), 2, 3, 2]}),
        ("POST", "/user", {**USER, "roles": [2, *range(1000, 6000), 1]}),
        ("POST", "/user", {**USER, "rules": [2, *range(1000, 6000), 1]}),
    ],
)
async def test_many_ids_in_a_body_are_looked_up_at_once(
    calling, server, method, path, body
) -> None:
    root = await calling("root")
    with counting(server) as count:
        answer = await root.ask(method, path, body)
    assert answer.status_code in (200, 201), answer.text
    assert count() < 60
