"""What an image name stands for."""

import shutil
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from v6sim.world.build import Build
from v6sim.world.part import Part, Text, Word, refuse
from v6sim.world.path import absolute, base_of, looks_like_path


def _context(value: object) -> object:
    """The short form of a build: only its folder."""
    return {"context": value} if isinstance(value, str) else value


class Algorithm(Part):
    """What an image name stands for: a Python package, a folder to build the image from, or both.

    The package, with the interpreter that runs it, is for runs without Docker; with a command it is
    any program, which runs in the package's folder. The folder to build from is for the docker
    executor, where there is no local image of the name.
    """

    model_config = ConfigDict(title="algorithm")

    package: Word | None = Field(
        None,
        description="A package folder, a project folder or a .py file (path relative to the world "
        "file, absolute once loaded), or the name of an installed module; null: it runs only in "
        "Docker.",
        examples=["algorithms/average", "v6_average"],
    )
    module: Word | None = Field(
        None,
        description="Module to import; null: found out from the folder.",
        examples=["v6_average"],
    )
    python: Word | None = Field(
        None,
        description="Interpreter that runs it (path relative to the world file, or a command on "
        "the PATH); null: the one that v6sim runs in.",
        examples=[".venv/bin/python"],
    )
    command: list[Word] = Field(
        default_factory=list,
        description="What starts a run without Docker, instead of what the Dockerfile says: a "
        "program and its arguments, which is run in the package's folder and finds its input and "
        "its data by the environment, as in a container. A `python -c` that calls a wrapper is "
        "understood, and so is one with a wrapper of the package's own; any other program is not "
        "for the executor inline.",
        examples=[["Rscript", "run.R"]],
    )

    env: dict[Word, Text] = Field(
        default_factory=dict,
        description="Environment variables for its runs; they win over those of its Dockerfile, "
        "and not over the node's.",
        examples=[{"LIMIT": "10"}],
    )

    build: (
        Annotated[Build, BeforeValidator(_context, json_schema_input_type=str | Build)] | None
    ) = Field(
        None,
        description="A folder with a Dockerfile (path relative to the world file), or a build in "
        "full: what the docker executor makes the image from, where there is no local image of "
        "this name.",
        examples=["algorithms/average"],
    )

    @property
    def origin(self) -> str:
        """Where it comes from: its package, or else the folder that it is built from."""
        return self.package or (self.build.context if self.build else "")

    @model_validator(mode="after")
    def _stands_for_something(self) -> Self:
        if self.package is None and self.build is None and not self.env:
            raise refuse("stands for nothing; give a package, a build, or both")
        return self

    @model_validator(mode="after")
    def _command_has_a_folder(self, info: ValidationInfo) -> Self:
        has_folder = self.package is not None and Path(self.package).is_dir()
        if self.command and not has_folder and base_of(info) is not None:
            raise refuse(
                f"a command runs in the folder that `package` names, and {self.package!r} is none"
            )
        return self

    @field_validator("package")
    @classmethod
    def _locate_package(cls, value: str | None, info: ValidationInfo) -> str | None:
        base = base_of(info)
        if value is None or base is None:
            return value
        path = absolute(base, value)
        if path.is_dir() or (path.is_file() and path.suffix == ".py"):
            return str(path)
        if path.exists():
            raise refuse(f"{value!r} is no Python file; expected a folder or a .py file")
        named_as_module = all(part.isidentifier() for part in value.split("."))
        if looks_like_path(value) or value.endswith(".py") or not named_as_module:
            raise refuse(
                f"there is no folder or .py file {value!r} (looked for {path}), and no module is "
                "called so; paths count from the folder of the world file"
            )
        return value  # whether such a module is installed, its interpreter knows

    @field_validator("python")
    @classmethod
    def _locate_python(cls, value: str | None, info: ValidationInfo) -> str | None:
        base = base_of(info)
        if value is None or base is None:
            return value
        path = absolute(base, value)
        if path.is_file():
            return str(path)
        command = None if looks_like_path(value) else shutil.which(value)
        if command is None:
            raise refuse(
                f"there is no interpreter {value!r} (looked for {path} and on the PATH); "
                "expected a file or a command such as python3.11"
            )
        return command
