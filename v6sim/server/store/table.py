"""What all tables derive from."""

from typing import Any

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Table(SQLModel, registry=registry()):
    """A table of the server; kept apart from tables that a user's own program may have."""

    model_config = {"defer_build": True}  # rows are not validated; it would slow the start

    __table_args__: Any = {"sqlite_autoincrement": True}  # ids are never used twice
