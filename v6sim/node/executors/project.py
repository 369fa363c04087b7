"""The folder with the sources of an algorithm: which module is in it, and where."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from v6sim.node.errors import NoPackage
from v6sim.node.executors.dockerfile import Stage, read
from v6sim.world.algorithm import Algorithm

_NO_PACKAGES = {"test", "tests", "testing", "docs", "doc", "build", "dist", "examples", "scripts"}
_NO_MODULES = {"setup", "conftest", "noxfile"}
_PACKAGE_FOLDERS = {
    "setup.py": (re.compile(r"""package_dir\s*=\s*\{\s*["']{2}\s*:\s*["']([\w./-]+)["']"""),),
    "setup.cfg": (re.compile(r"package_dir\s*=\s*\n?\s*=\s*([\w./-]+)"),),
    "pyproject.toml": (
        re.compile(r"""\bwhere\s*=\s*\[\s*["']([\w./-]+)["']"""),
        re.compile(r"""\bpackage-dir\s*=\s*\{\s*["']{2}\s*=\s*["']([\w./-]+)["']"""),
        re.compile(r"""\bfrom\s*=\s*["']([\w./-]+)["']"""),
    ),
}
"""Where files of a project say in which folder its packages are."""

_LONGEST_SCRIPT = 2**16
"""Bytes of a script of shell that are read."""

_OF_THE_MACHINE = re.compile(
    r"(?:PATH|HOME|USER|SHELL|TERM|TZ|LANG|LC_\w+|LD_\w+|PYTHON\w+|PIP_\w+|CONDA_\w+|VIRTUAL_ENV"
    r"|DEBIAN_FRONTEND|R_\w+|\w+_proxy|\w+_PROXY)$"
)
"""Variables of an image that are about the image, and mean nothing outside it."""


@dataclass(frozen=True)
class Project:
    """A folder with the sources of an algorithm.

    Args:
        folder: it.
        dockerfile: its Dockerfile, if it has one.
        stage: what that says.
        env: variables that win over those of the Dockerfile.
    """

    folder: Path
    dockerfile: Path | None
    stage: Stage
    env: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path, algorithm: Algorithm) -> Self:
        """The project in a folder, with the Dockerfile that the algorithm is built by."""
        build = algorithm.build
        if build is not None:
            dockerfile = Path(build.context) / build.dockerfile
            if dockerfile.is_file():
                return cls(Path(build.context), dockerfile, read(dockerfile, build.args),
                           algorithm.env)  # fmt: skip
        dockerfile = folder / "Dockerfile"
        if dockerfile.is_file():
            return cls(folder, dockerfile, read(dockerfile), algorithm.env)
        return cls(folder, None, Stage(), algorithm.env)

    @property
    def variables(self) -> dict[str, str]:
        """Those that a container of the image has."""
        return {**self.stage.env, **self.env}

    @property
    def places(self) -> Iterator[Path]:
        """Folders in which the module may be, the likeliest first."""
        known: set[Path] = set()
        for place in self._places():
            if place not in known and place.is_dir():
                known.add(place)
                yield place

    def _places(self) -> Iterator[Path]:
        yield from (self.folder, self.folder / "src")
        on_path = self.stage.env.get("PYTHONPATH", "").split(":")
        for each in (*filter(None, on_path), "."):
            yield from self.stage.sources(self.stage.folder / each, self.folder)
        for _, source in self.stage.copies:
            yield Path(os.path.normpath(self.folder / source))
        yield from self._installed_from()

    def _installed_from(self) -> Iterator[Path]:
        """The folders from which an installation of the project takes its packages."""
        for name, patterns in _PACKAGE_FOLDERS.items():
            file = self.folder / name
            text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
            for pattern in patterns:
                for found in pattern.findall(text):
                    yield Path(os.path.normpath(self.folder / found))

    def place_of(self, module: str) -> tuple[str, Path] | None:
        """A module by its name, or that of its distribution; and the folder that it is in."""
        for name in dict.fromkeys((module, module.replace("-", "_"))):
            for place in self.places:
                if _holds(place, name):
                    return name, place
        return None

    def local(self, path: str, folder: str = "") -> Path | None:
        """What a path in the image is here, if it is here."""
        inside = self.stage.folder / folder / path
        for here in (*self.stage.sources(PurePosixPath(os.path.normpath(inside)), self.folder),
                     self.folder / path):  # fmt: skip
            if here.exists():
                return here.absolute()
        return None

    def script(self, name: str) -> str | None:
        """The function that a command of the package's own calls, as `module:function`."""
        wanted = re.compile(rf"""(?m)["'\s]{re.escape(name)}["']?\s*=\s*["']?([\w.]+:[\w.]+)""")
        for place in ("pyproject.toml", "setup.cfg", "setup.py"):
            file = self.folder / place
            text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
            if found := wanted.search("\n" + text):
                return found[1]
        return None

    def named(self) -> tuple[str, Path] | None:
        """The package that PKG_NAME names."""
        for variables in (self.variables, self.stage.args):
            if (name := variables.get("PKG_NAME")) and (found := self.place_of(name)):
                return found
        return None

    def shell_text(self, path: str, folder: str = "") -> str | None:
        """The text of a script of shell, by its path in the image; None if it is none."""
        here = self.local(path, folder)
        if here is None or not here.is_file():
            return None
        begin = here.read_bytes()[:_LONGEST_SCRIPT].decode(errors="replace")
        is_one = re.match(r"#!\s*\S*(?:\b|/)(?:env\s+)?(?:ba|da|a|z)?sh\b", begin)
        return begin if is_one or (here.suffix == ".sh" and not begin.startswith("#!")) else None

    def wanted(self, module: str, *more: Path) -> tuple[str, Path]:
        """A module that somebody wants, and the folder that it is in.

        Args:
            module: its name.
            more: folders that are looked into first.

        Raises:
            NoPackage: it is not there.
        """
        places = [*more, *self.places]
        for place in places:
            if _holds(place, module):
                return module, place
        looked = " or ".join(map(str, places))
        raise NoPackage(f"there is no module {module!r} in {looked}")

    def only(self) -> tuple[str, Path]:
        """The only package, or else the only file, and the folder that it is in.

        Raises:
            NoPackage: there is none, or more than one.
        """
        named = self.variables.get("PKG_NAME") or self.stage.args.get("PKG_NAME")
        return _only(list(self.places), named)

    @property
    def of_image(self) -> dict[str, str]:
        """The variables of the image that mean something outside it too."""
        env = self.stage.env.items()
        return {name: value for name, value in env if not _OF_THE_MACHINE.match(name)}


def _holds(place: Path, module: str) -> bool:
    path = place.joinpath(*module.split("."))
    return (path / "__init__.py").exists() or path.with_name(f"{path.name}.py").exists()


def _only(places: list[Path], named: str | None) -> tuple[str, Path]:
    """The only package in a project, or else the only file; those that are copied come last."""
    outer = [place for place in places if place in (places[0], places[0] / "src")]
    inner = [place for place in places if not (place / "__init__.py").exists()]
    found: list[tuple[str, Path]] = []
    for some in (outer, inner):
        found = [(each.name, place) for place in some for each in _packages(place)]
        found = found or [(each.stem, place) for place in some for each in _files(place)]
        if found:
            break
    if len(found) == 1:
        return found[0]
    if not found:
        raise NoPackage(
            f"there is no Python package in {places[0]}: expected a folder with a file "
            "`__init__.py`, there or in `src`"
        )
    names = ", ".join(name for name, _ in found)
    none = f", and PKG_NAME is {named!r}, which is none of them" if named else ""
    raise NoPackage(
        f"there are several packages in {places[0]}: {names}{none}. Say which by --module "
        "(`module`), or by PKG_NAME in a Dockerfile"
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
