"""Users of an organization."""

from pydantic import ConfigDict, Field

from v6sim.world.part import Part, Text, Word
from v6sim.world.rule import RuleRef


class User(Part):
    """A person who can log in to the server."""

    model_config = ConfigDict(title="user")

    username: Word = Field(
        description="Name to log in with; unique in the world, `root` is taken.",
        examples=["researcher"],
    )
    firstname: Text | None = Field(None, description="First name.", examples=["Rosa"])
    lastname: Text | None = Field(None, description="Last name.", examples=["Searcher"])
    password: Text | None = Field(
        None,
        repr=False,
        description="Password in clear text, of any kind (the server applies its password rules "
        "only to later changes); without one the user cannot log in.",
        examples=["Researcher-1"],
    )
    email: Word | None = Field(
        None,
        description="E-mail address; unique in the world.",
        examples=["researcher@north.example"],
    )
    roles: list[Word] = Field(
        default_factory=list,
        description="Names of roles: own roles of the organization, or default roles.",
        examples=[["Researcher"]],
    )
    rules: list[RuleRef] = Field(
        default_factory=list,
        description="Extra rules, beside those of the roles.",
        examples=[[{"name": "user", "scope": "ORGANIZATION", "operation": "VIEW"}]],
    )
