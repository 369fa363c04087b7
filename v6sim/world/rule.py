"""Rules, by name."""

from typing import Literal

from pydantic import ConfigDict, Field

from v6sim.world.part import Part

Resource = Literal[
    "node", "collaboration", "organization", "task", "result", "user", "role", "port", "event"
]
Scope = Literal["OWN", "ORGANIZATION", "COLLABORATION", "GLOBAL"]
Operation = Literal["VIEW", "EDIT", "CREATE", "DELETE"]


class RuleRef(Part):
    """One of the server's rules, written as the API shows it (reference: permissions, section 1).

    Only the words are checked here. Which combinations exist is the server's table to know.
    """

    model_config = ConfigDict(title="rule")

    name: Resource = Field(description="Resource that the rule is about.", examples=["task"])
    scope: Scope = Field(description="How far it reaches.", examples=["ORGANIZATION"])
    operation: Operation = Field(description="What it allows to do.", examples=["CREATE"])
