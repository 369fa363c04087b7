"""Organizations."""

from sqlmodel import Field

from v6sim.server.store.table import Table


class Organization(Table, table=True):
    """A party that holds data; `public_key` is the base64 text of a PEM, empty if there is none."""

    __tablename__ = "organization"

    id: int = Field(default=None, primary_key=True)
    name: str | None = None
    domain: str | None = None
    address1: str | None = None
    address2: str | None = None
    zipcode: str | None = None
    country: str | None = None
    public_key: str = ""
