"""The page of the command line, made from the commands themselves."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from tests.docs.markdown import code, table
from v6sim.cli.app import app
from v6sim.cli.egress import FOUND
from v6sim.cli.failures import INTERRUPTED, WRONG_USE

INTRODUCTION = """# Command line

All verbs, made from the commands themselves. Each of them prints this with `--help` too;
`v6sim --version` says which v6sim it is.

What a command has to say goes to stdout; what goes on meanwhile, warnings and errors go to stderr.
"""
_EXIT_CODES = (
    (
        "0",
        (
            "It is done: all of a task completed, or what was asked about is allowed; or a server "
            "or node was stopped"
        ),
    ),
    (
        "1",
        (
            "A task, or one below it, failed; what was compared differs; or what was asked about "
            "is refused"
        ),
    ),
    (
        f"{WRONG_USE}",
        (
            "The command, or a file that it reads, has to be changed: the message names the value, "
            "what was expected, and what to do"
        ),
    ),
    (
        f"{FOUND}",
        (
            "`v6sim run --egress-fail`: the task completed, but values were found that should not "
            "leave an organization"
        ),
    ),
    (
        f"{INTERRUPTED}, 143",
        "Ctrl-C, or SIGTERM, ended it before it was done, or by force: it did not answer",
    ),
)
_VALUES = {int: "N", float: "NUMBER", str: "TEXT", Path: "PATH"}


def page() -> str:
    """The page."""
    lines = [INTRODUCTION, *table(("exit code", "what happened"), _EXIT_CODES)]
    for name, command in _walk("v6sim", typer.main.get_command(app)):
        lines += _describe(name, command)
    return "\n".join(lines).rstrip() + "\n"


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command, or all commands of a group."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for below, each in command.commands.items():
        yield from _walk(f"{name} {below}", each)


def _describe(name: str, command: Any) -> list[str]:
    hints = get_type_hints(command.callback, include_extras=True)
    rows = [_row(each, _type_of(hints[each.name])) for each in command.params if not each.hidden]
    needed = [_usage(each, _type_of(hints[each.name])) for each in command.params if each.required]
    usage = " ".join([name, *needed, "[OPTIONS]"])
    titles = ("argument or option", "what it is", "default")
    about = inspect.cleandoc(command.callback.__doc__)
    return [f"## {name}", "", about, "", f"`{usage}`", "", *table(titles, rows)]


def _row(parameter: Any, kind: Any) -> tuple[str, str, str]:
    names = [*parameter.opts, *parameter.secondary_opts]
    if parameter.opts[0].startswith("-"):
        value = "" if kind is bool else f" {_value(parameter, kind)}"
        names = [f"{name}{value}" if name.startswith("--") else name for name in names]
    else:
        names = [_value(parameter, kind)]
    about = parameter.help or ""
    if parameter.envvar:
        about += f" Else the environment's `{parameter.envvar}`."
    return code(names), about, _default(parameter)


def _usage(parameter: Any, kind: Any) -> str:
    name, value = parameter.opts[0], _value(parameter, kind)
    return f"{name} {value}" if name.startswith("-") else value


def _value(parameter: Any, kind: Any) -> str:
    """What stands for the value of a parameter."""
    if parameter.metavar:
        return str(parameter.metavar)
    if not parameter.opts[0].startswith("-"):
        return str(parameter.name).upper()
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    return _VALUES[kind]


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    default = parameter.default
    return "" if default is None or default is False or default == [] else f"`{default}`"


def _type_of(hint: Any) -> Any:
    """The type of one value: without notes, without None, of a list that of its items."""
    while get_origin(hint) is not None and get_origin(hint) is not Literal:
        hint = next(each for each in get_args(hint) if each is not type(None))
    return hint
