"""The inspector in a real browser: for everybody, whatever they see, hear and use."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.inspector.browser.looker import AGE, AVERAGE, CONTRAST, PAGES
from tests.inspector.conftest import OPERATOR

pytestmark = pytest.mark.xdist_group("browser")


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


def test_without_scripts_pages_are_read_and_forms_sent(looking, box) -> None:
    box.run(AVERAGE, "master", kwargs=AGE)
    looker = looking(OPERATOR, java_script_enabled=False)
    expect(looker.go("/ui/tasks/1").locator(".of-run .bar.running")).to_have_count(4)
    page = looker.go("/ui/controls")
    page.get_by_label("Name").fill("plain")
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_role("row", name=re.compile("plain"))).to_be_visible()
