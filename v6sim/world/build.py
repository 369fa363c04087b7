"""How the image of an algorithm is made."""

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from v6sim.world.part import Part, Word, refuse
from v6sim.world.path import absolute, base_of


class Build(Part):
    """A folder from which an image is built."""

    model_config = ConfigDict(title="build")

    context: Word = Field(
        description="The folder (path relative to the world file, absolute once loaded).",
        examples=["algorithms/average"],
    )
    dockerfile: Word = Field(
        "Dockerfile", description="Name of the Dockerfile in it.", examples=["Dockerfile"]
    )
    args: dict[Word, str] = Field(
        default_factory=dict,
        description="Values for its ARGs.",
        examples=[{"BASE": "python:3.8-slim"}],
    )

    @field_validator("context")
    @classmethod
    def _locate_context(cls, value: str, info: ValidationInfo) -> str:
        base = base_of(info)
        if base is None:
            return value
        path = absolute(base, value)
        if not path.is_dir():
            raise refuse(
                f"there is no folder {value!r} (looked for {path}); paths count from the folder of "
                "the world file"
            )
        return str(path)
