"""Links between things, and looking up what is linked (reference: server-api, section 1.6)."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlmodel import col, select
from typing_extensions import TypedDict

from v6sim.server.operations.call import Call
from v6sim.server.store.chunks import chunks
from v6sim.server.store.find import grouped
from v6sim.server.store.tables import Identity


class Link(TypedDict):
    """A reference to something."""

    id: int
    link: str
    methods: list[str]


_METHODS = {
    "organization": ["GET", "PATCH"],
    "collaboration": ["DELETE", "GET", "PATCH"],
    "node": ["DELETE", "GET", "PATCH"],
    "user": ["DELETE", "GET", "PATCH"],
    "role": ["DELETE", "GET", "PATCH"],
    "task": ["DELETE", "GET"],
    "result": ["GET", "PATCH"],
    "rule": ["GET"],
    "port": ["GET"],
}


class View:
    """What shapes are made with: the database, as one call sees it."""

    def __init__(self, call: Call) -> None:
        self.session = call.session
        self._store = call.core.store
        self._prefix = call.core.settings.api_path

    def path(self, kind: str, key: int) -> str:
        """The path of something."""
        return f"{self._prefix}/{kind}/{key}"

    def link(self, kind: str, key: int | None) -> Link | None:
        """A reference to something; None if there is nothing."""
        if key is None:
            return None
        return {"id": key, "link": self.path(kind, key), "methods": _METHODS[kind]}

    def links(self, kind: str, keys: Iterable[int]) -> list[Link] | None:
        """References to some things; None if there are none."""
        found = [Link(id=key, link=self.path(kind, key), methods=_METHODS[kind]) for key in keys]
        return found or None

    def related(
        self, by: Any, value: Any, keys: Collection[int], *others: Any
    ) -> dict[int, list[Any]]:
        """Values of one column by those of another, for some keys, in one statement."""
        return grouped(self.session, by, value, keys, *others)

    def identities(self, keys: Collection[int]) -> dict[int, Identity]:
        """The part that users and nodes have in common, by id, with when they were last seen."""
        self._store.write_seen(self.session)
        found: dict[int, Identity] = {}
        for chunk in chunks(keys):
            rows = self.session.exec(select(Identity).where(col(Identity.id).in_(chunk)))
            found.update({row.id: row for row in rows})
        return found


def moment(value: Any) -> str | None:
    """A time as it stands on the wire."""
    return None if value is None else f"{value.isoformat()}+00:00"
