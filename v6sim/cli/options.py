"""Options that several verbs have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

ExecutorName = Literal["inline", "process"]


World = Annotated[
    str,
    typer.Option("--world", metavar="FILE", help="World file, or a built-in world: manual, empty."),
]
Host = Annotated[
    str, typer.Option(help="Address to listen on; the default is for this machine alone.")
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
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens to stderr.")]
