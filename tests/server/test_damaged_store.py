"""A damaged database, whichever pages of it are damaged: found at the start, or said when read."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from v6sim.server.clock import Clock
from v6sim.server.errors import DatabaseFailed, WrongDatabase
from v6sim.server.store import Store
from v6sim.server.store.fill import snapshot_of
from v6sim.server.store.tables import Organization, metadata
from v6sim.world import World

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a database."""
    file = tmp_path_factory.mktemp("store") / "a.sqlite"
    with contextlib.closing(make(file)) as store, store.session() as session:
        for number in range(200):
            session.add(Organization(name=f"o{number}", address1="a" * 40 * number))
        session.commit()
    return file.read_bytes()


def make(file: Path) -> Store:
    """A store in a file."""
    store = Store(f"sqlite:///{file}")
    store.take_up(snapshot_of(World.load("manual"), Clock().utc(), rounds=4))
    return store


@contextlib.contextmanager
def opened(file: Path) -> Iterator[Store]:
    with contextlib.closing(make(file)) as store:
        yield store


@given(st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_with_other_content_are_found_or_said(whole, tmp_path, data) -> None:
    count = len(whole) // PAGE
    pages = data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=5))
    content = bytearray(whole)
    for page in pages:
        seed = data.draw(st.integers(0, 10))
        content[page * PAGE : (page + 1) * PAGE] = random.Random(seed).randbytes(PAGE)
    read(tmp_path, bytes(content))


@given(length=st.integers(0, 10**6))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_file_that_was_cut_off_is_found_or_begun_anew(whole, tmp_path, length) -> None:
    read(tmp_path, whole[: length % len(whole)])


def read(folder: Path, content: bytes) -> None:
    """Read all of a database with that content: whatever is wrong is said in the way of ours."""
    file = folder / "a.sqlite"
    for each in folder.iterdir():
        each.unlink()
    file.write_bytes(content)
    said = contextlib.suppress(WrongDatabase, DatabaseFailed)
    with said, opened(file) as store, store.session() as session:
        for table in metadata.sorted_tables:
            session.execute(select(table)).all()
