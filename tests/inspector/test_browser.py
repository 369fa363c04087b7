"""The inspector in a real browser: what people see and do there."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.inspector.browser import CONTRAST, PATIENCE, Looker, browsing
from v6sim import Sandbox

expect.set_options(timeout=PATIENCE)
pytestmark = pytest.mark.xdist_group("browser")

AVERAGE = "harbor2.vantage6.ai/demo/average"
AGE = {"column_name": "age"}
PAGES = [
    "/", "/ui/tasks", "/ui/tasks/1", "/ui/runs/1", "/ui/egress", "/ui/people", "/ui/what-if",
    "/ui/journal", "/ui/outbox", "/ui/controls",
]  # fmt: skip
SLOW = """
import pathlib, time

def master(client, data, gate):
    print("asking all", flush=True)
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    given = {"method": "part", "kwargs": {"gate": gate}}
    task = client.create_new_task(given, ids)
    while not client.get_task(task["id"])["complete"]:
        time.sleep(0.05)
    return {"parts": len(client.get_results(task_id=task["id"]))}

def RPC_part(data, gate):
    print("working <b>on</b> it", flush=True)
    while not pathlib.Path(gate).exists():
        time.sleep(0.02)
    print("the gate is open", flush=True)
    return {"count": 3, "ages": data["age"].tolist()}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox("manual") as box:
        yield box


@pytest.fixture
def box(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def looking(browser: Browser, box: Sandbox) -> Iterator[Callable[..., Looker]]:
    """Somebody at a browser, root by default; nothing may have been complained of at the end."""
    lookers: list[Looker] = []

    def look(username: str | None = "root", password: str = "root", **options: Any) -> Looker:
        looker = Looker(browser, box.url, **options)
        lookers.append(looker)
        if username is not None:
            looker.log_in(username, password)
        return looker

    yield look
    for looker in lookers:
        looker.context.close()
        assert not looker.complaints
        assert all(url.startswith(box.url) for url in looker.asked)


@pytest.fixture
def slow(tmp_path: Path) -> tuple[Path, Path]:
    """A package that goes on once a file is there, and that file."""
    package = tmp_path / "slow.py"
    package.write_text(SLOW)
    return package, tmp_path / "gate"


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


def test_what_if_answers_with_reasons(looking) -> None:
    page = looking().page
    page.get_by_role("link", name="People").click()
    page.get_by_role("link", name="what may they? (viewer)").click()
    expect(page.get_by_role("combobox", name="User")).to_have_value("viewer")
    page.get_by_label("Method").select_option("DELETE")
    page.get_by_label("Path").fill("/user/4")
    page.get_by_role("button", name="Try it out").click()
    answer = page.locator("#answer")
    expect(answer).to_contain_text("It would not be done")
    expect(answer).to_contain_text("user DELETE GLOBAL")
    expect(answer).to_contain_text("The smallest role that would allow it")


def test_the_journal_is_searched_and_goes_on(looking, box) -> None:
    page = looking().go("/ui/journal")
    page.get_by_label("Search").fill("version")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#requests")).to_contain_text("No request is like that")
    with box.http() as nobody:
        nobody.get("/version")
    expect(page.get_by_role("row").filter(has_text="/version")).to_have_count(1)


def test_a_fault_is_on_and_off(looking, box) -> None:
    page = looking().go("/ui/controls")
    page.get_by_label("Path, with * for anything").fill("/version")
    page.get_by_label("Status").fill("418")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("status").filter(has_text="The fault is on.")).to_be_visible()
    with box.http() as nobody:
        assert nobody.get("/version").status_code == 418
        page.get_by_role("button", name="Turn off fault").click()
        expect(page.get_by_text("None: the server is well.")).to_be_visible()
        assert nobody.get("/version").status_code == 200


def test_snapshot_restore_clock_and_reset(looking, box) -> None:
    looker = looking()
    page = looker.go("/ui/controls")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Name").fill("nothing yet")
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_role("row", name=re.compile("nothing yet"))).to_be_visible()
    box.run(AVERAGE, "master", kwargs=AGE)
    expect(looker.go("/ui/tasks").locator(".task-link")).to_have_count(2)
    looker.go("/ui/controls").get_by_role("button", name="Restore nothing yet").click()
    expect(page.get_by_text("The data are back")).to_be_visible()
    looker.go("/ui/tasks")
    expect(page.get_by_text("No tasks yet")).to_be_visible()
    looker.go("/ui/controls")
    page.get_by_label("Move it on by").fill("36")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("region", name="Clock")).to_contain_text("moved on by 1 d 12 h")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("the present time. Tokens")).to_be_visible()


def test_all_is_done_by_the_keyboard_alone(looking, box) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    page = looking(None).go("/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("root")
    page.keyboard.press("Tab")
    page.keyboard.type("root")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Federation · v6sim")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="#1 master"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#egress summary").first)
    page.keyboard.press("Enter")
    expect(page.locator("#egress details").first).to_have_attribute("open", "")
    box.run(AVERAGE, "average_partial", kwargs=AGE)  # which replaces parts of the page
    expect(page.locator("#egress details").first).to_have_attribute("open", "")


def tab_to(page, target) -> None:
    """Press Tab until something has the focus, which has to be seen."""
    expect(target).to_be_attached()
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            assert target.evaluate("each => getComputedStyle(each).outlineStyle") != "none"
            return
    raise AssertionError("Tab does not lead there")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_in_both_schemes(looking, box, scheme) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    with box.http("viewer") as viewer:
        viewer.delete("/role/1")
    looker = looking(color_scheme=scheme)
    dark = looker.page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", dark)[:3])) < 200) is (scheme == "dark")
    for path in PAGES:
        page = looker.go(path)
        if path in ("/ui/tasks/1", "/ui/runs/1"):
            page.locator("#egress summary").first.wait_for()
        assert page.evaluate(CONTRAST) == [], path


def test_a_screen_reader_finds_its_way(looking, box) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    with box.http("root") as root:
        root.post("/recover/lost", json={"username": "viewer"})
    looker = looking()
    for path in [*PAGES, "/ui/login"]:
        page = looker.go(path)
        if path in ("/ui/tasks/1", "/ui/runs/1"):
            page.locator("#egress summary").first.wait_for()
        assert looker.nameless() == [], path
        levels = looker.headings()
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(b <= a + 1 for a, b in pairwise(levels)), (path, levels)
        assert page.get_by_role("main").count() == 1
        assert page.locator("html").get_attribute("lang") == "en"
        ids = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
        assert len(ids) == len(set(ids)), path
    looker.go("/")
    assert "3 nodes: 3 online" in looker.page.locator("desc").text_content()


def test_who_wants_no_motion_gets_none(looking, box, slow) -> None:
    package, gate = slow
    page = looking(reduced_motion="reduce").page
    started = box.submit(package, "master", kwargs={"gate": str(gate)})
    spin = page.locator(".node.busy .spin").first
    expect(spin).to_be_attached()
    assert spin.evaluate("each => getComputedStyle(each).animationName") == "none"
    gate.touch()
    started.wait(60)


def test_a_small_screen_is_not_too_small(looking, box) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    looker = looking()
    looker.page.set_viewport_size({"width": 390, "height": 800})
    for path in PAGES:
        page = looker.go(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, path


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


def test_without_scripts_pages_are_read_and_forms_sent(looking, box) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    looker = looking(java_script_enabled=False)
    expect(looker.go("/ui/tasks/1").locator(".of-run .bar.running")).to_have_count(4)
    page = looker.go("/ui/controls")
    page.get_by_label("Name").fill("plain")
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_role("row", name=re.compile("plain"))).to_be_visible()
