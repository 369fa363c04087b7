"""`v6sim server`: a server alone; its nodes connect from elsewhere."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from v6sim.cli import called, failures, forever, logs, options

if TYPE_CHECKING:
    from v6sim.sandbox import Federation


def server(
    world: options.World = "manual",
    port: options.Port = 5000,
    host: options.Host = "127.0.0.1",
    keep: options.Keep = None,
    verbose: options.Verbose = False,
) -> None:
    """Run the server of a world alone, until ctrl-C; nodes connect with `v6sim node`."""
    with failures.clear_failures():
        from v6sim.cli.worlds import load
        from v6sim.sandbox import Federation

        logs.set_up(verbose=verbose)
        made_of = load(world)
        made_of.settings.setdefault("hold_seconds", 0)  # alone it answers as the genuine one does
        service = Federation(made_of, host=host, port=port, keep=keep, with_nodes=False)
        forever.run_until_stopped(service, _tell)


def _tell(up: "Federation") -> None:
    from v6sim.cli import inventory

    typer.echo(f"The server is up at {up.serving.api_url}  (ctrl-C stops it)")
    for line in (*inventory.inspector(up), *_nodes(up)):
        typer.echo(line)


def _nodes(up: "Federation") -> Iterator[str]:
    """How to start each node of the world; their keys may have been made up at this start."""
    from v6sim.world import builtin_algorithms

    algorithms = [
        f"--algorithm={image}={algorithm.package}"
        for image, algorithm in up.world.algorithms.items()
        if image not in builtin_algorithms()
    ]
    for collaboration in up.world.collaborations:
        for participant in collaboration.participants:
            if participant.has_node:
                databases = participant.databases
                command = [called.me(), "node", "--server", up.serving.api_url]
                command += [f"--api-key={participant.api_key}", *algorithms]
                command += [f"--database={label}={uri}" for label, uri in databases.items()]
                if collaboration.encrypted:
                    command += _encryption(up.private_keys.get(participant.name))
                node = collaboration.node_name(participant)
                yield f"\nNode {node!r} of organization {participant.name!r}:"
                yield f"  {shlex.join(command)}"


def _encryption(private_key: Path | None) -> list[str]:
    return [f"--private-key={private_key}"] if private_key else ["--encrypted"]
