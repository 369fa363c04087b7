"""Running again whenever something has changed."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import typer
from watchfiles import watch

from v6sim.cli import failures
from v6sim.cli.failures import Mistake
from v6sim.cli.packages import algorithm_of
from v6sim.cli.request import Request
from v6sim.client import ApiError
from v6sim.node.errors import NodeError, NoPackage
from v6sim.node.executors.packages import locate
from v6sim.node.executors.sources import Sources
from v6sim.world import builtin_algorithms
from v6sim.world.path import has_scheme

_QUIET = 50  # milliseconds without a change after which changes count as done
_LONGEST = 1000  # milliseconds after which they count as done in any case
_GLANCE = 1000  # milliseconds between looks at what the system may not have told


def run(request: Request, data: Iterable[str], once: Callable[[], int]) -> int:
    """Run, and again after each change, until ctrl-C; returns the exit code of the last run.

    Args:
        request: what is run.
        data: the files of data, and addresses, which are not watched.
        once: runs it.
    """
    sources = [*_sources_of(request), *(place for place in data if not has_scheme(place))]
    code = 0
    while True:
        seen = Sources(sources)
        code = _attempt(once)
        try:
            typer.echo("\nwaiting for changes (ctrl-C ends)", err=True)
            _wait(seen, sources)
        except KeyboardInterrupt:
            return code
        typer.echo("", err=True)


def _attempt(once: Callable[[], int]) -> int:
    """Run it; what is wrong with it now may be right after the next change."""
    try:
        return once()
    except (Mistake, NodeError, ApiError) as error:
        typer.echo(f"error: {failures.text_of(error)}", err=True)
        return 2


def _wait(seen: Sources, sources: Sequence[str]) -> None:
    """Wait until files are not as they were seen."""
    if seen.changed():
        return
    for _ in watch(
        *_folders(sources), recursive=False, watch_filter=None, step=_QUIET, debounce=_LONGEST,
        rust_timeout=_GLANCE, yield_on_timeout=True,
    ):  # fmt: skip
        if seen.changed():
            return


def _folders(sources: Sequence[str]) -> list[Path]:
    """The folders in which something may change: those of packages, and those that hold files."""
    found: dict[Path, None] = {}
    for source in map(Path, sources):
        inside = [each for each in source.rglob("*") if each.is_dir()] if source.is_dir() else []
        for folder in (source.parent, source, *inside):
            if folder.is_dir() and not folder.name.startswith((".", "__pycache__")):
                found[folder] = None
    return list(found)


def _sources_of(request: Request) -> tuple[str, ...]:
    """The files and folders that an algorithm is made of.

    Raises:
        Mistake: it is none that could change.
    """
    algorithm = builtin_algorithms().get(request.algorithm)
    if algorithm is None:
        if request.executor == "docker" and not Path(request.algorithm).exists():
            raise Mistake(f"--watch: {request.algorithm} is an image, which does not change")
        algorithm = algorithm_of(request.algorithm, request.start)
    if request.executor == "docker" and algorithm.build:
        return (algorithm.build.context,)
    try:
        return locate(algorithm).files
    except NoPackage:
        return (algorithm.package,) if algorithm.package else ()
