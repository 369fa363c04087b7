"""Worlds that a server can have: what only a server knows to be wrong is told with its line too."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from v6sim.keyring import named_keys, with_public_keys
from v6sim.server.access.rules import RULES, Operation, RuleKey, Scope
from v6sim.server.settings import MailServer, PasswordPolicy, Settings
from v6sim.world import Problem, RuleRef, World, WorldInvalidError
from v6sim.world.builtins import builtin_file
from v6sim.world.document import read
from v6sim.world.errors import Place
from v6sim.world.explain import in_words
from v6sim.world.nearest import choices, nearest

Found = Iterator[tuple[Place, str]]

_SETTINGS: Mapping[Place, type[BaseModel]] = {
    ("settings",): Settings,
    ("settings", "password_policy"): PasswordPolicy,
    ("settings", "smtp"): MailServer,
}
_OTHERS = {
    "allow_drop_all", "algorithm_stores", "debug", "description", "image", "ip", "logging", "port",
    "rabbitmq", "rabbitmq_uri", "refresh_token_expires_hours", "support_email",
    "token_expires_hours", "uri", "vpn_server",
}  # fmt: skip
"""Keys of a genuine configuration that stand for nothing here (reference: config, section 2)."""


def load(source: str) -> World:
    """The world of a file, or a built-in one, with settings and rules that a server knows.

    Raises:
        WorldError: it cannot be had.
    """
    world = World.load(source)
    found = [*_wrong_settings(world.settings), *_unknown_settings(world.settings)]
    found += [*_rules(world), *_wrong_keys(world)]
    if found:
        raise WorldInvalidError(_placed(source, found))
    return world


def _placed(source: str, found: list[tuple[Place, str]]) -> list[Problem]:
    file = builtin_file(source) or Path(source).expanduser()
    line = read(file).line
    problems = [Problem(place, text, file, line(place)) for place, text in found]
    return sorted(problems, key=lambda each: each.line or 0)


def _wrong_settings(given: Mapping[str, Any]) -> Found:
    try:
        Settings(**given)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            if _is_given(given, each["loc"]):  # else it is the environment that is wrong
                yield ("settings", *each["loc"]), in_words(each)
    if given.get("jwt_secret_key") == "":
        text = "is empty; expected a text of 32 characters or more, or leave it out"
        yield ("settings", "jwt_secret_key"), text


def _is_given(given: Any, place: Place) -> bool:
    for step in place:
        if not isinstance(given, Mapping) or step not in given:
            return False
        given = given[step]
    return True


def _unknown_settings(given: Mapping[str, Any]) -> Found:
    """Keys that are a slip of the pen; others may belong to a genuine server, and are ignored."""
    for place, model in _SETTINGS.items():
        part: Any = given
        for step in place[1:]:
            part = part.get(step) if isinstance(part, Mapping) else None
        for key in part if isinstance(part, Mapping) else ():
            known = model.model_fields
            if key not in known and key not in _OTHERS and nearest(key, known):
                yield (*place, key), f"{key!r} is no setting; {choices(key, known)}"


def _wrong_keys(world: World) -> Found:
    """Files that hold no private key, or another than that of the public one."""
    try:
        with_public_keys(world, named_keys(world))
    except WorldInvalidError as error:
        yield from ((each.place, each.text) for each in error.problems)


def _rules(world: World) -> Found:
    for number, organization in enumerate(world.organizations):
        place: Place = ("organizations", number)
        for index, role in enumerate(organization.roles):
            yield from _unknown_rules((*place, "roles", index, "rules"), role.rules)
        for index, user in enumerate(organization.users):
            yield from _unknown_rules((*place, "users", index, "rules"), user.rules)


def _unknown_rules(place: Place, rules: list[RuleRef]) -> Found:
    for index, rule in enumerate(rules):
        key = RuleKey(rule.name, Scope(rule.scope), Operation(rule.operation))
        if key not in RULES:
            known = ", ".join(str(one) for one in RULES if one.resource == key.resource)
            yield (
                (*place, index),
                f"there is no rule {key} (name OPERATION SCOPE); there are: {known}",
            )
