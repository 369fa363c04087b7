"""`v6sim server`: a server alone; its nodes connect from elsewhere."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v6sim.cli import called, failures, forever, logs, options
from v6sim.cli.failures import Mistake
from v6sim.runtime.atomic_file import write_atomically

if TYPE_CHECKING:
    from v6sim.cli.inventory import Disclosure
    from v6sim.sandbox import Federation
    from v6sim.world import Collaboration, Participant


def server(
    world: options.World = "manual",
    port: options.Port = 5000,
    host: options.Host = "127.0.0.1",
    keep: options.Keep = None,
    handout: options.Handout = None,
    new_secrets: Annotated[
        bool,
        typer.Option(
            "--new-secrets",
            help="Make up all passwords and API keys, whatever the world says; needs --keep, where "
            "the files `logins` and `control-token` tell them.",
        ),
    ] = False,
    allow_host: options.AllowHost = None,
    allow_origin: options.AllowOrigin = None,
    show_passwords: options.ShowPasswords = False,
    verbose: options.Verbose = False,
) -> None:
    """Run the server of a world alone, until ctrl-C; nodes connect with `v6sim node`."""
    with failures.clear_failures():
        from v6sim.cli.inventory import Disclosure
        from v6sim.cli.worlds import load
        from v6sim.sandbox import Federation

        logs.set_up(verbose=verbose)
        if new_secrets and keep is None:
            raise Mistake("--new-secrets: --keep DIR is needed too, or nobody would know them")
        made_of = load(world)
        made_of.settings.setdefault("hold_seconds", 0)  # alone it answers as the genuine one does
        service = Federation(
            made_of, host=host, port=port, keep=keep, with_nodes=False, handout=handout,
            new_secrets=new_secrets, settings=options.network_settings(allow_host, allow_origin),
        )  # fmt: skip
        disclosure = Disclosure("" if new_secrets else world, show_passwords)

        def tell(up: "Federation") -> None:
            if keep is not None and new_secrets:
                _write_logins(up, keep / "logins")
                _write(keep / "control-token", f"{up.serving.server.secret}\n")
            _tell(up, handout, disclosure)

        forever.run_until_stopped(service, tell)


def _tell(up: "Federation", handout: Path | None, disclosure: "Disclosure") -> None:
    from v6sim.cli import inventory

    typer.echo(f"The server is up at {up.serving.api_url}  (ctrl-C stops it)")
    rest = _nodes(up, disclosure) if handout is None else _handed_out(up, handout)
    for line in (*inventory.inspector(up), *rest):
        typer.echo(line)


def _write_logins(up: "Federation", file: Path) -> None:
    """Tell who can log in."""
    from v6sim.cli import inventory

    every = inventory.Disclosure("", is_wanted=True)
    rows = [("user", "password", "organization", "roles"), *inventory.users(up, every)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    _write(file, "\n".join(lines) + "\n")


def _write(file: Path, text: str) -> None:
    """Write what its owner alone can read."""
    write_atomically(file, text.encode(), 0o600)


def _handed_out(up: "Federation", handout: Path) -> Iterator[str]:
    """How to start each node with what was handed out to it."""
    for number, (node, _, _) in enumerate(_participants(up), start=1):
        command = [called.me(), "node", "--server", up.serving.api_url]
        command += ["--handout", str(handout / str(number))]
        yield f"\nNode {node!r}:"
        yield f"  {shlex.join(command)}"


def _nodes(up: "Federation", disclosure: "Disclosure") -> Iterator[str]:
    """How to start each node of the world; their keys may have been made up at this start."""
    from v6sim.world import builtin_algorithms
    from v6sim.world.secrets import without_passwords

    algorithms = [
        f"--algorithm={image}={algorithm.package}"
        for image, algorithm in up.world.algorithms.items()
        if image not in builtin_algorithms()
    ]
    for node, collaboration, participant in _participants(up):
        databases = participant.databases
        command = [called.me(), "node", "--server", up.serving.api_url]
        command += [f"--api-key={disclosure.of(participant.api_key or '')}", *algorithms]
        shown = str if disclosure.shows else without_passwords
        command += [f"--database={label}={shown(uri)}" for label, uri in databases.items()]
        if collaboration.encrypted:
            command += _encryption(up.private_keys.get(participant.name))
        yield f"\nNode {node!r} of organization {participant.name!r}:"
        yield f"  {shlex.join(command)}"
    if not disclosure.shows:
        yield "\nKeys are hidden, as this is no terminal: --show-passwords shows them."


def _participants(up: "Federation") -> "Iterator[tuple[str, Collaboration, Participant]]":
    """Those with a node, and its name."""
    for collaboration in up.world.collaborations:
        for participant in collaboration.participants:
            if participant.has_node:
                yield collaboration.node_name(participant), collaboration, participant


def _encryption(private_key: Path | None) -> list[str]:
    return [f"--private-key={private_key}"] if private_key else ["--encrypted"]
