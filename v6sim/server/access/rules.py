"""The 53 rules, as data (reference: permissions, section 1)."""

from enum import StrEnum
from typing import NamedTuple


class Operation(StrEnum):
    """What a rule lets one do with a resource."""

    VIEW = "VIEW"
    EDIT = "EDIT"
    CREATE = "CREATE"
    DELETE = "DELETE"


class Scope(StrEnum):
    """How far a rule reaches. A wider scope does not contain a narrower one."""

    OWN = "OWN"
    ORGANIZATION = "ORGANIZATION"
    COLLABORATION = "COLLABORATION"
    GLOBAL = "GLOBAL"


class RuleKey(NamedTuple):
    """What identifies a rule, whatever its id."""

    resource: str
    scope: Scope
    operation: Operation

    def __str__(self) -> str:
        """As people write it: `task CREATE ORGANIZATION`."""
        return f"{self.resource} {self.operation} {self.scope}"


_OPERATIONS = {operation[0]: operation for operation in Operation}
_SCOPES = {
    "own": Scope.OWN,
    "org": Scope.ORGANIZATION,
    "col": Scope.COLLABORATION,
    "glo": Scope.GLOBAL,
}

# In order of their ids, which count up from 1 in a new database.
_TABLE = {
    "node": "V-glo V-org E-glo E-org C-glo C-org D-glo D-org",
    "collaboration": "V-glo V-org E-glo C-glo D-glo",
    "organization": "V-glo V-org V-col E-glo E-org C-glo",
    "task": "V-glo V-org C-glo C-org D-glo D-org",
    "result": "V-glo V-org",
    "user": "V-glo V-org C-glo C-org E-glo E-org E-own D-glo D-org D-own",
    "role": "V-glo V-org C-glo C-org E-glo E-org D-glo D-org",
    "port": "V-glo V-org",
    "event": "V-org V-col V-glo C-org C-col C-glo",
}


def rule(text: str) -> RuleKey:
    """The rule that `resource O-sco` stands for, such as `task C-org`."""
    resource, short = text.split()
    operation, scope = short.split("-")
    return RuleKey(resource, _SCOPES[scope], _OPERATIONS[operation])


RULES = tuple(
    rule(f"{resource} {short}") for resource, row in _TABLE.items() for short in row.split()
)

_PHRASES = {
    Scope.OWN: "one's own account",
    Scope.ORGANIZATION: "within one's own organization",
    Scope.COLLABORATION: "within the collaborations of one's own organization",
    Scope.GLOBAL: "everywhere",
}


def describe(key: RuleKey) -> str:
    """What a rule allows, in words."""
    noun = "events" if key.resource == "event" else f"{key.resource}s"
    if key.resource == "event" and key.operation is Operation.CREATE:
        return f"Send events, such as stopping tasks, {_PHRASES[key.scope]}"
    return f"{key.operation.capitalize()} {noun} {_PHRASES[key.scope]}"
