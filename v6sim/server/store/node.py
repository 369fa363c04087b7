"""Nodes."""

from sqlmodel import Field

from v6sim.server.store.table import Table


class Node(Table, table=True):
    """The part of one organization in one collaboration; `id` is that of the identity.

    `api_key` is a SHA-256 digest: keys are long random texts, for which a slow hash adds nothing.
    """

    __tablename__ = "node"

    id: int = Field(primary_key=True, foreign_key="identity.id")
    name: str | None = None
    api_key: str | None = Field(default=None, index=True)
    collaboration_id: int | None = Field(default=None, foreign_key="collaboration.id", index=True)
    organization_id: int | None = Field(default=None, foreign_key="organization.id", index=True)
