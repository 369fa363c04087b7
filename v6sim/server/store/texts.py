"""The texts of runs: short ones stand in the run's row, long ones are kept in pieces.

A database copies a value several times on its way in and out, and so does all that takes it from
there. Of a piece that does no harm.
"""

from collections.abc import Collection, Iterator
from typing import Any, Literal, cast

from sqlalchemy import Engine, delete, func, insert
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from v6sim.server.store.chunks import chunks
from v6sim.server.store.facts import facts_of
from v6sim.server.store.run import Run
from v6sim.server.store.text_piece import TextPiece
from v6sim.wire.long_text import AnyText, LongText, split_text

TextField = Literal["input", "result", "log"]
FIELDS: tuple[TextField, ...] = ("input", "result", "log")

LongTexts = dict[tuple[int, str], "StoredText"]
"""The long texts of some runs, by the run's id and the field."""


class TextGone(Exception):
    """A long text was removed while it was being read."""


class StoredText(LongText):
    """A long text in the database, which is read piece by piece.

    Args:
        engine: the database.
        run_id: whose text it is.
        field: which one.
        count: how many pieces there are.
        size: its length in characters.
    """

    def __init__(self, engine: Engine, run_id: int, field: str, count: int, size: int) -> None:
        super().__init__()
        self._engine, self._run_id, self._field, self._count = engine, run_id, field, count
        self.size = size

    def __iter__(self) -> Iterator[str]:
        """Iterate over the pieces.

        Raises:
            TextGone: there is one no longer.
        """
        return map(self._piece, range(self._count))

    def ends(self) -> Iterator[str]:
        """Iterate over pieces at its beginning and its end."""
        return map(self._piece, sorted({0, *range(max(self._count - 2, 0), self._count)}))

    def _piece(self, number: int) -> str:
        statement = select(TextPiece.content).where(
            TextPiece.run_id == self._run_id,
            TextPiece.field == self._field,
            TextPiece.number == number,
        )
        with Session(self._engine) as session:
            piece = session.exec(statement).first()
        if piece is None:
            raise TextGone(f"the {self._field} of run {self._run_id} is no longer here")
        return piece


def put(session: Session, run: Run, field: TextField, text: AnyText | None) -> None:
    """Store a text of a run, which has to be in the database; a long one is drained.

    Args:
        session: the database.
        run: whose text it is.
        field: which one.
        text: the text; None for none.
    """
    if facts_of(session).are_long_texts(session):
        session.execute(_deletion([run.id]).where(col(TextPiece.field) == field))
    wanted = split_text(text) if isinstance(text, str) else text
    setattr(run, field, None if isinstance(wanted, LongText) else wanted)
    if isinstance(wanted, LongText):
        for number, piece in enumerate(wanted.drain()):
            row = TextPiece(
                run_id=run.id, field=field, number=number, size=len(piece), content=piece
            )
            session.execute(insert(TextPiece), row.model_dump())


def remove(session: Session, run_ids: Any) -> None:
    """Remove the long texts of runs that are about to be deleted.

    Args:
        session: the database.
        run_ids: their ids, or what selects them.
    """
    if facts_of(session).are_long_texts(session):
        session.execute(_deletion(run_ids))


def long_texts(session: Session, run_ids: Collection[int]) -> LongTexts:
    """Return the long texts of some runs."""
    if not facts_of(session).are_long_texts(session):
        return {}
    found: LongTexts = {}
    engine = cast("Engine", session.get_bind())
    for chunk in chunks(run_ids):
        statement = (
            select(TextPiece.run_id, TextPiece.field, func.count(), func.sum(TextPiece.size))
            .where(col(TextPiece.run_id).in_(chunk))
            .group_by(col(TextPiece.run_id), col(TextPiece.field))
        )
        for run_id, field, count, size in session.exec(statement):
            found[run_id, field] = StoredText(engine, run_id, field, count, size)
    return found


def text_of(session: Session, run: Run, field: TextField) -> AnyText:
    """Return a text of a run; empty if there is none."""
    long = long_texts(session, [run.id]).get((run.id, field))
    return long or getattr(run, field) or ""


def defer_texts(*fields: TextField) -> list[Any]:
    """Return options of a statement that selects runs: leave these texts out, or all."""
    return [defer(getattr(Run, field)) for field in fields or FIELDS]


def _deletion(run_ids: Any) -> Any:
    return delete(TextPiece).where(col(TextPiece.run_id).in_(run_ids))
