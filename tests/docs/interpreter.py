"""A Python into which somebody types."""

import json
import subprocess
import threading
from pathlib import Path
from typing import Self

from tests.commands import PATIENCE

_LOOP = """
import contextlib, io, json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    printed, good = io.StringIO(), True
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(json.loads(line), "<page>", "exec"), names)
        except BaseException:
            traceback.print_exc(file=printed)
            good = False
    print(json.dumps([good, printed.getvalue()]), flush=True)
"""


class Interpreter:
    """An interpreter that keeps its variables from one piece of code to the next.

    Args:
        python: which one; any version from 3.7 on.
        folder: where it runs.
    """

    def __init__(self, python: Path, folder: Path) -> None:
        self._child = subprocess.Popen(
            [python, "-c", _LOOP], cwd=folder, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *error: object) -> None:
        """End it."""
        self._child.kill()
        self._child.communicate()

    def run(self, code: str) -> str:
        """Run some code; returns what it prints. An error in it is one here."""
        assert self._child.stdin
        assert self._child.stdout
        guard = threading.Timer(PATIENCE, self._child.kill)
        guard.start()
        try:
            self._child.stdin.write(json.dumps(code) + "\n")
            self._child.stdin.flush()
            line = self._child.stdout.readline()
        finally:
            guard.cancel()
        assert line, f"it does not end, or has ended the interpreter:\n{code}"
        good, printed = json.loads(line)
        assert good, printed
        return str(printed)
