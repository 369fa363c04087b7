"""What was worked out from the database is used again for as long as it is true."""

from datetime import timedelta

import pytest

from tests.conftest import task_body
from tests.databases import new_database
from tests.server.test_lists import counting
from v6sim.server.control.reset import reset
from v6sim.server.store import Store
from v6sim.server.store.kept import Kept, KeptReadings
from v6sim.server.store.tables import Organization


@pytest.fixture
def store():
    store = Store(new_database())
    store.restore(store.snapshot())
    yield store
    store.engine.dispose()


def add(store: Store, name: str) -> None:
    with store.session() as session:
        session.add(Organization(name=name))
        session.commit()


def test_what_was_read_between_a_change_and_its_undoing_is_forgotten(store: Store) -> None:
    names = Kept[str, str](store.revisions, ["organization"])
    assert names.get("first", lambda: "none") == "none"
    with store.session() as session:
        session.add(Organization(name="north"))
        session.flush()
        assert names.get("first", lambda: "north") == "north"
    assert names.get("first", lambda: "none again") == "none again"


def test_what_is_true_of_a_snapshot_is_true_again_when_it_is_back(store: Store) -> None:
    start = store.snapshot()
    store.restore(start)
    count = Kept[str, int](store.revisions, ["organization"])
    assert count.get("all", lambda: 0) == 0
    add(store, "north")
    assert count.get("all", lambda: 1) == 1
    store.restore(start)
    assert count.get("all", lambda: -1) == 0
    other = store.snapshot()
    add(store, "south")
    store.restore(other)
    assert count.get("all", lambda: 7) == 7


def test_a_reading_is_kept_until_a_table_changes_that_it_was_read_from(store: Store) -> None:
    kept = KeptReadings[str, int](store.revisions, 8)

    def keep(value: int) -> None:
        with kept.keeping("organizations") as values, store.session() as session:
            session.get(Organization, 1)
            values.append(value)

    keep(1)
    assert kept.look("organizations") == 1
    with store.session() as session:
        session.get(Organization, 1)
    assert kept.look("organizations") == 1
    add(store, "north")
    assert kept.look("organizations") is None


async def test_after_a_reset_lists_are_answered_as_before_it(calling, server) -> None:
    researcher = await calling("researcher")
    before = await researcher("GET", "/organization")
    await researcher("POST", "/task", task_body(2))
    assert await researcher("GET", "/organization") != before
    reset(server.core)
    with counting(server) as count:
        assert await researcher("GET", "/organization") == before
    assert count() == 0


async def test_a_list_that_shows_when_a_node_was_last_seen_is_made_anew(calling, server) -> None:
    researcher, node = await calling("researcher"), await calling(node=1)
    seen = []
    for _ in range(2):
        server.core.clock.shift(timedelta(minutes=1))
        await node("GET", "/collaboration/1")
        rows = await researcher("GET", "/collaboration/1/node")
        seen.append([row["last_seen"] for row in rows])
    assert seen[0] != seen[1]
