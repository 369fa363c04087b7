"""Organizations as participants of a collaboration, with their nodes."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from v6sim.world.part import Part, Text, Word, refuse
from v6sim.world.path import base_of, existing, has_scheme
from v6sim.world.secrets import without_passwords
from v6sim.world.sqlite_address import WrongAddress, existing_address


def _label(value: str) -> str:
    """Labels become names of environment variables (reference: algorithm-contract, section 1)."""
    if "=" in value:
        raise refuse(f"{value!r} is no label; expected a name without '=', such as default")
    return value


def _database(value: str, info: ValidationInfo) -> str:
    if not has_scheme(value):
        return existing(value, info, "a file or a URI")
    base = base_of(info)
    try:
        return value if base is None else existing_address(value, base)
    except WrongAddress as error:
        raise refuse(f"{without_passwords(value)!r} {error}") from None


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise refuse(f"{value!r} is no regular expression: {error}") from None
    return value


Pattern = Annotated[Word, AfterValidator(_pattern)]
Label = Annotated[Word, AfterValidator(_label)]
Database = Annotated[Word, AfterValidator(_database)]


class Participant(Part):
    """An organization in a collaboration; with a key or databases it has a node there."""

    model_config = ConfigDict(title="participant")

    name: Word = Field(
        description="Name of an organization of this world.", examples=["North Hospital"]
    )
    api_key: Word | None = Field(
        None,
        repr=False,
        description="Key with which its node signs in; unique in the world. null: made up, if it "
        "has databases, else it takes part without a node.",
        examples=["123e4567-e89b-42d3-a456-426614174001"],
    )
    status: Literal["online", "offline"] | None = Field(
        None, description="What the server believes of its node at first.", examples=["online"]
    )
    databases: dict[Label, Database] = Field(
        default_factory=dict,
        description="What its node computes on, by label: a file (path relative to the world "
        "file) or a URI. Tasks that name no database use the label `default`.",
        examples=[{"default": "data/north.csv"}],
    )

    allowed_images: list[Pattern] = Field(
        default_factory=list,
        description="Regular expressions for the image names that its node runs, matched from the "
        "name's start; empty: all.",
        examples=[["harbor2.vantage6.ai/demo/"]],
    )
    algorithm_env: dict[Word, Text] = Field(
        default_factory=dict,
        description="Further environment variables for its algorithms; they win over all others.",
        examples=[{"LIMIT": "10"}],
    )
    docker_services: dict[Word, Word] = Field(
        default_factory=dict,
        description="Containers of others that its algorithms may reach in Docker: container "
        "names by the host names that the algorithms use.",
        examples=[{"warehouse": "postgres"}],
    )
    persist: bool = Field(
        False,
        description="Whether what its algorithms write into `/mnt/data` in Docker is there in the "
        "node's later runs, until a reset, or until the node's v6sim stops.",
    )

    @property
    def has_node(self) -> bool:
        """Whether it takes part with a node."""
        return self.api_key is not None or bool(self.databases)
