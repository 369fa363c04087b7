"""Asking a v6sim that runs, under /_v6sim/."""

from pathlib import Path

from v6sim.cli.addresses import address
from v6sim.cli.failures import Mistake
from v6sim.control_client import ControlClient


def at(server: str, token_file: Path | None = None) -> ControlClient:
    """Return what asks a server.

    Args:
        server: its address, with or without the path of its API.
        token_file: file with its secret; None: it is looked up.

    Raises:
        Mistake: the address can be none, or the file holds no secret.
    """
    secret = None if token_file is None else _read(token_file)
    return ControlClient(address("--server", server), secret, patience=None)


def _read(file: Path) -> str:
    secret = file.expanduser().read_text("utf-8").strip()
    if not secret or len(secret.split()) != 1:
        raise Mistake(
            f"--token-file {file}: expected the secret of a v6sim and nothing else, as the server "
            "has written it"
        )
    return secret
