"""`v6sim permissions`: which role may do what."""

from collections.abc import Iterator, Mapping
from itertools import count, product
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated

import typer

from v6sim.cli import failures, options

if TYPE_CHECKING:
    from rich.console import Console

    from v6sim.server.access.actions import Action
    from v6sim.server.access.rules import RuleKey

_CELL = 6  # columns of the terminal for a role
_INTRODUCTION = """# Permissions

What each role may do, made from the table of the server (`v6sim permissions --markdown`).

Lines are actions, columns are roles. A cell says with which things the role may do it: `all`; those
of one's own `organization`; those of the `collaborations` that one's organization takes part in;
`oneself`; one's `own roles`; `default roles`. Rules do not contain each other: who may see
everything need not be allowed to see their own. Nobody hands out a rule that they do not hold,
and nobody changes their own roles. Why somebody may do something, or not, says
`v6sim explain viewer DELETE /user/3`.
"""


def permissions(
    world: options.World = "manual",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it as Markdown.")] = False,
) -> None:
    """Print the matrix of roles and actions of a world.

    Piped, it is a line for each action and each role that may do it, parted by tabs.
    """
    with failures.clear_failures():
        if markdown:
            typer.echo(page(world), nl=False)
            return
        from rich.console import Console

        roles = _roles(world)
        console = Console()
        if console.is_terminal:
            _print(console, roles)
        else:
            for line in _records(roles):
                typer.echo(line)


def page(world: str = "empty") -> str:
    """The matrix as a page in Markdown, with the rules that each action takes."""
    from v6sim.server.access.actions import ACTIONS

    roles = _roles(world)
    lines = [_INTRODUCTION, *_markdown(["action", *roles], _rows(roles)), ""]
    lines += ["## Rules", "", "Which rules allow an action, and with what.", ""]
    rules = [[action.name, _callers(action), _grants(action)] for action in ACTIONS.values()]
    lines += _markdown(["action", "who may ask", "rules"], rules)
    return "\n".join(lines) + "\n"


def _roles(world: str) -> dict[str, frozenset["RuleKey"]]:
    """The rules of all roles: the default ones, then those of the world's organizations."""
    from v6sim.cli.worlds import load
    from v6sim.server.access.roles import DEFAULT_ROLES
    from v6sim.server.access.rules import Operation, RuleKey, Scope

    roles = {role.name: frozenset(role.rules) for role in DEFAULT_ROLES}
    for organization in load(world).organizations:
        for role in organization.roles:
            keys = (RuleKey(r.name, Scope(r.scope), Operation(r.operation)) for r in role.rules)
            roles[f"{role.name} ({organization.name})"] = frozenset(keys)
    return roles


def _rows(roles: Mapping[str, frozenset["RuleKey"]]) -> Iterator[list[str]]:
    from v6sim.server.access.actions import ACTIONS
    from v6sim.server.access.matrix import cell

    for action in ACTIONS.values():
        yield [action.name, *(cell(action, name, rules) for name, rules in roles.items())]


def _records(roles: Mapping[str, frozenset["RuleKey"]]) -> Iterator[str]:
    """For programs: a line for each action and each role that may do it, parted by tabs."""
    for action, *cells in _rows(roles):
        for role, cell in zip(roles, cells, strict=True):
            if cell:
                yield f"{action}\t{role}\t{cell}"


def _print(console: "Console", roles: Mapping[str, frozenset["RuleKey"]]) -> None:
    """For people: a letter for each role and for each kind of things, explained above.

    Roles that have no room beside each other come in tables of their own.
    """
    from v6sim.cli.printing import print_lines, print_table, print_wrapped
    from v6sim.server.access.actions import Reach
    from v6sim.server.access.matrix import EVERYTHING, SIGNS

    signs = {text: text[0] for text in (EVERYTHING, *SIGNS.values())}
    signs |= {SIGNS[Reach.HELD]: "r", SIGNS[Reach.ONESELF]: "s"}
    letters = dict(zip(roles, _letters(), strict=False))
    print_wrapped(console, "With which things: " + ", ".join(
        f"{sign} {text}" for text, sign in signs.items()
    ))  # fmt: skip
    rows = [
        [action, *("".join(signs[each] for each in cell.split(", ") if each) for cell in cells)]
        for action, *cells in _rows(roles)
    ]
    action_width = max(len(row[0]) for row in rows)
    most = max(1, (console.width - action_width - 2) // _CELL)
    for first in range(0, len(roles), most):
        print_lines(
            console, ("", *(f"{letters[role]}  {role}" for role in [*roles][first : first + most]))
        )
        columns = slice(1 + first, 1 + first + most)
        titles = ("action", *[*letters.values()][first : first + most])
        print_table(console, titles, ([row[0], *row[columns]] for row in rows))


def _letters() -> Iterator[str]:
    """A, B, and so on; after Z come AA, AB."""
    for length in count(1):
        yield from map("".join, product(ascii_uppercase, repeat=length))


def _callers(action: "Action") -> str:
    return ", ".join(sorted(action.callers))


def _grants(action: "Action") -> str:
    return "; ".join(f"{grant.rule or 'none'}: {grant.reach}" for grant in action.grants)


def _markdown(titles: list[str], rows: "Iterator[list[str]] | list[list[str]]") -> list[str]:
    return [
        f"| {' | '.join(titles)} |",
        f"|{'---|' * len(titles)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
