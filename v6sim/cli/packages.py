"""Packages as the command line names them."""

from pathlib import Path

from v6sim.cli.failures import Mistake
from v6sim.cli.files import interpreter
from v6sim.node.executors.packages import locate
from v6sim.runtime.extras import find_module
from v6sim.world import Algorithm, Build
from v6sim.world.nearest import nearest


def algorithm_of(text: str, python: str | None = None) -> Algorithm:
    """The algorithm that a folder, a file or the name of an installed module means.

    Args:
        text: what the user wrote.
        python: the interpreter in which a module has to be installed, as a path or a command on
            the PATH; None: this one.

    Raises:
        Mistake: there is no such thing.
        NoPackage: there is, but no one module in it.
    """
    path, runs_it = Path(text).expanduser(), interpreter(python)
    if path.is_file() and path.suffix != ".py":
        raise Mistake(f"{text}: is no Python file; name a package folder or a .py file")
    if path.exists():
        algorithm = Algorithm(package=str(path.absolute()), python=runs_it, build=_build(path))
    elif text.replace(".", "").isidentifier() and (runs_it or find_module(text)):
        algorithm = Algorithm(package=text, python=runs_it)
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
