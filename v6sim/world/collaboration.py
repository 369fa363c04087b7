"""Collaborations."""

from pydantic import ConfigDict, Field

from v6sim.world.part import Part, Word
from v6sim.world.participant import Participant


class Collaboration(Part):
    """Organizations that compute together."""

    model_config = ConfigDict(title="collaboration")

    name: Word = Field(description="Name; unique in the world.", examples=["Heart Study"])
    encrypted: bool = Field(
        True, description="Whether what its members send each other is encrypted, end to end."
    )
    participants: list[Participant] = Field(
        default_factory=list, description="Organizations that take part."
    )
    tasks: list[Word] = Field(
        default_factory=list,
        description="Image names; for each, a task without real input exists from the start.",
        examples=[["hello-world"]],
    )

    def node_name(self, participant: Participant) -> str:
        """What a participant's node is called."""
        return default_node_name(participant.name, self.name)


def default_node_name(organization: str | None, collaboration: str | None) -> str:
    """What a node is called that got no name (reference: data-model, section 4)."""
    return f"{organization} - {collaboration} Node"
