"""The inspector in a real browser: permissions, the journal, and what is to be turned."""

import re

import pytest
from playwright.sync_api import expect

from tests.inspector.browser.looker import AGE, AVERAGE
from tests.inspector.conftest import OPERATOR

pytestmark = pytest.mark.xdist_group("browser")


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
    page = looking(OPERATOR).go("/ui/controls")
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
    looker = looking(OPERATOR)
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
