"""People."""

from datetime import datetime

from sqlalchemy import DateTime
from sqlmodel import Field

from v6sim.server.store.table import Table


class User(Table, table=True):
    """A person who can sign in; `id` is that of the identity."""

    __tablename__ = "user"

    id: int = Field(primary_key=True, foreign_key="identity.id")
    username: str | None = Field(default=None, unique=True)
    password: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    email: str | None = Field(default=None, unique=True)
    organization_id: int | None = Field(default=None, foreign_key="organization.id", index=True)
    failed_logins: int = 0
    last_failed_login: datetime | None = Field(default=None, sa_type=DateTime)
    otp_secret: str | None = Field(default=None, max_length=32)
