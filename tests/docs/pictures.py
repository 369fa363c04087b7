"""The screenshots of docs/.

Run as a script (`make pictures`) to take them anew; it needs Chromium.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs.given import provide
from tests.docs.page import ROOT, Block
from tests.docs.session import Session

FOLDER = ROOT / "docs" / "pictures"
SHOTS = {"trace.png": "trace.html"}
"""What each shows: a page of a `v6sim up` that has done a task, or a file that commands made."""

_COMMANDS = "v6sim trace 1 --to trace.html\n"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_LOGIN = {"username": "researcher", "password": "Researcher-1"}


def take_all() -> None:
    """Take all of them."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        sys.exit(f"error: none of {', '.join(_BROWSERS)} is there: install one of them")
    FOLDER.mkdir(exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        Session(Path(folder)) as session,
        sync_playwright() as play,
    ):
        provide("up", session)
        session.follow(Block("sh", _COMMANDS, "", {}))
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 420})
        for name, where in SHOTS.items():
            is_file = not where.startswith("/")
            page.goto(Path(folder, where).as_uri() if is_file else f"{session.url}{where}")
            if page.locator("input[name=password]").count():
                for field, value in _LOGIN.items():
                    page.fill(f"input[name={field}]", value)
                page.click("form button")
            page.screenshot(path=FOLDER / name, full_page=True)
            print(f"took docs/pictures/{name}")
        browser.close()


if __name__ == "__main__":
    take_all()
