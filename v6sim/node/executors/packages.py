"""Where the module of an algorithm is, and how its runs begin: as its image would have it."""

import logging
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from v6sim.node.errors import NoPackage
from v6sim.node.executors.inside.entry import CODE, MODULE, SCRIPT, WRAPPER, Entry
from v6sim.node.executors.project import Project
from v6sim.node.executors.starting import NoPython, NotUnderstood, Start, understand
from v6sim.runtime.extras import find_module
from v6sim.world.algorithm import Algorithm

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Location:
    """What to import, and from where; or what to run, and where.

    Args:
        module: the module's name.
        folder: what goes first on the import path; None for an installed module.
        command: a program and its arguments, to be run in the folder instead.
        start: how a run begins; None: the module is handed to `docker_wrapper`.
        environment: variables that it finds, unless the run has its own of that name.
    """

    module: str
    folder: Path | None = None
    command: tuple[str, ...] = ()
    start: Entry | None = None
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def entry(self) -> Entry:
        """How a run begins in Python."""
        return self.start or Entry(module=self.module)

    @property
    def is_kept_loaded(self) -> bool:
        """Whether the module may be imported before a run: else that is what the run does."""
        return not self.command and self.entry.how in (WRAPPER, CODE)

    @property
    def takes_json(self) -> bool:
        """Whether it reads inputs as JSON rather than as pickles, as far as one can tell."""
        if self.command:
            return True
        own = (self.entry.what,) if self.entry.how == SCRIPT else ()
        return self.entry.how != WRAPPER and not _mentions_pickle((*self.files, *own))

    @property
    def files(self) -> tuple[str, ...]:
        """The package's folder, or the module's file; nothing for what is not kept loaded."""
        if self.folder is None or self.command:
            return ()
        name = self.module.partition(".")[0]
        package = self.folder / name
        return (str(package if package.is_dir() else self.folder / f"{name}.py"),)


def _mentions_pickle(files: tuple[str, ...]) -> bool:
    """Whether sources read pickles, themselves or by the library of vantage6."""
    for path in map(Path, files):
        for source in path.rglob("*.py") if path.is_dir() else (path,):
            text = source.read_text(encoding="utf-8", errors="replace") if source.is_file() else ""
            if re.search(r"\bpickle\b|\bvantage6\.tools\b", text):
                return True
    return False


def locate(algorithm: Algorithm) -> Location:
    """The module that an algorithm's `package` means, and how its runs begin.

    A folder with `__init__.py` is the package; of a project folder it is the one that the CMD or
    `PKG_NAME` of its Dockerfile names, else the only one in it or in its `src`; a .py file is a
    module; any other word is the name of an installed module.

    Raises:
        NoPackage: there is none, or more than one.
    """
    if algorithm.package is None:
        raise NoPackage(
            "for this image there is only a `build`, for the docker executor; without Docker it "
            "takes a `package` too"
        )
    path = Path(algorithm.package)
    own = tuple(algorithm.env.items())
    if algorithm.command:
        return _by_command(path, algorithm)
    if path.is_file():
        return Location(path.stem, path.parent, environment=own)
    if path.is_dir():
        return _in_folder(path, algorithm)
    if path.is_absolute() or path.suffix == ".py" or len(path.parts) > 1:
        raise NoPackage(f"{path} is neither a folder nor a file")
    return Location(algorithm.module or algorithm.package, environment=own)


def input_format(algorithm: Algorithm | None) -> str:
    """The format in which a user's client serializes the input for an algorithm.

    A bare pickle is what the genuine client sends; programs in other languages, and wrappers of a
    package's own that read JSON alone, cannot open one.

    Args:
        algorithm: the algorithm; None: an image alone, of which nothing is known.
    """
    if algorithm is None:
        return "legacy"
    try:
        return "json" if locate(algorithm).takes_json else "legacy"
    except NoPackage:
        return "json" if _is_program(algorithm) else "legacy"


def _is_program(algorithm: Algorithm) -> bool:
    """Whether the image that is built for it starts a program that is not Python."""
    if algorithm.build is None:
        return False
    project = Project.of(Path(algorithm.build.context), algorithm)
    try:
        start = understand(
            project.stage.command, project.variables, project.script, project.shell_text
        )
    except NotUnderstood:
        return False
    return start.entry is None


def _in_folder(folder: Path, algorithm: Algorithm) -> Location:
    project = Project.of(folder, algorithm)
    is_package = (folder / "__init__.py").exists()
    if is_package and algorithm.module is None and project.dockerfile is None:
        return _package(folder, algorithm)
    start = _start(project)
    module, place = _module(project, start, algorithm.module, folder if is_package else None)
    return _location(project, start, module, place)


def _package(folder: Path, algorithm: Algorithm) -> Location:
    """A package's own folder; a Dockerfile beside it counts if it is about that package."""
    project = Project.of(folder.parent, algorithm)
    plain = Location(folder.name, folder.parent, environment=tuple(algorithm.env.items()))
    try:
        start = _start(project)
        module, place = _module(project, start, None, None)
    except NoPackage:
        return plain
    if (place / module).resolve() != folder.resolve():
        return plain
    return _location(project, start, module, folder.parent)


def _start(project: Project) -> Start | None:
    """How the image of a project starts; None if nothing says so that can be understood."""
    stage = project.stage
    if not stage.command:
        return None
    try:
        start = understand(stage.command, project.variables, project.script, project.shell_text)
        if start.entry is not None and start.entry.how == WRAPPER and not start.entry.module:
            raise NotUnderstood("it names no module: a container has no variable of that name, "
                                "as ARG is for the build alone")  # fmt: skip
        if start.entry is not None and start.entry.how == SCRIPT:
            script = project.local(start.entry.what, start.folder)
            if script is None:
                raise NotUnderstood(f"there is no file {start.entry.what!r} in {project.folder}")
            return Start(start.entry._replace(what=str(script)), (), start.environment)
        if start.entry is None:
            return _program(project, start)
    except NotUnderstood as error:
        _warn(
            f"{project.dockerfile}, line {stage.line}: {stage.text!r} is not understood ({error}), "
            "and so the module is handed to docker_wrapper. Say how it starts by --command "
            "(`command` of the algorithm in a world or in Python)"
        )
        return None
    return start


def _program(project: Project, start: Start) -> Start:
    """The start of another program, the paths of files in the image being those of files here."""
    first, *arguments = start.program
    program = str(project.local(first, start.folder) or first) if "/" in first else first
    if shutil.which(program) is None:
        empty = ", as the variable before it is empty" if first.startswith("-") else ""
        raise NotUnderstood(f"there is no program {first!r} here{empty}")
    found = [str((each[:1] != "-" and project.local(each, start.folder)) or each)
             for each in arguments]  # fmt: skip
    return Start(None, (program, *found), start.environment)


def _module(
    project: Project, start: Start | None, wanted: str | None, package: Path | None
) -> tuple[str, Path]:
    """The module of a project, and the folder that it is in.

    Args:
        project: the project.
        start: how its image starts.
        wanted: the module that somebody wants, if they do.
        package: the project's folder, if that is a package itself.
    """
    if wanted is not None:
        return project.wanted(wanted, *([package.parent] if package else []))
    entry = start.entry if start else None
    for name in _modules_of(entry) if entry else ():
        if found := project.place_of(name):
            return found
    if found := project.named():
        _warn_of_another(project, entry, found[0], "which PKG_NAME names")
        return found
    if package is not None:
        return package.name, package.parent
    if start is not None and (entry is None or entry.how == SCRIPT):
        try:
            return project.only()
        except NoPackage:
            return project.folder.name, project.folder
    module, place = project.only()
    _warn_of_another(project, entry, module, "the only one there")
    return module, place


def _warn_of_another(project: Project, entry: Entry | None, module: str, why: str) -> None:
    """Warn that another module is run than the one that the CMD names: the image would fail."""
    if entry is not None and entry.how == WRAPPER:
        _warn(
            f"{project.dockerfile}: its CMD names the module {entry.module!r}, which is not in "
            f"{project.folder}; {module!r} is run, {why}"
        )


def _modules_of(entry: Entry) -> Iterator[str]:
    """The modules that an entry names, the one that is asked for first."""
    if entry.how == WRAPPER:
        yield entry.module
    elif entry.how == MODULE:
        yield from (entry.what, entry.what.partition(".")[0])
    elif entry.how == CODE:
        for name in re.findall(r"(?:\bfrom\s+|\bimport\s+)([\w.]+)", entry.what):
            yield from (name, name.partition(".")[0])


def _location(project: Project, start: Start | None, module: str, place: Path) -> Location:
    environment = tuple({**project.of_image, **dict(start.environment if start else ()),
                         **project.env}.items())  # fmt: skip
    if start is not None and start.entry is None:
        return Location(module, project.folder, start.program, environment=environment)
    entry = start.entry if start else None
    if entry is not None and entry.how == WRAPPER:
        entry = entry._replace(module=module)
    if entry == Entry(module=module):
        entry = None
    location = Location(module, place, (), entry, environment)
    if start is not None:
        _tell(f"{project.dockerfile} starts {location.entry}: that is how it is run here")
    return location


@lru_cache(maxsize=64)
def _warn(text: str) -> None:
    """Warn of something once, though it is met in every run."""
    logger.warning(text)


@lru_cache(maxsize=64)
def _tell(text: str) -> None:
    logger.info(text)


def _by_command(folder: Path, algorithm: Algorithm) -> Location:
    """What somebody wants to be run, which need not be what the image does."""
    if not folder.is_dir():
        program = algorithm.command[0]
        raise NoPackage(f"{folder}, where {program!r} is to be run, is not a folder")
    project = Project.of(folder, algorithm)
    try:
        start = understand(algorithm.command, project.variables, project.script, project.shell_text)
    except NoPython as error:
        raise NoPackage(f"the command {shlex.join(algorithm.command)!r}: {error}") from None
    except NotUnderstood:
        start = Start(None, tuple(algorithm.command))
    entry = start.entry
    if entry is None:
        return _command(folder, start, algorithm)
    if entry.how == SCRIPT:
        script = (folder / entry.what).absolute()
        if not script.is_file():
            raise NoPackage(f"there is no file {entry.what!r} in {folder} to run")
        start = Start(entry._replace(what=str(script)), (), start.environment)
    elif entry.how == MODULE and algorithm.python is None:
        _check_module(project, entry.what)
    package = folder if (folder / "__init__.py").exists() else None
    module, place = _module(project, start, algorithm.module, package)
    return _location(project, start, module, place)


def _check_module(project: Project, module: str) -> None:
    """Insist that there is a module to run, in the project or installed."""
    first = module.partition(".")[0]
    here = (project.folder.parent, *project.places)
    if project.place_of(module) or any((each / first).is_dir() for each in here):
        return
    if find_module(first) is None:
        raise NoPackage(f"there is no module {module!r} in {project.folder}, nor is it installed")


def _command(folder: Path, start: Start, algorithm: Algorithm) -> Location:
    program, *arguments = start.program
    if os.sep in program:
        program = str(folder / program)
    if shutil.which(program) is None:
        raise NoPackage(
            f"there is no program {program!r} to run: install it, or correct the algorithm's "
            "`command`"
        )
    environment = {**dict(start.environment), **algorithm.env}
    return Location(
        folder.name, folder, (program, *arguments), environment=tuple(environment.items())
    )
