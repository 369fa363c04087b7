"""Organizations."""

import base64
import binascii
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from v6sim.world.part import Part, Text, Word, refuse
from v6sim.world.path import existing
from v6sim.world.role import Role
from v6sim.world.user import User


def _base64(value: str) -> str:
    """The value without line breaks, as a YAML block may give it."""
    if value.lstrip().startswith("-----BEGIN"):
        raise refuse("is a PEM text; expected the base64 of it: base64 -w0 FILE.pem")
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except binascii.Error as error:
        raise refuse(f"is not base64 ({error}); expected the base64 of a PEM text") from None
    return "".join(value.split())


def _key_file(value: str, info: ValidationInfo) -> str:
    return existing(value, info, "a PEM file")


PublicKey = Annotated[Text, AfterValidator(_base64)]
KeyFile = Annotated[Word, AfterValidator(_key_file)]


class Organization(Part):
    """A party that takes part in collaborations, with its people."""

    model_config = ConfigDict(title="organization")

    name: Word = Field(
        description="Name by which collaborations refer to it; unique in the world, `root` is "
        "taken.",
        examples=["North Hospital"],
    )
    domain: Text | None = Field(None, description="Internet domain.", examples=["north.example"])
    address1: Text | None = Field(None, description="Street.", examples=["Quay Street 1"])
    address2: Text | None = Field(None, description="More of the address.", examples=["Dock 4"])
    zipcode: Text | None = Field(None, description="Postal code.", examples=["1000AA"])
    country: Text | None = Field(None, description="Country.", examples=["Netherlands"])
    public_key: PublicKey | None = Field(
        None,
        description="Base64 of the PEM text of its public key; null or empty: that of its private "
        "key, if it has one.",
        examples=[""],
    )
    private_key: KeyFile | None = Field(
        None,
        description="File with its private key, PEM without password (path relative to the world "
        "file); null: made up, if it is needed and there is no public key either.",
        examples=["keys/north.pem"],
    )
    roles: list[Role] = Field(default_factory=list, description="Roles of its own.")
    users: list[User] = Field(default_factory=list, description="Its people.")
