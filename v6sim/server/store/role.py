"""Rules, roles, and who holds them."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from v6sim.server.store.table import Table


class Rule(Table, table=True):
    """One thing that may be done: an operation on a resource within a scope."""

    __tablename__ = "rule"

    id: int = Field(default=None, primary_key=True)
    resource: str
    scope: str
    operation: str
    description: str = ""


class Role(Table, table=True):
    """A named set of rules; without an organization it is a default role, for all."""

    __tablename__ = "role"

    id: int = Field(default=None, primary_key=True)
    name: str | None = None
    description: str | None = None
    organization_id: int | None = Field(default=None, foreign_key="organization.id", index=True)


class RoleRule(Table, table=True):
    """A role contains a rule."""

    __tablename__ = "role_rule"

    __table_args__ = (UniqueConstraint("role_id", "rule_id"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)  # in the order in which they were put in
    role_id: int = Field(foreign_key="role.id")
    rule_id: int = Field(foreign_key="rule.id", index=True)


class UserRole(Table, table=True):
    """A user has a role."""

    __tablename__ = "user_role"

    user_id: int = Field(primary_key=True, foreign_key="user.id")
    role_id: int = Field(primary_key=True, foreign_key="role.id", index=True)


class UserRule(Table, table=True):
    """A user has an extra rule, beside those of the roles."""

    __tablename__ = "user_rule"

    user_id: int = Field(primary_key=True, foreign_key="user.id")
    rule_id: int = Field(primary_key=True, foreign_key="rule.id", index=True)
