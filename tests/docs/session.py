"""Somebody who follows a page: types its commands, one after the other, in a folder."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from tests.commands import ADDRESS, PATIENCE, V6SIM, environment, until
from tests.docs.given import genuine_python, provide
from tests.docs.interpreter import Interpreter
from tests.docs.page import Block, Command
from tests.genuine.programs import free_port
from v6sim.world import World

_PORT = "5000"
_SERVING = re.compile(r"^v6sim (up|server)\b(?!.* --port)")
_ASKING = re.compile(r"^v6sim (logs|trace|egress)\b(?!.* --(server|file))")
_GOING_ON = re.compile(r"^v6sim (up|server|node)\b")


class Session:
    """Follows one page; what goes on is stopped in the end, as with ctrl-C.

    The page's port, 5000, is a free one here.

    Args:
        folder: where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._stack = ExitStack()
        self._server: ExitStack | None = None
        self._interpreter: Interpreter | None = None

    @property
    def url(self) -> str:
        """The address of what serves here."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop whatever goes on."""
        self._stack.close()

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        for name in filter(None, map(str.strip, block.marks.get("given", "").split(","))):
            provide(name, self)
        if block.title:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif "world" in block.marks:
            (self.folder / "world-of-the-page.yaml").write_text(block.text)
            World.load(self.folder / "world-of-the-page.yaml")
        elif block.commands:
            self._type(block.commands, block.marks)
        elif block.language == "python":
            self._compare(block.said, self.python(block.text))

    def start(self, command: str, said: str | None = None, mark: str = "") -> None:
        """Start a command that goes on, and wait until it has said something.

        Args:
            command: with its arguments.
            said: all that it is to say at first.
            mark: what it is to say somewhere; nothing: an address.
        """
        stack = self._stack
        if _SERVING.match(command):  # the one before had to be stopped for its port
            if self._server:
                self._server.close()
            stack = self._server = self._stack.enter_context(ExitStack())
        stack.enter_context(_going_on(self._here(command), self.folder, self._pattern(said), mark))

    def python(self, text: str) -> str:
        """Run some lines of Python after those before them; returns what they print.

        Lines of a page that speak of the genuine client run beside that one.
        """
        if "def test_" in text:
            (self.folder / "test_page.py").write_text(text)
            return self._run(Command("python -m pytest -q -p no:cacheprovider test_page.py"), 0)
        if self._interpreter is None:
            python = genuine_python() if "vantage6" in text else V6SIM.with_name("python")
            self._interpreter = self._stack.enter_context(Interpreter(python, self.folder))
        return self._interpreter.run(self._here(text))

    def _type(self, commands: list[Command], marks: dict[str, str]) -> None:
        for command in commands:
            is_last = command is commands[-1]
            if _GOING_ON.match(command.text) or (is_last and "until" in marks):
                self.start(command.text, command.said, marks.get("until", ""))
            else:
                expected = int(marks.get("exit", 0)) if is_last else 0
                self._compare(command.said, self._run(command, expected))

    def _run(self, command: Command, expected: int) -> str:
        done = subprocess.run(
            ["bash", "-c", self._here(command.text)], cwd=self.folder, env=_path(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=2 * PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == expected, f"{command.text}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def _compare(self, said: str | None, output: str) -> None:
        """See whether a page tells what is said."""
        if pattern := self._pattern(said):
            told = f"it says:\n{output}\nnot:\n{said}"
            assert pattern.fullmatch(_plain(output)), told

    def _pattern(self, said: str | None) -> re.Pattern[str] | None:
        """What a page shows, with `...` for anything."""
        if said is None:
            return None
        shown = re.escape(_plain(said.replace(_PORT, str(self.port))))
        return re.compile(shown.replace(re.escape("..."), ".*?"), re.DOTALL)

    def _here(self, text: str) -> str:
        """Text of a page with the port of this session."""
        text = text.replace(_PORT, str(self.port))
        text = _SERVING.sub(rf"v6sim \1 --port {self.port}", text)
        return _ASKING.sub(rf"v6sim \1 --server {self.url}", text)


@contextmanager
def _going_on(
    command: str, folder: Path, said: re.Pattern[str] | None, mark: str
) -> Iterator[None]:
    output = folder / "output-of-what-goes-on"
    with output.open("w") as out:
        child = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=folder, env=_path(), stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        until(lambda: child.poll() is not None or _is_said(output.read_text(), said, mark))
        assert child.poll() is None, "it has ended"
        yield
        child.send_signal(signal.SIGINT)
        assert child.wait(PATIENCE) == 0
    except AssertionError as error:
        raise AssertionError(f"{command}: {error}; it said:\n{output.read_text()}") from None
    finally:
        child.kill()
        child.wait()


def _is_said(output: str, said: re.Pattern[str] | None, mark: str) -> bool:
    if said is not None:
        return said.match(_plain(output)) is not None
    return mark in output if mark else ADDRESS.search(output) is not None


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _path() -> dict[str, str]:
    """The environment of somebody who has v6sim on the PATH."""
    parts = (str(V6SIM.parent), os.environ["PATH"])
    return {**environment(), "PATH": os.pathsep.join(parts)}
