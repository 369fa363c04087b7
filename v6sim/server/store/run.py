"""Runs: the executions of a task, one at each organization, and the ports they open."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field

from v6sim.server.store.table import Table


class Run(Table, table=True):
    """The execution of a task at one organization; `input` and `result` are never opened here."""

    __tablename__ = "run"

    id: int = Field(default=None, primary_key=True)
    input: str | None = None
    task_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    organization_id: int | None = Field(default=None, foreign_key="organization.id", index=True)
    result: str | None = None
    assigned_at: datetime | None = Field(default=None, sa_type=DateTime)
    started_at: datetime | None = Field(default=None, sa_type=DateTime)
    finished_at: datetime | None = Field(default=None, sa_type=DateTime, index=True)
    status: str | None = None
    log: str | None = None


class Port(Table, table=True):
    """A port that a run's algorithm listens on, for algorithms elsewhere.

    It is kept as the node wrote it, which need not be a number.
    """

    __tablename__ = "port"

    id: int = Field(default=None, primary_key=True)
    port: str | None = None
    run_id: int | None = Field(default=None, foreign_key="run.id", index=True)
    label: str | None = None
