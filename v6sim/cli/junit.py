"""What came of runs as JUnit's XML, for CI."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from v6sim.cli import outcome
from v6sim.cli.attempt import Attempt
from v6sim.cli.request import Request
from v6sim.runtime.atomic_file import write_atomically
from v6sim.views import RunView, TaskView
from v6sim.wire.statuses import is_failed

_LONGEST_MESSAGE = 1_000  # characters
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """A test case.

    Args:
        name: what it is called.
        class_name: what it belongs to.
        seconds: how long it took.
        failure: how it failed; empty if it has not.
        error: why it could not be run; empty if it was.
        log: what it printed.
    """

    name: str
    class_name: str
    seconds: float
    failure: str = ""
    error: str = ""
    log: str = ""


def cases_of(attempt: Attempt, request: Request) -> list[Case]:
    """A case for each run, in the task and all below it; and for each comparison."""
    kind = f"{request.algorithm}.{attempt.ran.task.name}"
    cases = [_case(task, run, kind) for task, run in outcome.runs(attempt.ran.task)]
    if attempt.pooled:
        failure = "" if attempt.pooled.is_same else _pooled_failure(attempt)
        cases.append(Case("as on all rows together", kind, 0, failure=failure))
    if request.replay:
        cases.append(Case("as recorded", kind, 0, failure=attempt.deviation))
    return cases


def failure_of(attempt: Attempt) -> str:
    """All that is wrong with an attempt; empty if nothing is."""
    found = [_log(task, run) for task, run in outcome.failures(attempt.ran.task)]
    if attempt.pooled and not attempt.pooled.is_same:
        found.append(_pooled_failure(attempt))
    return "\n".join(found)


def write(path: Path, suite: str, cases: Sequence[Case]) -> None:
    """Write a suite; who reads the file never finds half of it.

    Args:
        path: the file.
        suite: what the suite is called.
        cases: what is in it.
    """
    totals = {
        "tests": len(cases),
        "failures": sum(bool(case.failure) for case in cases),
        "errors": sum(bool(case.error) for case in cases),
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }
    counted = {name: str(value) for name, value in totals.items()}
    root = ET.Element("testsuites", counted)
    now = datetime.now().isoformat(timespec="seconds")
    element = ET.SubElement(root, "testsuite", {"name": suite, **counted, "timestamp": now})
    for case in cases:
        _append(element, case)
    ET.indent(root)
    write_atomically(path, ET.tostring(root, "utf-8", xml_declaration=True))


def _append(suite: ET.Element, case: Case) -> None:
    about = {"classname": case.class_name, "name": case.name, "time": f"{case.seconds:.3f}"}
    element = ET.SubElement(suite, "testcase", about)
    for name, text in (("failure", case.failure), ("error", case.error)):
        if text:
            message = _proper(text.strip().splitlines()[-1][:_LONGEST_MESSAGE])
            ET.SubElement(element, name, {"message": message}).text = _proper(text)
    if case.log:
        ET.SubElement(element, "system-out").text = _proper(case.log)


def _case(task: TaskView, run: RunView, kind: str) -> Case:
    name = f"task {task.id} {task.name or task.image} at {run.organization}"
    seconds = 0.0
    if run.started and run.finished:
        seconds = max((run.finished - run.started).total_seconds(), 0.0)
    failed = is_failed(run.status)
    failure = _log(task, run) if failed else ""
    return Case(name, kind, seconds, failure=failure, log="" if failed else run.log)


def _log(task: TaskView, run: RunView) -> str:
    log = run.log.rstrip() or "(it left no log)"
    return f"task {task.id} at {run.organization}: {run.status}\n{log}"


def _pooled_failure(attempt: Attempt) -> str:
    assert attempt.pooled is not None
    logs = [_log(task, run) for task, run in outcome.failures(attempt.pooled.task)]
    return "\n".join([str(attempt.pooled), *logs])


def _proper(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_IN_XML.sub("?", text)
