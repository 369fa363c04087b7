"""`v6sim keys`: private keys of organizations."""

from pathlib import Path
from typing import Annotated

import typer

from v6sim.cli import failures

app = typer.Typer(help="Make private keys, for collaborations that encrypt.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Make private keys, for collaborations that encrypt."""


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; must be new.")],
) -> None:
    """Make a private key, and print the public key that belongs to it, as the server has it.

    The file can be read by its owner alone. Others need the public key only; nodes and genuine
    clients give it to the server by themselves.
    """
    with failures.clear_failures():
        from v6sim.keyring import write_private_key

        try:
            key = write_private_key(file)
        except FileExistsError:
            raise failures.Mistake(
                f"{file} exists already, and is not overwritten, as what was encrypted for it "
                "would be lost; choose another name"
            ) from None
        typer.echo(f"wrote {file}, with the public key", err=True)
        typer.echo(str(key.public_key))
