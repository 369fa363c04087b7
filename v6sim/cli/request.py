"""What somebody wants from `v6sim run`, and which of its options do not go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from v6sim.cli.failures import Mistake
from v6sim.cli.options import ExecutorName
from v6sim.cli.packages import Starting

_TOGETHER = (
    ("watch", "as_json", "it would print one document after another; --junit FILE is written anew"),
    ("watch", "matrix", "watch one federation, with --data"),
    ("matrix", "data", "each folder of --matrix has the data of its federation"),
    ("matrix", "record", "record one federation, with --data"),
    ("matrix", "replay", "replay one recording"),
    ("matrix", "trace", "trace one federation, with --data"),
    ("pdb", "as_json", "the debugger talks where the JSON goes"),
    ("pdb", "python", "the debugger works in v6sim's own interpreter alone"),
    ("pdb", "cold", "the debugger works in v6sim's own process alone"),
    ("replay", "record", "what a replay is answered is recorded already"),
    ("replay", "pooled", "a replay has results, and no rows to pool"),
    ("replay", "method", "the recording says what to call"),
    ("replay", "args", "the recording says with what to call it"),
    ("replay", "kwargs", "the recording says with what to call it"),
    ("replay", "input", "the recording says with what to call it"),
    ("replay", "master", "only masters are recorded"),
    ("replay", "encrypted", "nothing leaves an organization in a replay"),
    ("replay", "egress_fail", "nothing leaves an organization in a replay"),
    ("replay", "egress_min_count", "nothing leaves an organization in a replay"),
)
"""Pairs of fields that are not wanted at once, and why."""

_NAMES = {"as_json": "--json", "args": "--arg", "kwargs": "--kwarg"}


@dataclass(frozen=True)
class Request:
    """The options of `v6sim run`, by their names; `check` says whether they go together."""

    algorithm: str
    data: Sequence[str] = ()
    matrix: Sequence[str] = ()
    stray: Sequence[Path] = ()
    method: str | None = None
    args: Sequence[str] = ()
    kwargs: Sequence[str] = ()
    input: Sequence[str] = ()
    master: bool | None = None
    encrypted: bool = False
    chosen_executor: ExecutorName | None = None
    cold: bool = False
    python: str | None = None
    command: str | None = None
    module: str | None = None
    env: Sequence[str] = ()
    watch: bool = False
    pdb: bool = False
    pooled: bool = False
    rtol: float | None = None
    atol: float | None = None
    record: Path | None = None
    replay: Path | None = None
    as_json: bool = False
    junit: Path | None = None
    trace: Path | None = None
    egress_fail: bool = False
    egress_min_count: int | None = None
    max_payload_values: int | None = None
    trust_results: bool = False
    verbose: bool = False

    @property
    def executor(self) -> ExecutorName:
        """How the algorithm runs: as was said, else in a way that goes with the rest."""
        return self.chosen_executor or ("inline" if self.pdb else "process")

    @property
    def start(self) -> Starting:
        """In what interpreter, and how, runs begin."""
        return Starting(self.python, self.command, self.module, self.env)

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the server that were given."""
        most = self.max_payload_values
        return {} if most is None else {"max_payload_values": most}

    @property
    def tolerances(self) -> dict[str, float]:
        """Those of `--pooled` that were given, by the names of `testing.differences`."""
        given = {"relative": self.rtol, "absolute": self.atol}
        return {name: value for name, value in given.items() if value is not None}

    def check(self) -> None:
        """Insist that the options go together, and that what they write can be written.

        Raises:
            Mistake: something does not.
        """
        from v6sim.cli import trace, values
        from v6sim.recording.folder import check_place

        if self.stray:
            raise Mistake(f"{self.stray[0]}: what is this? Data are named by --data or --matrix")
        for one, other, why in _TOGETHER:
            if self._has(one) and self._has(other):
                raise Mistake(f"{_name(one)} and {_name(other)} do not go together: {why}")
        self._check_what_is_lacking()
        if self.pdb and self.executor != "inline":
            raise Mistake(
                f"--pdb and --executor {self.executor} do not go together: a debugger reaches only "
                "what runs in this process; use --executor inline, or leave it out"
            )
        for option in ("command", "module"):
            if self.executor == "docker" and getattr(self, option) is not None:
                raise Mistake(
                    f"--{option} and --executor docker do not go together: in Docker the image "
                    "itself says what is run"
                )
        values.named(self.kwargs)
        values.more_of_input(self.input)
        self.start.options()
        if self.record:
            check_place(self.record)
        if self.trace:
            trace.check_file(self.trace)
        if self.junit and not self.junit.parent.is_dir():
            raise Mistake(f"--junit {self.junit}: there is no folder {self.junit.parent}")

    def _has(self, field: str) -> bool:
        value = getattr(self, field)
        return value not in ([], ()) and value is not type(self).__dict__[field]

    def _check_what_is_lacking(self) -> None:
        if not (self.data or self.matrix or self.replay):
            raise Mistake("no data: name them by --data CSV, once for each organization")
        if self.method is None and self.replay is None:
            raise Mistake("--method is missing: the name of what to call, such as master")
        if self.tolerances and not self.pooled:
            raise Mistake("--rtol and --atol are for --pooled, which is not given")
        if self.replay and len(self.data) > 1:
            raise Mistake(
                "--replay takes one --data at most, that of the master: the others are recorded"
            )


def _name(field: str) -> str:
    return _NAMES.get(field, "--" + field.replace("_", "-"))
