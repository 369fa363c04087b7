"""What a Dockerfile says of how its image starts; it is read, and nothing of it is executed.

Of its last stage: the variables that a container has, its working folder, what is copied from
where, and ENTRYPOINT and CMD, put together as Docker does.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

_HEREDOC = re.compile(r"<<-?\s*([\"']?)(\w+)\1")
_VARIABLE = re.compile(
    r"\\(?P<escaped>[$\\\"'])"
    r"|\$(?:(?P<name>\w+)|\{(?P<braced>\w+)(?:(?P<sign>:?[-+])(?P<other>[^}]*))?\})"
)
_ASSIGNMENT = re.compile(r"""(\w[\w.-]*)=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*)""")
_SHELL = ("/bin/sh", "-c")


@dataclass
class Stage:
    """One stage of a Dockerfile, as far as it was read.

    Args:
        args: values of its ARGs: they are there while it is built, not in a container.
        env: its variables.
        folder: its working folder.
        copies: where in it something is, and from where in the build's folder it comes.
        entrypoint: its ENTRYPOINT, as a program with its arguments; () for none.
        is_shell_entrypoint: whether that is a line of shell, which takes no CMD.
        cmd: its CMD, likewise.
        text: ENTRYPOINT and CMD as they are written.
        line: the number of the line of the last of them.
    """

    args: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    folder: PurePosixPath = field(default_factory=lambda: PurePosixPath("/"))
    copies: list[tuple[PurePosixPath, str]] = field(default_factory=list)
    entrypoint: tuple[str, ...] = ()
    is_shell_entrypoint: bool = False
    cmd: tuple[str, ...] = ()
    text: str = ""
    line: int = 0

    @property
    def command(self) -> tuple[str, ...]:
        """What a container begins with: a program and its arguments; () if nothing says so."""
        return self.entrypoint if self.is_shell_entrypoint else self.entrypoint + self.cmd

    def sources(self, path: PurePosixPath, context: Path) -> Iterator[Path]:
        """Where in the build's folder something in the image may come from, the last copy first."""
        for target, source in reversed(self.copies):
            here = context / source
            if path == target and here.exists():
                yield here
            elif path.is_relative_to(target) and here.is_dir():
                yield here / path.relative_to(target)


def read(path: Path, args: Mapping[str, str] | None = None) -> Stage:
    """The last stage of a Dockerfile.

    Args:
        path: the file.
        args: values for its ARGs, as the builder is given them.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    return _read(text, tuple(sorted((args or {}).items())))


@lru_cache(maxsize=16)
def _read(text: str, args: tuple[tuple[str, str], ...]) -> Stage:
    reader = _Reader(dict(args))
    for number, name, rest in _instructions(text):
        reader.take(number, name, rest)
    return reader.stage


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Each instruction with its number of line, its name and the rest, lines put together."""
    lines = iter(enumerate(text.splitlines(), 1))
    pending, begun = "", 0
    for number, line in lines:
        if line.lstrip().startswith("#") or (pending and not line.strip()):
            continue
        begun = begun if pending else number
        pending += line.strip() if not pending else " " + line.strip()
        if pending.endswith("\\"):
            pending = pending[:-1].rstrip()
            continue
        name, _, rest = pending.partition(" ")
        pending = ""
        if not name:
            continue
        if name.upper() in ("RUN", "COPY", "ADD"):
            for _, word in _HEREDOC.findall(rest):
                for _, each in lines:
                    if each.strip() == word:
                        break
        yield begun, name.upper(), rest.strip()


class _Reader:
    """Follows the instructions of a Dockerfile."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._global: dict[str, str] = {}
        self._stages: dict[str, Stage] = {}
        self._begun = False
        self.stage = Stage()

    def take(self, line: int, name: str, rest: str) -> None:
        """Take note of one instruction."""
        handler = getattr(self, f"_on_{name.lower()}", None)
        if handler is not None:
            handler(line, rest)

    def _on_from(self, _line: int, rest: str) -> None:
        words = [word for word in rest.split() if not word.startswith("--")]
        base = self._stages.get(words[0].lower() if words else "")
        self._begun, self.stage = True, Stage()
        if base is not None:
            self.stage = Stage(
                {}, dict(base.env), base.folder, list(base.copies), base.entrypoint,
                base.is_shell_entrypoint, base.cmd, base.text, base.line,
            )  # fmt: skip
        if len(words) > 2 and words[1].upper() == "AS":
            self._stages[words[2].lower()] = self.stage

    def _on_arg(self, _line: int, rest: str) -> None:
        for name, value in self._pairs(rest if "=" in rest else f"{rest}="):
            default = value if "=" in rest else self._global.get(name, "")
            self.stage.args[name] = self._given.get(name, default)
            if not self._begun:
                self._global[name] = self.stage.args[name]

    def _on_env(self, _line: int, rest: str) -> None:
        first, _, value = rest.partition(" ")
        if "=" in first:
            self.stage.env.update(self._pairs(rest))
        else:
            self.stage.env[first] = _unquoted(self._filled(value.strip()))

    def _on_workdir(self, _line: int, rest: str) -> None:
        self.stage.folder /= _unquoted(self._filled(rest))

    def _on_copy(self, _line: int, rest: str) -> None:
        words = self._words(rest)
        if any(word.startswith("--from") for word in words):
            return
        *sources, target = [word for word in words if not word.startswith("--")] or [""]
        place = self.stage.folder / target
        for source in sources:
            name = PurePosixPath(source).name
            many = len(sources) > 1 or target.endswith("/") or target in (".", "./")
            is_file = many and PurePosixPath(source).suffix
            self.stage.copies.append((place / name if is_file else place, source.lstrip("/")))

    _on_add = _on_copy

    def _on_cmd(self, line: int, rest: str) -> None:
        self.stage.cmd, _ = _command(rest)
        self._note(line, "CMD", rest)

    def _on_entrypoint(self, line: int, rest: str) -> None:
        self.stage.entrypoint, self.stage.is_shell_entrypoint = _command(rest)
        self.stage.cmd = ()  # as Docker has it
        self._note(line, "ENTRYPOINT", rest)

    def _note(self, line: int, name: str, rest: str) -> None:
        said = f"{name} {rest}"
        earlier = self.stage.text if name == "CMD" and self.stage.entrypoint else ""
        earlier = earlier if earlier.startswith("ENTRYPOINT") else ""
        self.stage.text = f"{earlier.partition('; CMD ')[0]}; {said}" if earlier else said
        self.stage.line = line

    def _pairs(self, rest: str) -> Iterator[tuple[str, str]]:
        for name, value in _ASSIGNMENT.findall(rest):
            yield name, _unquoted(self._filled(value))

    def _words(self, rest: str) -> list[str]:
        if rest.startswith("["):
            found, _ = _command(rest)
            return [self._filled(word) for word in found]
        return self._filled(rest).split()

    def _filled(self, text: str) -> str:
        return fill(text, {**self.stage.args, **self.stage.env})


def _command(rest: str) -> tuple[tuple[str, ...], bool]:
    """A program with its arguments, of CMD or ENTRYPOINT; and whether it is a line of shell."""
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return tuple(words), False
    return ((*_SHELL, rest), True) if rest else ((), False)


def fill(text: str, variables: Mapping[str, str], *, in_shell: bool = False) -> str:
    """A text with the values of the variables in it, those in single quotes left alone.

    Args:
        text: the text.
        variables: their values; one that is not there is empty.
        in_shell: whether escaped characters stay escaped, as they are still to be read by a shell.
    """

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return match[0] if in_shell or match["escaped"] != "$" else "$"
        found = variables.get(match["name"] or match["braced"], "")
        sign, other = match["sign"] or "", match["other"] or ""
        if sign.endswith("-"):
            return found or other
        return (other if found else "") if sign.endswith("+") else found

    parts, is_double, begin, place = [], False, 0, 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] == '"':
            is_double = not is_double
        elif text[place] == "'" and not is_double:
            end = text.find("'", place + 1)
            end = len(text) if end < 0 else end + 1
            parts += [_VARIABLE.sub(value, text[begin:place]), text[place:end]]
            begin = place = end
            continue
        place += 1
    return "".join([*parts, _VARIABLE.sub(value, text[begin:])])


def _unquoted(text: str) -> str:
    try:
        return " ".join(shlex.split(text)) if text[:1] in "\"'" or "\\" in text else text
    except ValueError:
        return text
