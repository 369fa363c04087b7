"""Doing what a request of `v6sim run` wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from v6sim.cli.attempt import Audience, Trial, as_json
from v6sim.cli.audience import People, Programs
from v6sim.cli.dry_run import tables
from v6sim.cli.files import data_place
from v6sim.cli.request import Request

if TYPE_CHECKING:
    from v6sim.recording import Recording


def run(request: Request) -> int:
    """Do what a request wants; returns the exit code.

    Raises:
        Mistake: the user has to change something.
    """
    with _junit_of_errors(request), _audience(request) as audience:
        if request.matrix:
            from v6sim.cli import matrix

            return matrix.run(request, audience)
        recording = _recording(request.replay)
        data = _data_of_replay(recording, request) if recording else tables(request.data)
        with Trial(request, data, audience, recording) as trial:
            if request.watch:
                from v6sim.cli import watching

                return watching.run(request, data.values(), lambda: _once(trial, request, audience))
            return _once(trial, request, audience)


def _once(trial: Trial, request: Request, audience: Audience) -> int:
    attempt = trial.attempt()
    if request.junit:
        from v6sim.cli import junit

        junit.write(request.junit, request.algorithm, junit.cases_of(attempt, request))
    audience.conclude(as_json(attempt))
    return attempt.code(request)


@contextmanager
def _audience(request: Request) -> Iterator[Audience]:
    if not request.as_json:
        yield People(
            live=request.executor != "inline", logs=request.verbose, trusts=request.trust_results
        )
        return
    from v6sim.cli import stdout

    with stdout.reserved() as out:
        yield Programs(out)


@contextmanager
def _junit_of_errors(request: Request) -> Iterator[None]:
    """Have the file tell of what keeps the algorithm from being run, too."""
    try:
        yield
    except Exception as error:
        if request.junit:
            from v6sim.cli import junit

            case = junit.Case(request.method or "replay", request.algorithm, 0, error=str(error))
            junit.write(request.junit, request.algorithm, [case])
        raise


def _recording(folder: Path | None) -> "Recording | None":
    if folder is None:
        return None
    from v6sim.recording import load

    return load(folder)


def _data_of_replay(recording: "Recording", request: Request) -> dict[str, str]:
    """All organizations of a recording, with the data of the master's: no other is read."""
    given = request.data
    place = data_place("--data", given[0]) if given else recording.master_data()
    return dict.fromkeys(recording.organizations, place)
