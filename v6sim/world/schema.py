"""The JSON Schema of world files, with which editors complete and check them."""

from typing import Any

SCHEMA_FILE = "world.schema.json"


def world_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a world file."""
    from v6sim.world.world import World

    schema = World.model_json_schema(mode="validation")
    for part in (schema, *schema["$defs"].values()):
        required = part.get("required", [])
        for name, field in part["properties"].items():
            if name not in required:
                _allow_null(field)
    described = "What a federation is made of: organizations, people, collaborations, nodes."
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "v6sim world",
        "description": described,
    }


def _allow_null(field: dict[str, Any]) -> None:
    """Let a field be null, which counts as absent."""
    if "anyOf" in field:
        if {"type": "null"} not in field["anyOf"]:
            field["anyOf"].append({"type": "null"})
        return
    about = {"title", "description", "default", "examples"}
    kind = {key: field.pop(key) for key in list(field) if key not in about}
    field["anyOf"] = [kind, {"type": "null"}]
