"""The schema by which editors know world files."""

import json
from typing import Any

import pytest

from v6sim.world import World, world_schema

SCHEMA = world_schema()
PARTS: dict[str, dict[str, Any]] = {"World": SCHEMA, **SCHEMA["$defs"]}
FIELDS = [(part, name) for part, each in PARTS.items() for name in each["properties"]]


@pytest.mark.parametrize(("part", "name"), FIELDS)
def test_every_field_is_described(part: str, name: str) -> None:
    assert PARTS[part]["properties"][name]["description"].endswith(".")


@pytest.mark.parametrize("part", PARTS)
def test_parts_take_no_unknown_fields(part: str) -> None:
    assert PARTS[part]["additionalProperties"] is False


@pytest.mark.parametrize(("part", "name"), FIELDS)
def test_fields_that_may_be_absent_may_be_null(part: str, name: str) -> None:
    null = {"type": "null"} in PARTS[part]["properties"][name].get("anyOf", [])
    assert null is (name not in PARTS[part].get("required", []))


def test_the_schema_says_what_it_is_of() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] == "v6sim world"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_words_of_few_kinds_are_listed_for_completion() -> None:
    assert PARTS["RuleRef"]["properties"]["operation"]["enum"] == [
        "VIEW",
        "EDIT",
        "CREATE",
        "DELETE",
    ]


def test_an_algorithm_may_be_just_its_package() -> None:
    algorithms = SCHEMA["properties"]["algorithms"]["anyOf"][0]["additionalProperties"]
    assert {"type": "string"} in algorithms["anyOf"]


def test_the_schema_leaves_the_model_as_it_is() -> None:
    assert world_schema() == world_schema()
    assert World.model_validate({}).organizations == []
