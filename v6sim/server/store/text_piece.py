"""Pieces of long texts: what a run was given, gave back, or printed, and is too long for a row."""

from sqlmodel import Field

from v6sim.server.store.table import Table


class TextPiece(Table, table=True):
    """A part of a long text of a run; the run's own column is empty then."""

    __tablename__ = "text_piece"

    run_id: int = Field(foreign_key="run.id", primary_key=True)
    field: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    size: int
    """Its length in characters: to be known without reading it."""
    content: str
