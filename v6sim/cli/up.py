"""`v6sim up`: the server and all nodes of a world, in the foreground."""

from typing import TYPE_CHECKING

from v6sim.cli import failures, forever, logs, options

if TYPE_CHECKING:
    from rich.console import Console

    from v6sim.cli.inventory import Disclosure
    from v6sim.sandbox import Federation
    from v6sim.server.events import Event


def up(
    world: options.World = "manual",
    port: options.Port = 5000,
    host: options.Host = "127.0.0.1",
    executor: options.Executor = None,
    cold: options.Cold = False,
    keep: options.Keep = None,
    allow_host: options.AllowHost = None,
    allow_origin: options.AllowOrigin = None,
    show_passwords: options.ShowPasswords = False,
    verbose: options.Verbose = False,
) -> None:
    """Run the server and all nodes of a world, until ctrl-C."""
    with failures.clear_failures():
        from v6sim.cli import inventory
        from v6sim.cli.worlds import load
        from v6sim.sandbox import Federation

        logs.set_up(verbose=verbose)
        service = Federation(
            load(world), host=host, port=port, executor=executor,
            cold=cold, keep=keep, tell=options.say,
            settings=options.network_settings(allow_host, allow_origin),
        )  # fmt: skip
        disclosure = inventory.Disclosure(world, show_passwords)
        forever.run_until_stopped(service, lambda up: _tell(up, disclosure))


def _tell(up: "Federation", disclosure: "Disclosure") -> None:
    from rich.console import Console

    from v6sim.cli import inventory
    from v6sim.cli.printing import print_lines, print_table

    console = Console()
    print_lines(console, (f"v6sim is up at {up.serving.api_url}  (ctrl-C stops it)",))
    print_lines(console, (*inventory.inspector(up), ""))
    columns = ("user", "password", "organization", "roles")
    print_table(console, columns, inventory.users(up, disclosure))
    print_lines(console, inventory.describe(up))

    def print_mail(event: "Event") -> None:
        _print_mail(console, event, whole=disclosure.shows)

    up.serving.server.core.events.subscribe(print_mail)


def _print_mail(console: "Console", event: "Event", *, whole: bool) -> None:
    """Mails go nowhere here, so that their readers find them where they look.

    A mail holds a token that replaces a password: it is shown where passwords are.
    """
    from v6sim.cli.printing import print_lines
    from v6sim.server.events import MailWritten

    if isinstance(event, MailWritten):
        text = event.text if whole else "(its text is in the inspector, on the page Outbox)"
        print_lines(console, ("", f"Mail to {event.to}: {event.subject}", "", text))
