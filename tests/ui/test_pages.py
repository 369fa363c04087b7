"""The pages of the UI but for tasks, as an administrator walks through them."""

import pytest

from tests.ui.browser import ORIGIN, Browser, Shown
from tests.ui.shown import show, show_all

ADDRESS = {"address1": "", "address2": "", "zipcode": "", "country": "NL", "domain": ""}


@pytest.fixture
async def admin(up, opened) -> Browser:
    """Somebody who may do anything."""
    browser: Browser = await opened(up, "root")
    return browser


async def test_each_reload_asks_for_everything_and_gets_it_whole(admin) -> None:
    rules = show_all("rule", await admin.get("rule"))
    assert len(rules) == 53
    for kind in ("role", "organization", "node", "collaboration", "task"):
        show_all(kind, await admin.get(kind))
    names = [row["username"] for row in show_all("user", await admin.get("user"))]
    assert {"root", "researcher", "researcher3"} <= set(names)


async def test_more_rows_than_a_page_has_come_whole(admin) -> None:
    for number in range(25):
        body = {"name": f"many {number}", **ADDRESS, "public_key": ""}
        show("organization", await admin.post("organization", body, 201))
    names = {row["name"] for row in await admin.get("organization")}
    assert {f"many {number}" for number in range(25)} <= names


async def test_every_link_leads_to_what_it_links(admin) -> None:
    [collaboration] = [
        row for row in await admin.get("collaboration") if row["name"] == "example_collab1"
    ]
    rows = [
        *collaboration["organizations"],
        *(await admin.get("organization"))[1]["collaborations"],
    ]
    rows += [node["organization"] for node in await admin.get("node")]
    assert len(rows) > 6
    for row in rows:
        path = row["link"].removeprefix("/api/")
        assert (await admin.get(path))["id"] == row["id"]


async def test_the_page_of_an_organization(admin) -> None:
    body = {"name": "north", **ADDRESS, "public_key": ""}
    made = show("organization", await admin.post("organization", body, 201))
    path = f"organization/{made['id']}"
    change = {**body, "name": "north hospital", "country": "BE"}
    show("organization", await admin.patch(path, change))
    seen = show("organization", await admin.get(path))
    assert (seen["name"], seen["country"]) == ("north hospital", "BE")
    for kind in ("user", "node", "collaboration", "task"):
        assert show_all(kind, await admin.get(kind, organization_id=made["id"])) == []
    roles = show_all("role", await admin.get("role", organization_id=2, include_root="true"))
    assert {"Researcher", "Viewer"} <= {row["name"] for row in roles if not row["organization"]}


async def test_the_pages_of_roles_and_users(admin) -> None:
    rules = [row["id"] for row in await admin.get("rule") if row["name"] == "task"][:2]
    role = {"name": "asker", "description": "asks", "organization_id": 2, "rules": rules}
    role_id = show("role", await admin.post("role", role, 201))["id"]
    await admin.patch(f"role/{role_id}", {**role, "description": "asks much", "rules": rules[:1]})
    seen = show("role", await admin.get(f"role/{role_id}"))
    assert (seen["description"], [row["id"] for row in seen["rules"]]) == ("asks much", rules[:1])

    body = {"username": "ann", "email": "ann@org1.example", "firstname": "Ann", "lastname": "A"}
    rights = {"organization_id": 2, "roles": [role_id], "rules": rules[1:]}
    with pytest.raises(Shown):
        await admin.post("user", {**body, **rights, "password": "weak"}, 201)
    user = show("user", await admin.post("user", {**body, **rights, "password": "Strong-123"}, 201))
    path = f"user/{user['id']}"
    await admin.patch(path, {**body, **rights, "lastname": "Other", "rules": []})
    seen = show("user", await admin.get(path))
    assert seen["lastname"] == "Other"
    assert [row["id"] for row in seen["roles"]] == [role_id]
    assert not seen["rules"]
    assert [row["id"] for row in await admin.get("user", role_id=role_id)] == [user["id"]]
    assert user["id"] in [row["id"] for row in await admin.get("user", organization_id=2)]

    await admin.delete(path)
    await admin.delete(f"role/{role_id}")
    assert not [row for row in await admin.get("role") if row["id"] == role_id]


async def test_somebody_changes_themselves(up, opened) -> None:
    browser = await opened(up, "collaboration_admin")
    me = await browser.get(f"user/{browser.user_id}")
    change = {name: me[name] for name in ("username", "email", "lastname")}
    body = {**change, "firstname": "New", "organization_id": me["organization"]["id"]}
    assert (await browser.patch(f"user/{browser.user_id}", body))["firstname"] == "New"


async def test_a_collaboration_is_made_with_its_nodes_and_goes_with_them(admin) -> None:
    body = {"name": "study", "encrypted": False, "organization_ids": [2, 3]}
    made = show("collaboration", await admin.post("collaboration", body))  # 200, not 201
    nodes = []
    for organization in made["organizations"]:
        order = {"collaboration_id": made["id"], "organization_id": organization["id"]}
        node = show(
            "node", await admin.post("node", {"name": f"n{organization['id']}", **order}, 201)
        )
        assert node["api_key"]
        nodes.append(node)
    path = f"collaboration/{made['id']}"
    show("collaboration", await admin.patch(path, {**body, "name": "study 2"}))
    assert show("collaboration", await admin.get(path))["name"] == "study 2"
    rows = show_all("node", await admin.get("node", collaboration_id=made["id"]))
    assert [row["id"] for row in rows] == [node["id"] for node in nodes]
    assert show_all("task", await admin.get("task", collaboration_id=made["id"])) == []
    assert made["id"] in [row["id"] for row in await admin.get("collaboration", organization_id=2)]

    first, second = nodes
    await admin.delete(f"node/{second['id']}")
    await admin.delete(path)
    rows = show_all("node", await admin.get("node"))  # one in no collaboration would hang the UI
    assert not {row["id"] for row in rows} & {first["id"], second["id"]}


async def test_the_page_of_a_node(admin) -> None:
    node = show_all("node", await admin.get("node"))[0]
    path = f"node/{node['id']}"
    body = {"collaboration_id": node["collaboration"]["id"]}
    body |= {"organization_id": node["organization"]["id"]}
    await admin.patch(path, {"name": "renamed", **body})
    assert show("node", await admin.get(path))["name"] == "renamed"
    await admin.patch(path, {"name": node["name"], **body})
    assert (await admin.get(path))["status"] == "online"


async def test_a_node_gets_a_new_key(admin) -> None:
    body = {"name": "keyless", "encrypted": False, "organization_ids": [4]}
    made = await admin.post("collaboration", body)
    order = {"name": "", "collaboration_id": made["id"], "organization_id": 4}
    node = await admin.post("node", order, 201)
    renewed = await admin.post("recover/node", {"id": node["id"]})
    assert renewed["api_key"] != node["api_key"]
    key = {"api_key": renewed["api_key"]}
    assert (await admin.post("token/node", key))["access_token"]
    await admin.delete(f"collaboration/{made['id']}")


@pytest.mark.parametrize("kind", ["organization", "user", "collaboration"])
async def test_what_the_ui_asks_for_by_mistake_is_not_there(admin, kind) -> None:
    asked = await admin.preflight("GET", f"{admin.api_url}/{kind}/-1", has_body=False)
    assert asked.status_code == 404
    assert asked.headers["access-control-allow-origin"] == ORIGIN


async def test_what_is_not_there_is_told(admin) -> None:
    with pytest.raises(Shown, match="999"):
        await admin.get("task/999")
