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
    private_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Private key of the organization; implies --encrypted."),
    ] = None,
    encrypted: Annotated[
        bool, typer.Option("--encrypted", help="The node's collaboration encrypts.")
    ] = False,
    executor: options.LoneExecutor = "process",
    cold: options.Cold = False,
    egress: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write here what leaves, for v6sim egress --file FILE."),
    ] = None,
    pull: Annotated[
        bool, typer.Option("--pull", help="With docker: ask registries for unknown images.")
    ] = False,
    verbose: options.Verbose = False,
) -> None:
    """Run a node until ctrl-C: it fetches its tasks from a server, runs and reports them."""
    with failures.clear_failures():
        from pydantic import SecretStr

        from v6sim.cli.addresses import address
        from v6sim.node.settings import NodeSettings
        from v6sim.world import Docker

        logs.set_up(verbose=verbose)
        settings = NodeSettings(
            server=address("--server", server),
            api_key=SecretStr(api_key),
            databases=_databases(database or []),
            encrypted=encrypted or private_key is not None,
            private_key=private_key,
            allowed_images=_patterns(allowed_image or []),
        )
        algorithms = _algorithms(algorithm or [])
        running = _running(
            settings, algorithms, executor, egress, cold=cold, docker=Docker(pull=pull)
        )
        forever.run_until_stopped(running, _tell)


@asynccontextmanager
async def _running(
    settings: "NodeSettings",
    algorithms: dict[str, "Algorithm"],
    executor: options.ExecutorName,
    egress: Path | None,
    *,
    cold: bool,
    docker: "Docker",
) -> AsyncIterator["Node"]:
    from v6sim.cli.egress_file import witness_of
    from v6sim.node.departures import nobody
    from v6sim.node.executors.choice import make_executor
    from v6sim.node.node import Node
    from v6sim.node.places import Places

    ways = make_executor(executor, algorithms, cold=cold, docker=docker, tell=options.say)
    witness = witness_of(lambda: made, egress) if egress else nobody
    made = Node(settings, ways, Places(), witness=witness)
    try:
        await ways.open()
        await made.start()
        yield made
    finally:
        await made.stop()
        await ways.close()


def _tell(node: "Node") -> None:
    typer.echo(
        f"{node.name} (node {node.id}) is online at {node.settings.server}  (ctrl-C stops it)"
    )


def _databases(given: list[str]) -> dict[str, str]:
    databases: dict[str, str] = {}
    for text in given:
        label, place = _pair("--database", text, "LABEL=PATH, such as default=data.csv")
        for other in databases:
            if other == label:
                raise Mistake(f"--database {text!r}: there is a database {label!r} already")
            if other.upper() == label.upper():
                raise Mistake(
                    f"--database {text!r}: {label!r} and {other!r} look the same to algorithms, "
                    "which see labels in capitals; rename one"
                )
        databases[label] = place if "://" in place else _file(text, place)
    return databases


def _file(text: str, place: str) -> str:
    from v6sim.cli.files import data_file

    return str(data_file(f"--database {text!r}", place))


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

    algorithms, chosen = builtin_algorithms(), set[str]()
    for text in given:
        image, place = _pair("--algorithm", text, "IMAGE=PACKAGE, such as my/image=./my-package")
        if image in chosen:
            raise Mistake(f"--algorithm {text!r}: there is a package for {image!r} already")
        chosen.add(image)
        algorithms[image] = algorithm_of(place)
    return algorithms


def _pair(option: str, text: str, expected: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        raise Mistake(f"{option} {text!r}: {expected} is expected")
    return name, value
