"""Tasks, and the jobs they belong to."""

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from v6sim.server.store.table import Table


class Job(Table, table=True):
    """What ties a task to its subtasks: they have its number in common."""

    __tablename__ = "job"

    id: int = Field(default=None, primary_key=True)


class Task(Table, table=True):
    """A request to run an algorithm at some organizations.

    `databases` lists labels; the first one is what the 3.7 wire calls the task's database.
    """

    __tablename__ = "task"

    id: int = Field(default=None, primary_key=True)
    name: str | None = None
    description: str | None = None
    image: str | None = None
    job_id: int | None = Field(default=None, foreign_key="job.id", index=True)
    databases: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    collaboration_id: int | None = Field(default=None, foreign_key="collaboration.id", index=True)
    parent_id: int | None = Field(default=None, foreign_key="task.id", index=True)
    initiator_id: int | None = Field(default=None, foreign_key="organization.id", index=True)
    init_user_id: int | None = Field(default=None, foreign_key="user.id", index=True)
