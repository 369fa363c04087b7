"""What the UI reads of each thing that it shows (reference: clients, section C.2; ui)."""

from typing import Any

_SCOPES = {"own", "organization", "collaboration", "global"}
_OPERATIONS = {"view", "create", "edit", "delete"}


def is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_reference(value: Any) -> bool:
    return isinstance(value, dict) and is_id(value["id"])


def are_references(value: Any) -> bool:
    return value is None or all(map(is_reference, value))


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_maybe_text(value: Any) -> bool:
    return value is None or is_text(value)


def is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def is_any_reference(value: Any) -> bool:
    return is_id(value) or is_reference(value)


def is_maybe_reference(value: Any) -> bool:
    return value is None or is_reference(value)


_ADDRESS = dict.fromkeys(
    ("name", "address1", "address2", "zipcode", "country", "domain", "public_key"), is_maybe_text
)
READ = {
    "rule": {
        "id": is_id,
        "name": is_text,
        "operation": lambda value: value.lower() in _OPERATIONS,
        "scope": lambda value: value.lower() in _SCOPES,
    },
    "role": {
        "id": is_id, "name": is_text, "description": is_maybe_text,
        "organization": is_maybe_reference, "rules": are_references,
    },
    "user": {
        "id": is_id, "username": is_text, "firstname": is_maybe_text, "lastname": is_maybe_text,
        "email": is_maybe_text, "organization": is_reference, "roles": are_references,
        "rules": are_references,
    },
    "organization": {"id": is_id, **_ADDRESS, "collaborations": are_references},
    "collaboration": {
        "id": is_id, "name": is_text, "encrypted": is_truth, "organizations": are_references,
    },
    "node": {
        "id": is_id, "name": is_text, "collaboration": is_reference, "organization": is_reference,
        "ip": is_maybe_text, "status": is_maybe_text, "last_seen": is_maybe_text,
    },
    "task": {
        "id": is_id, "name": is_text, "description": is_text, "image": is_text,
        "collaboration": is_reference, "initiator": is_id, "init_user": is_id, "run_id": is_id,
        "parent": is_maybe_reference, "database": is_text, "complete": is_truth,
        "children": are_references, "status": is_text,
    },
    "result": {
        "id": is_id, "input": is_text, "result": is_maybe_text, "log": is_maybe_text,
        "status": is_text, "started_at": is_maybe_text, "assigned_at": is_text,
        "finished_at": is_maybe_text, "organization": is_any_reference,
    },
}  # fmt: skip


def show(kind: str, row: Any) -> Any:
    """See whether the UI could show something."""
    for name, fits in READ[kind].items():
        assert name in row, f"{kind}: no {name!r} in {row}"
        assert fits(row[name]), f"{kind}: {name!r} is {row[name]!r}"
    return row


def show_all(kind: str, rows: Any) -> Any:
    """See whether the UI could show a list: a bare array, with everything in it."""
    assert isinstance(rows, list)
    return [show(kind, row) for row in rows]
