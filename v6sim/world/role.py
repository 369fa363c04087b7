"""Roles of an organization."""

from pydantic import ConfigDict, Field

from v6sim.world.part import Part, Text, Word
from v6sim.world.rule import RuleRef

DEFAULT_ROLES = (
    "Root",
    "container",
    "node",
    "Viewer",
    "Researcher",
    "Organization Admin",
    "Collaboration Admin",
)
"""Roles that every server makes by itself (reference: permissions, section 2)."""


class Role(Part):
    """A role of one organization's own, beside the default roles."""

    model_config = ConfigDict(title="role")

    name: Word = Field(
        description="Name by which the organization's users refer to it; it goes before a default "
        "role of the same name.",
        examples=["task-maker"],
    )
    description: Text | None = Field(
        None, description="What it is for.", examples=["May start tasks, no more"]
    )
    rules: list[RuleRef] = Field(
        default_factory=list,
        description="Rules it consists of.",
        examples=[[{"name": "task", "scope": "ORGANIZATION", "operation": "CREATE"}]],
    )
