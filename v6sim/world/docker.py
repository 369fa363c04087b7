"""How the docker executor goes about its work."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from v6sim.world.part import Part, Text, Word, refuse

_UNITS = "bkmg"


def _size(value: str) -> str:
    number, unit = (value[:-1], value[-1]) if value[-1:].lower() in _UNITS else (value, "b")
    if not number.isdigit() or not unit:
        raise refuse(f"{value!r} is no amount of memory; expected one such as 512m or 2g")
    return value.lower()


Size = Annotated[Text, AfterValidator(_size)]


class Registry(Part):
    """A registry that wants to know who asks."""

    model_config = ConfigDict(title="registry")

    registry: Word = Field(
        description="Its host, as image names begin.", examples=["registry.example"]
    )
    username: Word = Field(description="Login.", examples=["rosa"])
    password: Text = Field(description="Password.", examples=["secret"], repr=False)


class Docker(Part):
    """Settings of the docker executor."""

    model_config = ConfigDict(title="docker")

    pull: bool = Field(
        False,
        description="Whether to ask a registry for images that are neither local nor built here.",
    )
    docker_registries: list[Registry] = Field(
        default_factory=list, description="Registries that need a login."
    )
    memory: Size | None = Field(
        None,
        description="The most memory that a run may use, in bytes or with the unit k, m or g; "
        "null: no limit.",
        examples=["2g"],
    )
    cpus: float | None = Field(
        None,
        gt=0,
        description="How many processors' time a run may use; null: all.",
        examples=[1.5],
    )
    pids: int | None = Field(
        None, gt=0, description="How many processes and threads a run may have; null: no limit.",
        examples=[200],
    )  # fmt: skip
