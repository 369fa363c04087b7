"""What the UI lets people do, which it works out from their rules, is what the server lets them do.

reference: clients, section C.3.
"""

from typing import Any

import pytest

from tests.ui.browser import Browser, Shown

OWN, OTHER = 2, 3
TASKS = ("task", "create")
Rights = set[tuple[Any, ...]]


def change(name: str, where: int, who: str) -> tuple[str, str, dict[str, Any], int]:
    """A request that changes something of an organization, and its status if it is allowed."""
    if name == "organization":
        return "PATCH", f"organization/{where}", {"country": "NL"}, 200
    names = {"firstname": "Ann", "lastname": "A", "username": f"{who}-{where}"}
    names |= {"email": f"{who}-{where}@x.example", "password": "Strong-123"}
    body = names if name == "user" else {"name": "r", "description": ""}
    return "POST", name, {**body, "organization_id": where, "rules": []}, 201


async def rights_of(browser: Browser) -> Rights:
    """Resource, operation and scope of all rules that a user has."""
    rules = {row["id"]: row for row in await browser.get("rule")}
    roles = {row["id"]: row for row in await browser.get("role")}
    me = await browser.get(f"user/{browser.user_id}")
    ids = {row["id"] for row in me["rules"] or ()}
    for role in me["roles"] or ():
        ids |= {row["id"] for row in roles[role["id"]]["rules"] or ()}
    words = ("name", "operation", "scope")
    return {tuple(rules[key][word].lower() for word in words) for key in ids}


def may(rights: Rights, name: str, operation: str, where: int) -> bool:
    """Whether the UI offers it for an organization."""
    has_all = (name, operation, "global") in rights
    return has_all or (where == OWN and (name, operation, "organization") in rights)


@pytest.mark.parametrize("where", [OWN, OTHER])
@pytest.mark.parametrize("name", ["user", "role", "organization"])
@pytest.mark.parametrize("username", ["viewer", "researcher", "organization_admin"])
async def test_what_the_ui_offers_works_and_all_else_is_refused(
    up, opened, username, name, where
) -> None:
    browser = await opened(up, username)
    method, path, body, good = change(name, where, username)
    answer = await browser.send(method, path, body, {}, browser.tokens["access_token"])
    operation = "create" if method == "POST" else "edit"
    is_offered = may(await rights_of(browser), name, operation, where)
    assert answer.status_code == (good if is_offered else 401), answer.text


async def test_everybody_who_logs_in_can_look_up_their_rights(up, opened) -> None:
    for username in ("root", "collaboration_admin", "organization_admin", "researcher", "viewer"):
        browser = await opened(up, username)
        rights = await rights_of(browser)
        scopes = {scope for name, operation, scope in rights if (name, operation) == TASKS}
        assert bool(scopes) == (username != "viewer"), scopes


async def test_a_refusal_is_shown(up, opened) -> None:
    browser = await opened(up, "viewer")
    with pytest.raises(Shown, match=r"may not organization\.create"):
        await browser.post("organization", {"name": "x"}, 201)
