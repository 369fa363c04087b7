"""What all parts of a world have in common."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

OURS = "world"
"""The type of the errors whose texts are written here, not by pydantic."""


def refuse(text: str) -> PydanticCustomError:
    """The error of a validator, with the text that people get to read."""
    return PydanticCustomError(OURS, "{text}", {"text": text})


def _as_text(value: object) -> object:
    """Whole numbers are texts too where a text is expected: `zipcode: 1234`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise refuse(f"{value!r} is blank; expected at least one visible character")
    return value


Text = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int)]
Word = Annotated[
    str,
    BeforeValidator(_as_text, json_schema_input_type=Annotated[str, Field(pattern=r"\S")] | int),
    AfterValidator(_not_blank),
]
"""A text that says something: a name, a key."""


class Part(BaseModel):
    """A part of a world: a value, with no other fields than its own; null counts as absent."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {k: v for k, v in data.items() if v is not None or k not in cls.model_fields}
