"""`v6sim run`: the dry run of an algorithm."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v6sim.cli import failures, forever, logs, options
from v6sim.cli.failures import Mistake

if TYPE_CHECKING:
    from v6sim.client import Client, TaskView
    from v6sim.world import Algorithm, World

USER, PASSWORD = "developer", "Developer-1"
COLLABORATION = "dry run"


def run(
    algorithm: Annotated[
        str,
        typer.Argument(help="Package folder, project folder, .py file or installed package."),
    ],
    data: Annotated[
        list[Path], typer.Option(metavar="CSV", help="Data of one organization; repeatable.")
    ],
    method: Annotated[str, typer.Option(help="What to call, without the prefix RPC_.")],
    kwarg: Annotated[
        list[str],
        typer.Option(metavar="NAME=VALUE", help="Argument by name; VALUE as JSON or text."),
    ] = [],  # noqa: B006 - typer copies it
    arg: Annotated[list[str], typer.Option(metavar="VALUE", help="Argument by position.")] = [],  # noqa: B006
    master: Annotated[
        bool | None,
        typer.Option(
            "--master/--no-master",
            help="Run it as a master at the first organization, or as a partial at all; default: "
            "what the package has under that name.",
        ),
    ] = None,
    encrypted: Annotated[
        bool, typer.Option("--encrypted", help="Encrypt all payloads, with keys of the moment.")
    ] = False,
    executor: options.Executor = None,
    cold: options.Cold = False,
    python: Annotated[
        str | None, typer.Option(metavar="PATH", help="Interpreter that runs the algorithm.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    verbose: options.Verbose = False,
) -> None:
    """Run an algorithm on local files as on a federation: one organization per --data."""
    logs.set_up(verbose=verbose)
    with failures.clear_failures():
        from v6sim.sandbox import Sandbox

        image, world = _world(algorithm, data, python, encrypted=encrypted)
        is_master = _is_master(world, image, method) if master is None else master
        given = {
            "master": is_master,
            "method": method,
            "args": [_value(text) for text in arg],
            "kwargs": dict(_named(text) for text in kwarg),
        }
        forever.end_in_order()
        with Sandbox(world, executor=executor, cold=cold) as box:
            for name, error in box.failed.items():
                raise Mistake(f"{name} did not start: {error}")
            with box.client(USER) as client:
                task = _submit(client, image, given, world, as_json=as_json)
        raise typer.Exit(0 if task.is_good else 1)


def _submit(
    client: "Client", image: str, given: dict[str, Any], world: "World", *, as_json: bool
) -> "TaskView":
    from rich.console import Console

    from v6sim.cli import outcome, tree
    from v6sim.wire.payload import serialize

    ids = client.organizations()
    where = [ids[organization.name or ""] for organization in world.organizations]
    ticket = client.submit(
        client.collaborations()[COLLABORATION],
        where[:1] if given["master"] else where,
        image,
        serialize(given),
        name=given["method"],
    )
    if as_json:
        task = client.wait(ticket)
        typer.echo(outcome.as_json(task))
        return task
    console = Console()
    task = tree.watch(client, ticket, console)
    console.print()
    outcome.print_failures(task, console)
    outcome.print_results(task, console)
    return task


def _world(
    algorithm: str, data: list[Path], python: str | None, *, encrypted: bool
) -> tuple[str, "World"]:
    """A federation with one organization for each file, named after it."""
    from v6sim.world import World

    names = _names(data)
    image, package = _package(algorithm, python)
    user = {"username": USER, "password": PASSWORD, "roles": ["Researcher"]}
    return image, World.of(
        {
            "organizations": [
                {"name": name, "users": [] if number else [user]}
                for number, name in enumerate(names)
            ],
            "collaborations": [
                {
                    "name": COLLABORATION,
                    "encrypted": encrypted,
                    "participants": [
                        {"name": name, "databases": {"default": str(path.absolute())}}
                        for name, path in zip(names, data, strict=True)
                    ],
                }
            ],
            "algorithms": {image: package.model_dump()},
        }
    )


def _package(algorithm: str, python: str | None) -> tuple[str, "Algorithm"]:
    """The image name and the package of an algorithm; built-in ones go by their image names."""
    from v6sim.cli.packages import algorithm_of
    from v6sim.world import builtin_algorithms

    if builtin := builtin_algorithms().get(algorithm):
        return algorithm, builtin.model_copy(update={"python": python})
    return Path(algorithm).resolve().name.removesuffix(".py"), algorithm_of(algorithm, python)


def _names(data: list[Path]) -> list[str]:
    """Names of organizations: those of their files, with a number where two are the same."""
    names: list[str] = []
    for path in data:
        if not path.is_file():
            raise Mistake(f"--data {path}: there is no such file")
        stem, number = path.stem, 2
        name = stem
        while name in names or name == "root":
            name, number = f"{stem} {number}", number + 1
        names.append(name)
    return names


def _is_master(world: "World", image: str, method: str) -> bool:
    """Whether the package has the method as a master rather than as a partial."""
    from v6sim.cli.methods import names_in
    from v6sim.node.executors.packages import locate

    names = names_in(locate(world.algorithms[image]))
    if f"RPC_{method}" in names:
        return False
    return method in names or method == "master"


def _named(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Mistake(f"--kwarg {text!r}: NAME=VALUE is expected, such as column_name=age")
    return name, _value(value)


def _value(text: str) -> Any:
    """A value as JSON where it is JSON, else as the text it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text
