"""From a file, or from data, to a world."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from v6sim.world.builtins import builtin_algorithms, builtin_file, builtin_worlds
from v6sim.world.check import check
from v6sim.world.document import read
from v6sim.world.errors import Problem, WorldInvalidError, WorldMissingError
from v6sim.world.explain import explain
from v6sim.world.nearest import nearest

if TYPE_CHECKING:
    from v6sim.world.world import World

W = TypeVar("W", bound="World")


def load(kind: type[W], source: str | Path) -> W:
    """The world that a file holds, or the built-in one of that name.

    Raises:
        WorldError: it cannot be had.
    """
    file = builtin_file(source) if isinstance(source, str) else None
    if file is None:
        file = Path(source).expanduser()
        if not file.exists():
            raise _missing(file)
    document = read(file)
    problems = [
        Problem(place, "is given twice; put the two together", file, line)
        for place, line in document.doubles
    ]
    if not isinstance(document.data, Mapping):
        raise WorldInvalidError([Problem((), _no_mapping(document.data), file, document.line(()))])
    try:
        world = build(kind, document.data, file.parent)
    except WorldInvalidError as error:
        problems += [
            Problem(each.place, each.text, file, document.line(each.place))
            for each in error.problems
        ]
    if problems:
        raise WorldInvalidError(sorted(problems, key=lambda each: each.line or 0)) from None
    return world


def build(kind: type[W], data: Mapping[str, Any], base: Path) -> W:
    """The world that `data` describes; its relative paths count from `base`.

    Raises:
        WorldInvalidError: it is wrong; carries all its problems.
    """
    problems = [Problem(place, text) for place, text in check(data)]
    world = None
    try:
        world = kind.model_validate(data, context={"base": base})
    except ValidationError as error:
        problems += [Problem(place, text) for place, text in explain(error, kind)]
    except WorldInvalidError as error:  # the model checks itself: mostly what is known already
        problems += [each for each in error.problems if each not in problems]
    if problems or world is None:
        raise WorldInvalidError(problems)
    algorithms = {**builtin_algorithms(), **world.algorithms}
    return world.model_copy(update={"algorithms": algorithms})


def _missing(file: Path) -> WorldMissingError:
    names = builtin_worlds()
    meant = _sibling(file) or nearest(str(file), names)
    hint = f"; did you mean {str(meant)!r}?" if meant else ""
    text = f"there is no such file, and no built-in world ({', '.join(names)}) of this name{hint}"
    return WorldMissingError([Problem((), text, file)])


def _sibling(file: Path) -> Path | None:
    """A file beside the one looked for whose name is nearly the same."""
    try:
        names = [each.name for each in file.parent.iterdir() if each.is_file()]
    except OSError:
        return None
    name = nearest(file.name, names)
    return file.with_name(name) if name else None


def _no_mapping(data: object) -> str:
    if data is None:
        return "holds nothing; `v6sim world new` writes an example to start from"
    return (
        f"is a {'list' if isinstance(data, list) else 'single value'}; expected the fields of a "
        "world: settings, organizations, collaborations, algorithms, executor, docker"
    )
