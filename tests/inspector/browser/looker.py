"""A real browser, and what is asked of the pages in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

from tests.components import lacking
from v6sim.runtime.secret_file import find_secret

PATIENCE = 30_000  # milliseconds
AVERAGE = "harbor2.vantage6.ai/demo/average"
AGE = {"column_name": "age"}
PAGES = [
    "/", "/ui/tasks", "/ui/tasks/1", "/ui/runs/1", "/ui/egress", "/ui/people", "/ui/what-if",
    "/ui/journal", "/ui/outbox", "/ui/controls",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")

CONTROLS = {
    "button", "link", "textbox", "searchbox", "combobox", "spinbutton", "checkbox", "radio",
    "table", "region", "navigation", "log", "img",
}  # fmt: skip
"""Roles of what has to have a name."""

CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (top, below) => {
    const a = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a));
  };
  const behind = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(parse(getComputedStyle(at).backgroundColor));
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = color => {
    const [r, g, b] = color.map(v => v / 255).map(
      v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const weak = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    const own = [...element.childNodes].filter(each => each.nodeType === 3);
    const text = own.map(each => each.data.trim()).join("");
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!text || box.width < 2 || box.height < 2 || style.visibility === "hidden") continue;
    if (element.closest("svg") || element.closest(":disabled")) continue;
    const below = behind(element), ink = over(parse(style.color), below);
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) weak.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
  }
  return weak;
}"""
"""Texts whose contrast is below 4.5:1, which WCAG 2 asks for."""


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser of this machine, without a screen."""
    executable = next((found for name in NAMES if (found := shutil.which(name))), None)
    if executable is None:
        lacking("a browser (Chromium)", ".ci/browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


def secret_of(url: str) -> str:
    """The secret of a server, as programs of the same user find it."""
    found = find_secret(url)
    assert found is not None
    return found.secret


class Looker:
    """Somebody at a browser.

    Args:
        browser: the browser.
        url: address of the server.
        options: of the browser's context, such as `color_scheme`.
    """

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.context = browser.new_context(viewport={"width": 1360, "height": 900}, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self._note(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def go(self, path: str) -> Page:
        """Open a page below that of the inspector."""
        self.page.goto(f"{self.url}/_v6sim{path}")
        return self.page

    def log_in(self, username: str, password: str) -> Page:
        """Log in by the form."""
        self.go("/ui/login")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_text("Logged in as").wait_for()
        return self.page

    def open(self) -> Page:
        """Follow the link that has the secret of the server in it."""
        self.go(f"/ui/open?{urlencode({'secret': secret_of(self.url)})}")
        self.page.get_by_text("Logged in as operator").wait_for()
        return self.page

    def nameless(self) -> list[str]:
        """Roles of controls that a screen reader has no name for."""
        session = self.context.new_cdp_session(self.page)
        tree = session.send("Accessibility.getFullAXTree")["nodes"]
        session.detach()
        return [
            node["role"]["value"]
            for node in tree
            if not node.get("ignored")
            and node["role"]["value"] in CONTROLS
            and not node.get("name", {}).get("value", "").strip()
        ]

    def headings(self) -> list[int]:
        """The levels of the headings, in order."""
        found: list[int] = self.page.eval_on_selector_all(
            "h1, h2, h3, h4, h5, h6", "all => all.map(each => Number(each.tagName[1]))"
        )
        return found

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)
