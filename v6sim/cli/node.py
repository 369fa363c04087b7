"""`v6sim node`: a node alone, for a server that runs elsewhere."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v6sim.cli import failures, forever, logs, options
from v6sim.cli.failures import Mistake

if TYPE_CHECKING:
    from v6sim.node.node import Node
    from v6sim.node.settings import NodeSettings
    from v6sim.world import Algorithm, Docker

Repeated = list[str] | None


def node(
    api_key: Annotated[
        str,
        typer.Option(
            envvar="V6SIM_API_KEY", show_envvar=True, help="Key that the server gave for the node."
        ),
    ],
    server: Annotated[
        str, typer.Option(help="Address of the server, such as http://127.0.0.1:5000/api.")
    ],
    database: Annotated[
        Repeated, typer.Option(metavar="LABEL=PATH", help="What tasks compute on; repeatable.")
    ] = None,
    algorithm: Annotated[
        Repeated,
        typer.Option(metavar="IMAGE=PACKAGE", help="What an image name stands for; repeatable."),
    ] = None,
    allowed_image: Annotated[
        Repeated,
        typer.Option(
            metavar="REGEX", help="Image names that it runs, matched from their start; repeatable."
        ),
    ] = None,
    executor: options.Executor = None,
    cold: options.Cold = False,
    pull: Annotated[
        bool, typer.Option("--pull", help="With docker: ask registries for unknown images.")
    ] = False,
    verbose: options.Verbose = False,
) -> None:
    """Run a node until ctrl-C: it fetches its tasks from a server, runs and reports them."""
    with failures.clear_failures():
        from pydantic import SecretStr

        from v6sim.node.settings import NodeSettings
        from v6sim.world import Docker

        logs.set_up(verbose=verbose)
        settings = NodeSettings(
            server=server, api_key=SecretStr(api_key), databases=_databases(database or []),
            allowed_images=_patterns(allowed_image or []),
        )  # fmt: skip
        algorithms = _algorithms(algorithm or [])
        forever.run_until_stopped(
            _running(settings, algorithms, executor, cold=cold, docker=Docker(pull=pull)), _tell
        )


@asynccontextmanager
async def _running(
    settings: "NodeSettings",
    algorithms: dict[str, "Algorithm"],
    executor: options.ExecutorName | None,
    *,
    cold: bool,
    docker: "Docker",
) -> AsyncIterator["Node"]:
    from v6sim.node.executors.choice import make_executor
    from v6sim.node.node import Node
    from v6sim.node.places import Places

    ways = make_executor(
        executor or "process", algorithms, cold=cold, docker=docker, tell=options.say
    )
    node = Node(settings, ways, Places())
    try:
        await ways.open()
        await node.start()
        yield node
    finally:
        await node.stop()
        await ways.close()


def _tell(node: "Node") -> None:
    typer.echo(
        f"{node.name} (node {node.id}) is online at {node.settings.server}  (ctrl-C stops it)"
    )


def _databases(given: list[str]) -> dict[str, str]:
    databases: dict[str, str] = {}
    for text in given:
        label, place = _pair("--database", text, "LABEL=PATH, such as default=data.csv")
        if label in databases:
            raise Mistake(f"--database {text!r}: there is a database {label!r} already")
        if "://" not in place:
            if not Path(place).is_file():
                raise Mistake(f"--database {text!r}: there is no file {place!r}")
            place = str(Path(place).absolute())
        databases[label] = place
    return databases


def _patterns(given: list[str]) -> list[str]:
    for text in given:
        try:
            re.compile(text)
        except re.error as error:
            raise Mistake(f"--allowed-image {text!r}: no regular expression: {error}") from None
    return given


def _algorithms(given: list[str]) -> dict[str, "Algorithm"]:
    from v6sim.cli.packages import algorithm_of
    from v6sim.world import builtin_algorithms

    algorithms = builtin_algorithms()
    for text in given:
        image, place = _pair("--algorithm", text, "IMAGE=PACKAGE")
        algorithms[image] = algorithm_of(place)
    return algorithms


def _pair(option: str, text: str, expected: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        raise Mistake(f"{option} {text!r}: {expected} is expected")
    return name, value
