"""What a mistake of the user's looks like: one clear message, and exit code 2."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer

WRONG_USE = 2
"""The exit code when the user has to change something; 1 says that a task failed."""
INTERRUPTED = 130
"""The exit code of what ctrl-C ended, as shells have it."""


class Mistake(Exception):
    """Something that the user has to put right; the text says what and how."""


def fail(text: str) -> typer.Exit:
    """Say what is wrong; raise what this returns."""
    typer.echo(f"error: {text}", err=True)
    return typer.Exit(WRONG_USE)


def check_nodes(failed: Mapping[str, Exception]) -> None:
    """Insist that all nodes have started.

    Raises:
        Mistake: some have not.
    """
    if failed:
        raise Mistake("\n".join(f"{name} did not start: {why}" for name, why in failed.items()))


@contextmanager
def clear_failures() -> Iterator[None]:
    """Turn errors that are meant for the user into a message and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, BrokenPipeError):  # all is said; whoever read the output has seen enough
        raise
    except Exception as error:
        _tell(error)
        raise


def _tell(error: Exception) -> None:
    """Tell an error that is meant for the user.

    What it may be is imported only now: all that would take a tenth of the time of a start.

    Raises:
        Exit: it was such a one.
    """
    from v6sim.client import ApiError
    from v6sim.control_client import CannotReach
    from v6sim.keep import KeepError
    from v6sim.node.errors import NodeError
    from v6sim.recording import NoRecording
    from v6sim.runtime.extras import MissingLibrary
    from v6sim.server.errors import CannotStart
    from v6sim.world import WorldError

    if isinstance(error, WorldError):
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USE) from None
    told = Mistake | CannotStart | KeepError | NodeError | NoRecording | ApiError | CannotReach
    if isinstance(error, told | MissingLibrary):
        raise fail(text_of(error)) from None
    if isinstance(error, OSError):
        raise fail(_in_words(error)) from None


def text_of(error: Exception) -> str:
    """Return what to say of an error; what a build said was shown while it went on."""
    from v6sim.node.errors import BuildFailed

    return error.summary if isinstance(error, BuildFailed) else str(error)


def _in_words(error: OSError) -> str:
    from v6sim.runtime.file_system import FileSystem, is_full

    name = error.filename
    if is_full(error) and isinstance(name, str):
        where = FileSystem.of(Path(name))
        return f"{name}: there is no room for it on {where}: make room, or name another place"
    if isinstance(error, FileNotFoundError) and isinstance(name, str):
        folder = Path(name).absolute().parent
        if not folder.is_dir():
            return f"{name}: there is no folder {folder}; make it first, or name another one"
        return f"{name}: nothing has this name, or can be made there"
    return f"{name or ''}: {error.strerror or error}".lstrip(": ")
