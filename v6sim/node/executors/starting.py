"""From the command with which an image starts to the same without the image.

The command is read, not executed: what a shell would make of it is made out by hand, as far as such
commands go, and of the code of `python -c` it is read which wrapper it calls.
"""

import ast
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from v6sim.node.executors.dockerfile import fill
from v6sim.node.executors.inside.data import OF_WRAPPERS
from v6sim.node.executors.inside.entry import CODE, MODULE, SCRIPT, Entry

_PYTHON = re.compile(r"(?:.*/)?python(?:\d(?:\.\d+)?)?(?:\.exe)?$")
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
_SHELLS = {"sh", "bash", "ash", "dash", "zsh"}
_RUNNERS: Mapping[str, tuple[str, ...]] = {
    "exec": (), "tini": (), "dumb-init": (), "nohup": (), "time": (), "command": (),
    "conda run": ("-n", "-p", "--name", "--prefix", "--cwd"),
    "mamba run": ("-n", "-p", "--name", "--prefix", "--cwd"),
    "micromamba run": ("-n", "-p", "--name", "--prefix", "--cwd"),
    "poetry run": (), "pipenv run": (), "uv run": ("-p", "--python"), "pdm run": (),
    "nice": ("-n",), "stdbuf": (),
}  # fmt: skip
"""What runs another program, and which of its options take a value."""

_BETWEEN = {"&&", ";", ""}
_ASSIGNMENT = re.compile(
    r"""(?:^|[;\n]|&&)\s*(?:export\s+)?([A-Za-z_]\w*)=("[^"\n]*"|'[^'\n]*'|[^\s"';&|<>()]*)"""
    r"""(?=\s*(?:[;\n]|&&|$))"""
)
"""A command that only sets a variable, which those after it find."""

_HARMLESS = {"echo", "set", "true", ":", "mkdir", "umask", "ulimit"}
_LIBRARIES = ("vantage6.tools.docker_wrapper", "vantage6.tools.wrapper", "vantage6.tools")


class NotUnderstood(Exception):
    """A command cannot be read; the text says what of it."""


class NoPython(NotUnderstood):
    """The code after `-c` is no Python."""


class _ShellScript(NotUnderstood):
    """A command runs a script of shell.

    Args:
        name: its path, as it is written.
        variables: those that are set by then.
        folder: the folder that it is run in.
    """

    def __init__(self, name: str, variables: Mapping[str, str], folder: str) -> None:
        super().__init__(f"it runs the shell script {name!r}")
        self.name, self.variables, self.folder = name, variables, folder


@dataclass(frozen=True)
class Start:
    """How a run begins: in Python, or as another program.

    Args:
        entry: how in Python; None for another program.
        program: the program and its arguments.
        environment: variables that the command sets.
        folder: the folder that it goes to first, as it is written; empty if it stays.
    """

    entry: Entry | None
    program: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    folder: str = ""


Scripts = Callable[[str], str | None]
"""Gives the function, as `module:function`, that a package has as a command."""

Texts = Callable[[str, str], str | None]
"""Gives the text of a script of shell, by its path and the folder that this counts from."""


def understand(
    command: Sequence[str], environment: Mapping[str, str], scripts: Scripts = lambda _: None,
    texts: Texts = lambda *_: None,
) -> Start:  # fmt: skip
    """How a run begins that a command starts.

    Args:
        command: a program and its arguments.
        environment: the variables that it finds.
        scripts: gives the functions of commands that the package itself brings.
        texts: gives the texts of scripts of shell that the package itself brings.

    Raises:
        NotUnderstood: it cannot be read.
    """
    given = tuple(sorted(environment.items()))
    try:
        words, set_here, folder = _reduced(tuple(command), given)
    except _ShellScript as script:
        text = texts(script.name, script.folder)
        if text is None:
            raise
        return _of_script(text, script.folder, {**environment, **script.variables}, scripts)
    text = texts(words[0], folder) if "/" in words[0] else None
    if text is not None:
        with suppress(NotUnderstood):  # then it is a program
            return _of_script(text, folder, {**environment, **dict(set_here)}, scripts)
    entry = _in_python(list(words), {**environment, **dict(set_here)}, scripts)
    return Start(entry, () if entry is not None else words, set_here, folder)


def _of_script(text: str, folder: str, environment: Mapping[str, str], scripts: Scripts) -> Start:
    """How a run begins that a script of shell starts; scripts that it calls are not read."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    code = "\n".join(lines).replace("\\\n", " ").replace('"$@"', "").replace("$@", "")
    command = ["sh", "-c", f"cd {shlex.quote(folder)}\n{code}" if folder else code]
    return understand(command, environment, scripts)


@lru_cache(maxsize=64)
def _reduced(
    command: tuple[str, ...], environment: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], str]:
    """The program that a command comes down to, the variables that it sets, and its folder."""
    variables, folder, words = dict(environment), "", list(command)
    while True:
        words, given = _unwrapped(words)
        variables.update(given)
        if not words:
            raise NotUnderstood("it runs nothing")
        line = _line_of_shell(words, variables, folder)
        if line is None:
            break
        words, folder = _last_of(line, variables, folder)
    known = dict(environment)
    set_here = {name: value for name, value in variables.items() if known.get(name) != value}
    return tuple(words), tuple(set_here.items()), folder


def _unwrapped(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """A command without what only runs it, and the variables that are set on the way."""
    given: dict[str, str] = {}
    while words:
        first = words[0].rpartition("/")[2]
        name, sign, value = words[0].partition("=")
        if sign and name.isidentifier():
            given[name], words = value, words[1:]
        elif first == "env" and len(words) > 1:
            words = words[1:]
        elif first in _RUNNERS:
            words = _after_options(words[1:], _RUNNERS[first])
        elif f"{first} {''.join(words[1:2])}" in _RUNNERS:
            words = _after_options(words[2:], _RUNNERS[f"{first} {words[1]}"])
        else:
            break
    return words, given


def _after_options(words: list[str], with_value: Sequence[str]) -> list[str]:
    while words and words[0].startswith("-"):
        is_last = words[0] == "--"
        words = words[2:] if words[0] in with_value else words[1:]
        if is_last:
            break
    return words


def _line_of_shell(words: list[str], variables: Mapping[str, str], folder: str) -> str | None:
    """The line that a shell is given, if the command is a shell with one."""
    if words[0].rpartition("/")[2] not in _SHELLS:
        return None
    for place, word in enumerate(words[1:], 1):
        if word.startswith("-") and not word.startswith("--"):
            if "c" in word:
                return " ".join(words[place + 1 : place + 2])
        elif not word.startswith("--"):
            raise _ShellScript(word, dict(variables), folder)
    raise NotUnderstood("it starts a shell")


def _last_of(line: str, variables: dict[str, str], folder: str) -> tuple[list[str], str]:
    """The command at the end of a line of shell, and the folder in which it is."""
    for found in _ASSIGNMENT.finditer(line):
        with suppress(ValueError):  # a quote that does not close is told below
            variables[found[1]] = " ".join(shlex.split(fill(found[2], variables, in_shell=True)))
    commands = list(_commands(fill(line, variables, in_shell=True)))
    while len(commands) > 1:
        words = commands.pop(0)
        match words:
            case ["cd", where]:
                folder = where if where.startswith("/") or not folder else f"{folder}/{where}"
            case ["export", *pairs] | pairs if all("=" in pair for pair in pairs):
                for pair in pairs:
                    name, _, variables[name] = pair.partition("=")
            case [name, *_] if name in _HARMLESS:
                pass
            case _:
                raise NotUnderstood(f"it runs {shlex.join(words)!r} before something else")
    if not commands:
        raise NotUnderstood("it runs nothing")
    return commands[0], folder


def _commands(line: str) -> Iterator[list[str]]:
    """The commands of a line, one after the other."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace_split, lexer.whitespace = True, " \t\r"
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if word.strip("\n") in _BETWEEN:
                if words:
                    yield words
                words = []
            elif set(word) <= set("();<>|&"):
                raise NotUnderstood(f"there is {word!r} in it")
            else:
                words.append(word)
    except ValueError as error:
        raise NotUnderstood(f"its quotes do not close ({error})") from None
    if words:
        yield words


def _in_python(words: list[str], environment: Mapping[str, str], scripts: Scripts) -> Entry | None:
    """How it begins in Python; None for another program."""
    if not _PYTHON.match(words[0]):
        function = scripts(words[0].rpartition("/")[2])
        if function is None:
            return None
        module, _, name = function.partition(":")
        start = name.partition(".")[0]
        return Entry(CODE, f"import sys; from {module} import {start}; sys.exit({name}())")
    rest = words[1:]
    while rest and rest[0].startswith("-") and rest[0] != "-":
        option, rest = rest[0], rest[1:]
        if option in _WITH_VALUE:
            rest = rest[1:]
        elif option.startswith("--") or option[1:2] in "WX":
            continue
        elif option.endswith(("c", "m")):
            if not rest:
                raise NotUnderstood(f"nothing follows {option}")
            if option.endswith("c"):
                return of_code(rest[0], tuple(sorted(environment.items())))
            return Entry(MODULE, rest[0], arguments=tuple(rest[1:]))
    if not rest or rest[0] == "-":
        raise NotUnderstood("it starts Python without anything to run")
    return Entry(SCRIPT, rest[0], arguments=tuple(rest[1:]))


@lru_cache(maxsize=64)
def of_code(code: str, variables: tuple[tuple[str, str], ...]) -> Entry:
    """How a run begins that `python -c` starts with this code.

    Raises:
        NotUnderstood: it is no Python, or calls a wrapper of another generation.
    """
    try:
        tree = ast.parse(code.strip())
    except (SyntaxError, ValueError) as error:
        raise NoPython(f"the code after -c is no Python ({error})") from None
    names: dict[str, str] = {}
    environment = dict(variables)
    calls: list[ast.Call] = []
    others = 0
    for statement in tree.body:
        match statement:
            case ast.Import(names=found):
                names.update(
                    (each.asname or each.name.partition(".")[0],
                     each.name if each.asname else each.name.partition(".")[0])
                    for each in found
                )  # fmt: skip
            case ast.ImportFrom(module=module, names=found):
                names.update((each.asname or each.name, f"{module}.{each.name}") for each in found)
            case ast.Expr(value=ast.Call() as call):
                calls.append(call)
            case _:
                others += 1
    if any(name.startswith("vantage6.algorithm") for name in names.values()):
        raise NotUnderstood("it calls a wrapper of vantage6 4, and v6sim speaks 3.7")
    wrapped = _wrapped(calls[0], names, environment) if len(calls) == 1 and not others else None
    return wrapped or Entry(CODE, code)


def _wrapped(
    call: ast.Call, names: Mapping[str, str], environment: Mapping[str, str]
) -> Entry | None:
    """The call of a wrapper of `vantage6.tools`; None if it is anything else."""
    library, _, wrapper = _dotted(call.func, names).rpartition(".")
    if library not in _LIBRARIES or wrapper not in OF_WRAPPERS:
        return None
    given: dict[str, object] = {}
    places = ("module", "load_data" if wrapper == "docker_wrapper" else "use_new_client")
    arguments = [*zip(places, call.args, strict=False)]
    arguments += [(each.arg or "", each.value) for each in call.keywords]
    if len(call.args) > len(places):
        return None
    for name, value in arguments:
        found = _value(value, names, environment)
        if found is None:
            return None
        given[name] = found
    if not isinstance(given.get("module"), str) or set(given) - {
        "module",
        "load_data",
        "use_new_client",
    }:
        return None
    return Entry(
        what=wrapper, module=str(given["module"]),
        new_client=bool(given.get("use_new_client", False)),
        load_data=bool(given.get("load_data", True)),
    )  # fmt: skip


def _dotted(function: ast.expr, names: Mapping[str, str]) -> str:
    if isinstance(function, ast.Name):
        return names.get(function.id, function.id)
    if isinstance(function, ast.Attribute):
        return f"{_dotted(function.value, names)}.{function.attr}"
    return ""


def _value(
    node: ast.expr, names: Mapping[str, str], environment: Mapping[str, str]
) -> object | None:
    """A constant, or a variable of the environment; None for anything else."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Subscript(value=where, slice=ast.Constant(value=str(name))):
            if _dotted(where, names) == "os.environ":
                return environment.get(name)
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
            if _dotted(function, names) in ("os.environ.get", "os.getenv"):
                return environment.get(name)
    return None
