"""What a node is told about itself."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from v6sim.node.limits import Limits
from v6sim.wire.sizes import MAX_INPUT, MAX_LOG, MAX_RESULT, parse_size

Size = Annotated[int, BeforeValidator(parse_size)]
"""A number of bytes, which may be written as a text such as `256 MiB`."""


class NodeSettings(BaseModel):
    """Settings of one node; its name, organization and collaboration the server knows."""

    model_config = ConfigDict(frozen=True)

    server: str = Field(
        description="Address of the server with the path of its API; without a path, /api.",
        examples=["http://127.0.0.1:5000/api"],
    )
    api_key: SecretStr = Field(description="The key that the server gave out with the node.")
    databases: dict[str, str] = Field(
        default_factory=dict, description="CSV file or other address by label."
    )
    encrypted: bool = Field(False, description="Whether the node's collaboration encrypts.")
    private_key: Path | None = Field(
        None, description="File with its organization's private key; needed if `encrypted`."
    )
    algorithm_env: dict[str, str] = Field(
        default_factory=dict,
        repr=False,
        description="Further variables for algorithms; they win over all others.",
    )
    allowed_images: list[str] = Field(
        default_factory=list,
        description="Regular expressions for the image names that it runs, matched from the name's "
        "start; empty: all.",
    )
    docker_services: dict[str, str] = Field(
        default_factory=dict,
        description="Containers of others that its algorithms may reach in Docker, by the host "
        "names that they use.",
    )
    persist: bool = Field(
        False,
        description="Whether what algorithms write into `/mnt/data` in Docker is there in later "
        "runs.",
    )
    max_result: Size = Field(
        MAX_RESULT, description="The largest result of a run; one with a larger one fails."
    )
    max_input: Size = Field(
        MAX_INPUT, description="The largest input of a run; one with a larger one fails."
    )
    max_log: Size = Field(
        MAX_LOG,
        description="The longest log of a run; of a longer one, the middle is left out.",
    )

    @property
    def limits(self) -> Limits:
        """How large the payloads and logs of its runs may be."""
        return Limits(self.max_result, self.max_input, self.max_log)
