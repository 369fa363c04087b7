"""The files and the environment of one algorithm run: the one place that knows them.

The variables are those of all algorithm-side libraries from 2.x to 3.11 at once, so that each finds
its own (reference: algorithm-contract, sections 1 and 7).
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from v6sim.node.data import Database, Databases
from v6sim.node.environments import EnvironmentWitness, unheard
from v6sim.node.folders import new_folder
from v6sim.node.limits import Limits


@dataclass(frozen=True)
class Contract:
    """What an executor is told about one run.

    Args:
        node_id: the node.
        run_id: the run.
        image: name of the algorithm, as the task gives it.
        folder: the run's own folder, with its files `input`, `output` and `token`.
        temporary: folder shared by the runs of a job on this node.
        database: the one that the task asks for.
        databases: all of the node.
        host: scheme and name of the server, as the algorithm sees it.
        port: its port.
        algorithm_env: further variables of the node, which win over all others.
        task_id: the task that the run is a part of.
        parent_id: the task whose algorithm created that one, if one did.
        tell_environment: is told of the run's variables once they are made.
        limits: how large its result and its log may be.
    """

    node_id: int
    run_id: int
    image: str
    folder: Path
    temporary: Path
    database: Database
    databases: Databases
    host: str
    port: int
    algorithm_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    task_id: int = 0
    parent_id: int | None = None
    tell_environment: EnvironmentWitness = field(default=unheard, repr=False)
    limits: Limits = field(default_factory=Limits)

    @property
    def output_file(self) -> Path:
        """Where the algorithm leaves its result."""
        return self.folder / "output"

    @property
    def log_file(self) -> Path:
        """Where an executor may collect what the algorithm prints; not in the run's folder."""
        return self.folder.with_suffix(".log")

    def environment(
        self, seen: Callable[[str], str] = str, of_algorithm: Iterable[tuple[str, str]] = ()
    ) -> dict[str, str]:
        """The variables of the run, with which it is about to begin.

        Args:
            seen: gives the path under which the algorithm sees a path of this machine.
            of_algorithm: those that the algorithm brings; the run's own win over them.
        """
        uris = {each.label: _uri(each, seen) for each in self.databases}
        of_label = {f"{label.upper()}_DATABASE_URI": uri for label, uri in uris.items()}
        types = {f"{each.label.upper()}_DATABASE_TYPE": each.type for each in self.databases}
        variables = {
            **dict(of_algorithm),
            "INPUT_FILE": seen(str(self.folder / "input")),
            "OUTPUT_FILE": seen(str(self.output_file)),
            "TOKEN_FILE": seen(str(self.folder / "token")),
            "TEMPORARY_FOLDER": seen(str(self.temporary)),
            "HOST": self.host,
            "PORT": str(self.port),
            "API_PATH": "",
            "DATABASE_URI": uris[self.database.label],
            "USER_REQUESTED_DATABASE_LABEL": self.database.label,
            "DB_LABELS": json.dumps(list(uris)),
            **of_label,
            **types,
            **self.algorithm_env,
        }
        self.tell_environment(self.run_id, variables)
        return variables


def _uri(database: Database, seen: Callable[[str], str]) -> str:
    return seen(database.uri) if database.is_file else database.uri


class Workspace:
    """The private folder of one node, in which its runs have theirs."""

    def __init__(self) -> None:
        self._root = new_folder("node")

    def open(self, run_id: int, content: bytes, token: str) -> Path:
        """Make the folder of a run, with its input, its token and an empty output."""
        folder = self._root / f"task-{run_id:09d}"
        folder.mkdir(mode=0o700)
        (folder / "input").write_bytes(content)
        (folder / "output").touch()
        (folder / "token").write_text(token, "ascii")
        return folder

    def temporary(self, job_id: int) -> Path:
        """The folder that all runs of a job share on this node; it stays until the node stops."""
        folder = self._root / f"job-{job_id}-tmp"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def close(self, run_id: int) -> None:
        """Remove the folder of a run, and its log."""
        folder = self._root / f"task-{run_id:09d}"
        for path in (folder, folder.with_suffix(".log")):
            _remove(path)

    def clear(self) -> None:
        """Remove the folders of all runs and jobs."""
        with suppress(FileNotFoundError):  # it may be removed meanwhile
            for folder in self._root.iterdir():
                if folder.is_dir():
                    shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._root, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove a folder, or whatever an algorithm has put in its place; a pipe is not opened."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
