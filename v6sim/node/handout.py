"""What a server hands out to a node: a folder with all that it takes to start it elsewhere.

The folder has `node.json`, and the files that this names by paths from there: the private key of
the node's organization, and its databases.
"""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from v6sim.node.errors import NodeError
from v6sim.node.settings import NodeSettings, Size
from v6sim.wire.sizes import MAX_INPUT, MAX_LOG, MAX_RESULT
from v6sim.world.docker import Docker
from v6sim.world.path import has_scheme

FILE = "node.json"


class WrongHandout(NodeError):
    """The folder is not as a server hands it out."""


class Handout(BaseModel):
    """All that a node is told about itself, but where its server is."""

    model_config = ConfigDict(extra="forbid")

    api_key: str = Field(min_length=1, repr=False)
    databases: dict[str, str] = {}
    encrypted: bool = False
    private_key: str | None = None
    algorithm_env: dict[str, str] = Field({}, repr=False)
    allowed_images: list[str] = []
    docker_services: dict[str, str] = {}
    persist: bool = False
    docker: Docker = Field(default_factory=Docker, repr=False)
    max_result: Size = MAX_RESULT
    max_input: Size = MAX_INPUT
    max_log: Size = MAX_LOG

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What is in a folder.

        Raises:
            WrongHandout: nothing, or nothing of the kind.
        """
        file = folder / FILE
        try:
            return cls.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            raise WrongHandout(
                f"there is no {file}; `v6sim server --handout` makes such folders"
            ) from None
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"]))
            raise WrongHandout(
                f"{file} is not as a server hands it out: {place}: {error.errors()[0]['msg']}"
            ) from None

    def settings(self, server: str, folder: Path) -> NodeSettings:
        """The settings of the node.

        Args:
            server: where its server is.
            folder: from which paths count.
        """
        return NodeSettings(
            server=server,
            api_key=SecretStr(self.api_key),
            databases={
                label: uri if has_scheme(uri) else str(folder / uri)
                for label, uri in self.databases.items()
            },
            encrypted=self.encrypted,
            private_key=folder / self.private_key if self.private_key else None,
            algorithm_env=self.algorithm_env,
            allowed_images=self.allowed_images,
            docker_services=self.docker_services,
            persist=self.persist,
            max_result=self.max_result,
            max_input=self.max_input,
            max_log=self.max_log,
        )
