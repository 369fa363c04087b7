"""`v6sim permissions`: which role may do what."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from v6sim.cli import failures, options

if TYPE_CHECKING:
    from v6sim.server.access.actions import Action
    from v6sim.server.access.rules import RuleKey

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
    """Print the matrix of roles and actions of a world."""
    with failures.clear_failures():
        if markdown:
            typer.echo(page(world), nl=False)
            return
        from rich.console import Console

        from v6sim.cli.printing import print_table

        roles = _roles(world)
        print_table(Console(), ("action", *roles), _rows(roles))


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
