"""Collaborations and who takes part in them."""

from sqlmodel import Field

from v6sim.server.store.table import Table


class Collaboration(Table, table=True):
    """Organizations that work together."""

    __tablename__ = "collaboration"

    id: int = Field(default=None, primary_key=True)
    name: str | None = Field(default=None, unique=True)
    encrypted: bool | None = True


class Member(Table, table=True):
    """An organization takes part in a collaboration."""

    __tablename__ = "member"

    organization_id: int = Field(primary_key=True, foreign_key="organization.id")
    collaboration_id: int = Field(primary_key=True, foreign_key="collaboration.id", index=True)
