"""How an image name is run without Docker."""

import shutil
from pathlib import Path
from typing import Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from v6sim.world.part import Part, Word, refuse
from v6sim.world.path import absolute, base_of, looks_like_path


class Algorithm(Part):
    """What an image name stands for: a Python package and the interpreter that runs it.

    With a command it is any program: that is run in the package's folder.
    """

    model_config = ConfigDict(title="algorithm")

    package: Word = Field(
        description="A package folder, a project folder or a .py file (path relative to the world "
        "file, absolute once loaded), or the name of an installed module.",
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
        description="A program and its arguments, to be run in the package's folder instead of "
        "Python: it finds its input and its data by the environment, as in a container. Not for "
        "the executor inline.",
        examples=[["Rscript", "run.R"]],
    )

    @field_validator("package")
    @classmethod
    def _locate_package(cls, value: str, info: ValidationInfo) -> str:
        base = base_of(info)
        if base is None:
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

    @model_validator(mode="after")
    def _command_has_a_folder(self, info: ValidationInfo) -> Self:
        if self.command and base_of(info) is not None and not Path(self.package).is_dir():
            raise refuse(
                f"a command runs in the folder of its package, which {self.package!r} is not"
            )
        return self

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
