"""The federation of a dry run: one organization for each file of data, and one algorithm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import typer

from v6sim.cli.failures import Mistake
from v6sim.cli.files import data_place
from v6sim.cli.packages import Starting, algorithm_of
from v6sim.node.executors.methods import has_both, has_partial, is_master
from v6sim.node.executors.packages import input_format, locate
from v6sim.world import Algorithm, World, builtin_algorithms
from v6sim.world.path import has_scheme

USER = "developer"
COLLABORATION = "dry run"
_PREFIX = "RPC_"


@dataclass(frozen=True)
class DryRun:
    """What is run, and where.

    Args:
        image: the image name that stands for the algorithm.
        world: the federation, with that algorithm.
    """

    image: str
    world: World

    @classmethod
    def of(
        cls,
        algorithm: str,
        data: Mapping[str, str],
        start: Starting,
        executor: str,
        *,
        encrypted: bool,
    ) -> "DryRun":
        """A dry run of what the user named.

        Args:
            algorithm: a folder, a file, an installed module, or the image name of a built-in one.
            data: the file or address of the data of each organization, by its name.
            start: in what interpreter, and how, its runs begin.
            executor: how it is going to be run.
            encrypted: whether payloads are.

        Raises:
            Mistake: there is no such thing.
            NoPackage: there is, but no one module in it.
        """
        image, package = _package(algorithm, start, executor)
        return cls(image, _world(image, package, data, encrypted=encrypted))

    @property
    def organizations(self) -> list[str]:
        """Names of the organizations."""
        return [organization.name for organization in self.world.organizations]

    def settle(self, method: str, *, master: bool | None) -> tuple[str, bool]:
        """The method's name as clients send it, and whether it is run as a master.

        Args:
            method: the name that the user gave; a prefix too many is dropped, with a note.
            master: what the user said; None: what the package has under that name.
        """
        package = self.world.algorithms.get(self.image)
        plain = method.removeprefix(_PREFIX)
        if not master and plain != method and not has_partial(package, method):
            typer.echo(
                f"note: --method {method}: the prefix {_PREFIX} is not needed; clients call it "
                f"{plain!r}, which is what is run now",
                err=True,
            )
            return plain, False
        if master is None and has_both(package, method):
            typer.echo(
                f"note: --method {method}: there is a master and a partial of that name; the "
                "partial is run, and --master runs the other",
                err=True,
            )
        return method, is_master(package, method) if master is None else master

    @property
    def input_format(self) -> str:
        """The format in which it takes its input."""
        return input_format(self.world.algorithms.get(self.image))


def _world(
    image: str, package: Algorithm | None, data: Mapping[str, str], *, encrypted: bool
) -> World:
    user = {"username": USER, "password": "Developer-1", "roles": ["Researcher"]}
    return World.of(
        {
            "organizations": [
                {"name": name, "users": [] if number else [user]}
                for number, name in enumerate(data)
            ],
            "collaborations": [
                {
                    "name": COLLABORATION,
                    "encrypted": encrypted,
                    "participants": [
                        {"name": name, "databases": {"default": place}}
                        for name, place in data.items()
                    ],
                }
            ],
            "algorithms": {image: package.model_dump()} if package else {},
        }
    )


def _package(algorithm: str, start: Starting, executor: str) -> tuple[str, Algorithm | None]:
    """The image name of an algorithm, and what it is run from; None where the engine knows it.

    Built-in ones go by their image names.
    """
    if builtin := builtin_algorithms().get(algorithm):
        return algorithm, builtin.model_copy(update=start.options())
    if executor == "docker" and not Path(algorithm).exists():
        return algorithm, Algorithm(env=start.variables()) if start.env else None
    package = algorithm_of(algorithm, start)
    if executor != "docker":
        locate(package)
    if executor == "docker" and package.build is None:
        raise Mistake(
            f"{algorithm}: there is no Dockerfile in it, which the docker executor builds an image "
            "from; leave --executor out to run it without Docker"
        )
    return Path(algorithm).resolve().name.removesuffix(".py"), package


def tables(places: Iterable[str | Path]) -> dict[str, str]:
    """Files and addresses of data by the names of their organizations.

    Those are their own, with a number if need be.

    Raises:
        Mistake: a file is not there, or no file.
    """
    named: dict[str, str] = {}
    for place in (data_place("--data", each) for each in places):
        stem, number = _stem(place), 2
        name = stem
        while name in named or name == "root":
            name, number = f"{stem} {number}", number + 1
        named[name] = place
    return named


def _stem(place: str) -> str:
    """What to call the organization whose data are there."""
    if not has_scheme(place):
        return Path(place).stem
    parts = urlsplit(place)
    return Path(parts.path).stem or parts.hostname or parts.scheme
