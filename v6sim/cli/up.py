"""`v6sim up`: the server and all nodes of a world, in the foreground."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from v6sim.cli import failures, forever, logs, options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from v6sim.sandbox import Federation
    from v6sim.server.events import Event
    from v6sim.world import World


_NAME = 20  # characters for the names of organizations


def up(
    world: options.World = "manual",
    port: options.Port = 5000,
    host: options.Host = "127.0.0.1",
    executor: options.Executor = None,
    cold: options.Cold = False,
    keep: options.Keep = None,
    verbose: options.Verbose = False,
) -> None:
    """Run the server and all nodes of a world, until ctrl-C."""
    with failures.clear_failures():
        from v6sim.sandbox import Federation
        from v6sim.world import World

        logs.set_up(verbose=verbose)
        service = Federation(
            World.load(world), host=host, port=port, executor=executor,
            cold=cold, keep=keep,
        )  # fmt: skip
        forever.run_until_stopped(service, _tell)


def _tell(up: "Federation") -> None:
    from rich.console import Console

    console = Console()
    lines = (f"v6sim is up at {up.serving.api_url}  (ctrl-C stops it)", "")
    _print_lines(console, lines)
    console.print(_users(up.world))
    _print_lines(console, _nodes(up))
    _print_lines(console, _private_keys(up))
    _print_lines(console, _algorithms(up.world))
    up.serving.server.core.events.subscribe(lambda event: _print_mail(console, event))


def _print_mail(console: "Console", event: "Event") -> None:
    """Mails go nowhere here, so that their readers find them where they look."""
    from v6sim.server.events import MailWritten

    if isinstance(event, MailWritten):
        _print_lines(console, ("", f"Mail to {event.to}: {event.subject}", "", event.text))


def _users(world: "World") -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("user", "password", "organization", "roles"):
        table.add_column(column, no_wrap=column in ("user", "password"))
    table.add_row("root", "root", "root", "Root")
    for organization in world.organizations:
        for user in organization.users:
            roles = ", ".join(user.roles) or "-"
            table.add_row(user.username, user.password or "-", organization.name, roles)
    return table


def _nodes(up: "Federation") -> Iterator[str]:
    """Each collaboration with its organizations, their nodes and their data."""
    online = {node.name for node in up.nodes if node.online}
    for collaboration in up.world.collaborations:
        yield f"Collaboration {collaboration.name}" + " (encrypted)" * collaboration.encrypted
        for participant in collaboration.participants:
            name = collaboration.node_name(participant)
            state = "no node"
            if name in up.failed:
                state = f"node not started: {up.failed[name]}"
            elif participant.has_node:
                state = "node online" if name in online else "node offline"
            yield f"  {participant.name:<{_NAME}} {state}"
            for label, uri in participant.databases.items():
                yield f"      {label} = {uri}"
        yield ""


def _private_keys(up: "Federation") -> Iterator[str]:
    """With what clients read what is encrypted for their organizations."""
    if not up.private_keys:
        return
    yield "Private keys, for client.setup_encryption(FILE) of the organization's users"
    for organization, file in up.private_keys.items():
        yield f"  {organization:<{_NAME}} {file}"
    yield ""


def _algorithms(world: "World") -> Iterator[str]:
    yield "Images, and the packages that are run for them"
    for image, algorithm in world.algorithms.items():
        yield f"  {image} = {algorithm.package}"


def _print_lines(console: "Console", lines: Iterable[str]) -> None:
    """Print lines as they are, however long."""
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
