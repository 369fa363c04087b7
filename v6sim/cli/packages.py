"""Packages as the command line names them."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from v6sim.cli.failures import Mistake
from v6sim.cli.files import interpreter
from v6sim.node.executors.packages import locate
from v6sim.runtime.extras import find_module
from v6sim.world import Algorithm, Build
from v6sim.world.nearest import nearest


@dataclass(frozen=True)
class Starting:
    """In what interpreter, and how, the runs of an algorithm begin, as the user wrote it.

    Args:
        python: a path, or a command on the PATH; None: the interpreter of v6sim.
        command: what starts a run; None: what the Dockerfile says.
        module: the module to import; None: what is found out.
        env: variables, as `NAME=VALUE`.
    """

    python: str | None = None
    command: str | None = None
    module: str | None = None
    env: Sequence[str] = ()

    def variables(self) -> dict[str, str]:
        """The variables by their names.

        Raises:
            Mistake: one has no name, or two have the same.
        """
        found: dict[str, str] = {}
        for text in self.env:
            name, equals, value = text.partition("=")
            if not name.isidentifier() or not equals:
                raise Mistake(f"--env {text!r}: NAME=VALUE is expected, such as LIMIT=10")
            if name in found:
                raise Mistake(f"--env {text!r}: there is a value for {name!r} already; give one")
            found[name] = value
        return found

    def options(self) -> dict[str, Any]:
        """Those fields of an algorithm that the user gave.

        Raises:
            Mistake: one cannot be what it is.
        """
        given: dict[str, Any] = {"python": interpreter(self.python)}
        if self.command is not None:
            given["command"] = _words(self.command)
        if self.module is not None:
            if not self.module.strip():
                raise Mistake("--module is empty: the name of a module is expected")
            given["module"] = self.module
        if self.env:
            given["env"] = self.variables()
        return given


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Mistake(
            f"--command {command!r}: its quotes do not close ({error}); a program and its "
            "arguments are expected, such as \"python -c 'from my_package import wrapper; "
            "wrapper()'\""
        ) from None
    if not words:
        raise Mistake("--command is empty: a program and its arguments are expected")
    return words


def algorithm_of(text: str, start: Starting | None = None) -> Algorithm:
    """The algorithm that a folder, a file or the name of an installed module means.

    Args:
        text: what the user wrote.
        start: in what interpreter, and how, its runs begin.

    Raises:
        Mistake: there is no such thing.
        NoPackage: there is, but no one module in it.
    """
    path, options = Path(text).expanduser(), (start or Starting()).options()
    if path.is_file() and path.suffix != ".py":
        raise Mistake(f"{text}: is no Python file; name a package folder or a .py file")
    if path.exists():
        algorithm = Algorithm(package=str(path.absolute()), build=_build(path), **options)
    elif text.replace(".", "").isidentifier() and (
        options["python"] is not None or find_module(text)
    ):
        algorithm = Algorithm(package=text, **options)
    else:
        what = f"{text}: there is no such folder, .py file or installed package"
        raise Mistake(what + _like(path))
    if algorithm.build is None:  # else it may be in any language
        locate(algorithm)
    return algorithm


def _like(path: Path) -> str:
    """What beside it the user may have meant."""
    beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    meant = nearest(path.name, beside)
    return f"; did you mean {str(path.with_name(meant))!r}?" if meant else ""


def _build(path: Path) -> Build | None:
    has_one = (path / "Dockerfile").is_file()
    return Build(context=str(path.absolute())) if has_one else None
