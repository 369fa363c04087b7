"""The inspector in a real browser: a federation is watched."""

import re

import pytest
from playwright.sync_api import expect

from tests.inspector.browser.looker import AGE, AVERAGE, PAGES, Looker
from v6sim import Sandbox

pytestmark = pytest.mark.xdist_group("browser")


def test_one_logs_in_and_sees_the_federation(looking) -> None:
    looker = looking(None)
    page = looker.go("/")
    expect(page).to_have_title("Log in · v6sim")
    page.get_by_label("Username").fill("researcher")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("is wrong")
    assert [text[-18:] for text in looker.complaints] == ["401 (Unauthorized)"]
    looker.complaints.clear()
    page.get_by_label("Password").fill("Researcher-1")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Federation · v6sim")
    picture = page.get_by_role("img", name="The federation right now")
    expect(picture).to_be_visible()
    expect(picture.locator(".card .head")).to_have_text(
        ["example_org1", "example_org2", "example_org3"]
    )
    expect(picture.locator(".node.online")).to_have_count(3)
    expect(page.get_by_role("link", name="Journal")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_title("Log in · v6sim")


def test_a_task_is_watched_from_start_to_end(looking, box, slow) -> None:
    package, gate = slow
    page = looking().page
    started = box.submit(package, "master", kwargs={"gate": str(gate)})
    expect(page.locator(".node.busy").first).to_be_attached()
    expect(page.locator("path.flow").first).to_be_attached()
    expect(page.get_by_role("row").filter(has_text="busy").first).to_contain_text("task 1")

    page.get_by_role("link", name="Tasks", exact=True).click()
    expect(page.locator(".trees ul .task-link")).to_contain_text("#2")
    page.locator(".trees .task-link").first.click()
    expect(page.get_by_role("rowheader")).to_have_count(6)
    page.locator(".of-run.depth-2:has(.working) a").first.click()
    expect(page.get_by_role("log")).to_contain_text("working <b>on</b> it")
    assert page.locator("#log b").count() == 0
    expect(page.get_by_text("It has not ended yet.")).to_be_visible()

    gate.touch()
    expect(page.locator("#run-facts .chip.good")).to_have_text("completed")
    expect(page.get_by_role("log")).to_contain_text("the gate is open")
    expect(page.locator("#result pre")).to_contain_text('"count": 3')
    expect(page.locator("#environment")).to_contain_text("USER_REQUESTED_DATABASE_LABEL")
    entry = page.locator("#egress li.found details")
    expect(entry).to_have_count(1)
    entry.locator("summary").click()
    expect(entry).to_contain_text("row-length")
    started.wait(60)
    page.get_by_role("link", name="Federation").click()
    expect(page.locator(".node.online")).to_have_count(3)
    assert page.locator("#log").count() == 0


def test_a_task_page_shows_the_tree_on_a_time_line_and_what_left(looking, box) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    page = looking("researcher2", "Researcher-2").go("/ui/tasks/1")
    expect(page.locator(".of-run .bar.running")).to_have_count(4)
    expect(page.locator("#egress .facts")).to_contain_text("4 results")
    page.get_by_role("link", name="example_org3").click()
    expect(page.locator("#input pre")).to_contain_text('"method": "average_partial"')
    expect(page.locator("#result pre")).to_contain_text('"count": 4')
    expect(page.locator("#environment")).to_contain_text("shown to users of the organization")


def test_a_node_that_goes_is_seen_to_go(browser) -> None:
    with Sandbox("manual", executor="inline") as box:
        looker = Looker(browser, box.url)
        page = looker.log_in("root", "root")
        expect(page.locator(".node.online")).to_have_count(3)
        box._thread.call(box.nodes[0].stop())
        expect(page.locator(".node.offline")).to_have_count(1)
        expect(page.get_by_role("row", name=re.compile("example_org1"))).to_contain_text("offline")
        looker.context.close()


def test_a_lost_connection_is_said_and_made_anew(browser, tmp_path) -> None:
    options = {"executor": "inline", "keep": tmp_path / "keep"}
    with Sandbox("manual", **options) as box:
        looker = Looker(browser, box.url)
        page = looker.log_in("root", "root")
        expect(page.locator(".node.online")).to_have_count(3)
        port = int(box.url.rpartition(":")[2])
    expect(page.locator("#lost")).to_be_visible()
    with Sandbox("manual", port=port, **options):
        expect(page.locator("#lost")).to_be_hidden()
        expect(page.locator(".node.online")).to_have_count(3)
    looker.context.close()


def test_hostile_texts_do_nothing(looking, box) -> None:
    evil = "\"'><script>window.hacked=1</script><img src=x onerror='window.hacked=2'>"
    with box.http("root") as root:
        root.patch("/organization/2", json={"name": evil}).raise_for_status()
    with box.http("researcher") as researcher:
        orders = [{"id": 2, "input": "bm90aGluZw=="}]
        task = {"collaboration_id": 1, "organizations": orders, "name": evil, "image": evil}
        researcher.post("/task", json=task).raise_for_status()
    looker = looking()
    looker.page.on("dialog", lambda _: looker.complaints.append("a dialog"))
    for path in PAGES:
        page = looker.go(path)
        assert page.evaluate("window.hacked") is None
    assert evil in looker.go("/ui/tasks/1").locator("h1").inner_text()
