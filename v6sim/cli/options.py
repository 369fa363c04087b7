"""Options that several verbs have."""

import socket
from pathlib import Path
from typing import Annotated, Literal

import typer

ExecutorName = Literal["inline", "process", "docker"]


def _resolved(host: str) -> str:
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError) as error:
        raise typer.BadParameter(
            f"{host!r} is no address ({error}); expected one of this machine, such as 127.0.0.1, "
            "or 0.0.0.0 for all of them"
        ) from None
    return host


World = Annotated[
    str,
    typer.Option("--world", metavar="FILE", help="World file, or a built-in world: manual, empty."),
]
Host = Annotated[
    str,
    typer.Option(
        callback=_resolved, help="Address to listen on; the default is for this machine alone."
    ),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")]
Keep = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Keep the database and keys here, and take them up again next time."
    ),
]
Executor = Annotated[
    ExecutorName | None, typer.Option(help="How algorithms run; default: as the world says.")
]
LoneExecutor = Annotated[
    ExecutorName,
    typer.Option(
        "--executor",
        help="How algorithms run: in a process of their own, or inline, where breakpoints work.",
        show_default=True,
    ),
]
Cold = Annotated[
    bool, typer.Option("--cold", help="Start a fresh interpreter for each run of an algorithm.")
]
Server = Annotated[str, typer.Option(metavar="URL", help="Address of a v6sim that runs.")]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="File with the secret of that v6sim, where it is another user's or elsewhere; also "
        "V6SIM_CONTROL_TOKEN in the environment.",
    ),
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="NAME",
        help="Answer for this host name too (or *.NAME); repeatable.",
    ),
]
AllowOrigin = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="ORIGIN",
        help="Let web pages of this origin read answers, such as https://ui.example; repeatable.",
    ),
]
ShowPasswords = Annotated[
    bool,
    typer.Option(
        "--show-passwords",
        help="Print passwords and keys of a world file also where no terminal is.",
    ),
]
Handout = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Hand out here, in a folder for each node, what it takes to start it."
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens to stderr.")]


def network_settings(
    allow_host: list[str] | None, allow_origin: list[str] | None
) -> dict[str, list[str]]:
    """Return the settings of the server that options name; what they leave out the world says."""
    given = {"allowed_hosts": allow_host, "allowed_origins": allow_origin}
    return {name: value for name, value in given.items() if value}


def say(line: str) -> None:
    """Show a line of what goes on, beside what the command itself has to tell."""
    typer.echo(line, err=True)
