"""Worlds: what a federation is made of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from v6sim.world.algorithm import Algorithm
from v6sim.world.check import check
from v6sim.world.collaboration import Collaboration
from v6sim.world.docker import Docker
from v6sim.world.errors import Problem, WorldInvalidError
from v6sim.world.organization import Organization
from v6sim.world.part import Part, Word

Executor = Literal["inline", "process", "docker"]


def _named(value: object) -> object:
    """An algorithm's short form: only its package."""
    return {"package": value} if isinstance(value, str) else value


class World(Part):
    """What a federation is made of: people, organizations, collaborations, nodes, algorithms.

    Made in code it holds what it is given: paths stay as they are, and nothing is added. `load`
    and `of` resolve and check paths and add the built-in algorithms.

    Raises:
        WorldInvalidError: names that clash, or that name nothing.
        pydantic.ValidationError: values of the wrong kind.
    """

    model_config = ConfigDict(title="world")

    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="Settings of the server, by their names.",
        examples=[{"api_path": "/api"}],
    )
    organizations: list[Organization] = Field(
        default_factory=list,
        description="Organizations, in the order of their ids: the server's own, `root`, is 1, so "
        "these start at 2.",
    )
    collaborations: list[Collaboration] = Field(
        default_factory=list, description="Collaborations, in the order of their ids."
    )
    algorithms: dict[
        Word,
        Annotated[Algorithm, BeforeValidator(_named, json_schema_input_type=str | Algorithm)],
    ] = Field(
        default_factory=dict,
        description="What image names stand for: each names an algorithm, or just its package. "
        "They come on top of the built-in ones.",
        examples=[{"registry.example/average": "algorithms/average"}],
    )
    executor: Executor = Field(
        "process",
        description="Where algorithms run: `process`, each run in a process of its own; `inline`, "
        "within v6sim itself (breakpoints work); or `docker`, each run in a container.",
    )
    docker: Docker | None = Field(
        None, description="Settings of the docker executor; null: those that it has by itself."
    )

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """The world of a file, or a built-in one.

        Args:
            source: path of a JSON or YAML file, or the name of a built-in world (`manual`,
                `empty`); for a file of such a name write `./manual`.

        Raises:
            WorldError: it cannot be had; its text says for each problem the file, the line, the
                field, what is wrong and what was expected.
        """
        from v6sim.world.load import load

        return load(cls, source)

    @classmethod
    def of(cls, data: Mapping[str, Any], base: Path | None = None) -> Self:
        """The world that `data` describes, in the form of a world file.

        Args:
            data: what a world file would hold.
            base: folder from which its relative paths count; default is the current one.

        Raises:
            WorldInvalidError: it is wrong; carries all its problems.
        """
        from v6sim.world.load import build

        return build(cls, data, base or Path.cwd())

    def organization(self, name: str) -> Organization:
        """The organization of that name.

        Raises:
            KeyError: there is none.
        """
        for organization in self.organizations:
            if organization.name == name:
                return organization
        raise KeyError(name)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [Problem(path, text) for path, text in check(self.model_dump())]
        if problems:
            raise WorldInvalidError(problems)
        return self
