"""Where the module of an algorithm is: in a package folder, a project folder or a file."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from v6sim.node.errors import NoPackage
from v6sim.world.algorithm import Algorithm

_PKG_NAME = re.compile(r"""^\s*(?:ARG|ENV)\s+PKG_NAME[=\s]+["']?([\w.-]+)""", re.MULTILINE)
_NO_PACKAGES = {"test", "tests", "testing", "docs", "doc", "build", "dist", "examples", "scripts"}
_NO_MODULES = {"setup", "conftest", "noxfile"}


@dataclass(frozen=True)
class Location:
    """What to import, and from where; or what to run, and where.

    Args:
        module: the module's name.
        folder: what goes first on the import path; None for an installed module.
        command: a program and its arguments, to be run in the folder instead.
    """

    module: str
    folder: Path | None = None
    command: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The package's folder, or the module's file; nothing for what is not kept loaded."""
        if self.folder is None or self.command:
            return ()
        name = self.module.partition(".")[0]
        package = self.folder / name
        return (str(package if package.is_dir() else self.folder / f"{name}.py"),)


def locate(algorithm: Algorithm) -> Location:
    """The module that an algorithm's `package` means.

    A folder with `__init__.py` is the package; of a project folder it is the one that `PKG_NAME` of
    its Dockerfile names, else the only one in it or in its `src`; a .py file is a module; any other
    word is the name of an installed module.

    Raises:
        NoPackage: there is none, or more than one.
    """
    if algorithm.package is None:
        raise NoPackage(
            "for this image there is only a `build`, for the docker executor; without Docker it "
            "takes a `package` too"
        )
    path = Path(algorithm.package)
    if algorithm.command:
        return _command(path, *algorithm.command)
    if path.is_file():
        return Location(path.stem, path.parent)
    if path.is_dir():
        return _in_folder(path, algorithm.module)
    if path.is_absolute() or path.suffix == ".py" or len(path.parts) > 1:
        raise NoPackage(f"{path} is neither a folder nor a file")
    return Location(algorithm.module or algorithm.package)


def _command(folder: Path, program: str, *arguments: str) -> Location:
    if not folder.is_dir():
        raise NoPackage(f"{folder}, where {program!r} is to be run, is not a folder")
    if os.sep in program:
        program = str(folder / program)
    if shutil.which(program) is None:
        raise NoPackage(
            f"there is no program {program!r} to run: install it, or correct the algorithm's "
            "`command`"
        )
    return Location(folder.name, folder, (program, *arguments))


def _in_folder(folder: Path, module: str | None) -> Location:
    if (folder / "__init__.py").exists():
        return Location(module or folder.name, folder.parent)
    places = [folder, folder / "src"]
    if module is not None:
        return _named(module, places)
    dockerfile = folder / "Dockerfile"
    if dockerfile.is_file():
        for name in _PKG_NAME.findall(dockerfile.read_text(errors="replace")):
            for place in places:
                if _holds(place, name.replace("-", "_")):
                    return Location(name.replace("-", "_"), place)
    return _only(places)


def _named(module: str, places: list[Path]) -> Location:
    for place in places:
        if _holds(place, module.partition(".")[0]):
            return Location(module, place)
    looked = " or ".join(str(place) for place in places)
    raise NoPackage(f"there is no module {module!r} in {looked}")


def _holds(place: Path, module: str) -> bool:
    return (place / module / "__init__.py").exists() or (place / f"{module}.py").exists()


def _only(places: list[Path]) -> Location:
    found = [Location(each.name, place) for place in places for each in _packages(place)]
    found = found or [Location(each.stem, place) for place in places for each in _files(place)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NoPackage(
            f"there is no Python package in {places[0]}: expected a folder with a file "
            "`__init__.py`, there or in `src`"
        )
    names = ", ".join(each.module for each in found)
    raise NoPackage(
        f"there are several packages in {places[0]}: {names}. Say which by `module`, or "
        "by PKG_NAME in a Dockerfile"
    )


def _packages(place: Path) -> Iterator[Path]:
    if place.is_dir():
        for each in sorted(place.iterdir()):
            if each.name not in _NO_PACKAGES and (each / "__init__.py").exists():
                yield each


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        for each in sorted(place.glob("*.py")):
            test = each.stem.startswith("test_") or each.stem.endswith("_test")
            if each.stem not in _NO_MODULES and each.stem.isidentifier() and not test:
                yield each
