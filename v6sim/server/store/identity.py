"""Who can sign in: users and nodes share one count of ids."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field

from v6sim.server.store.table import Table


class Identity(Table, table=True):
    """The part that users and nodes have in common (reference: data-model, section 1)."""

    __tablename__ = "identity"

    id: int = Field(default=None, primary_key=True)
    kind: str
    ip: str | None = None
    last_seen: datetime | None = Field(default=None, sa_type=DateTime)
    status: str | None = None
