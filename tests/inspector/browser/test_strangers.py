"""The inspector in a real browser, and pages of others: what they lead to, and cannot read."""

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.inspector.browser.looker import Looker, secret_of

pytestmark = pytest.mark.xdist_group("browser")

TRIES = """async targets => {
  const seen = [];
  for (const [url, options] of targets) {
    try {
      const answer = await fetch(url, options);
      seen.push(answer.type === "opaque" ? "opaque" : (await answer.text()).slice(0, 80));
    } catch (error) { seen.push("nothing"); }
  }
  return seen;
}"""
"""What a page reads of some URLs."""


class _Page(http.server.BaseHTTPRequestHandler):
    """A page with a link to where its query says."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        target = urlsplit(self.path).query
        self.wfile.write(f'<title>Theirs</title><a href="{target}">open</a>'.encode())

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where somebody else serves pages on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(params=["localhost", "127.0.0.1", "wiki.localhost"])
def theirs(request, port: int) -> str:
    """A page of another port, of the same or another host name."""
    return f"http://{request.param}:{port}/"


def test_a_link_on_a_page_of_others_opens_the_inspector(browser, box, theirs) -> None:
    looker = Looker(browser, box.url)
    link = f"{box.url}/_v6sim/ui/open?{urlencode({'secret': secret_of(box.url)})}"
    looker.page.goto(f"{theirs}?{link}")
    looker.page.get_by_role("link", name="open").click()
    expect(looker.page).to_have_title("Federation · v6sim")
    expect(looker.page.get_by_text("Logged in as operator")).to_be_visible()
    assert "secret" not in looker.page.url
    looker.page.get_by_role("link", name="Controls").click()  # the cookie goes on being sent
    looker.page.get_by_label("Name").fill("from a link")
    looker.page.get_by_role("button", name="Take a snapshot").click()
    expect(looker.page.get_by_role("row", name="from a link")).to_be_visible()
    assert not looker.complaints
    looker.context.close()


def test_no_request_after_the_link_names_the_secret(browser, box) -> None:
    looker = Looker(browser, box.url)
    referers: list[str] = []
    looker.page.on("request", lambda asked: referers.append(asked.headers.get("referer", "")))
    looker.open()
    looker.page.get_by_role("link", name="Tasks", exact=True).click()
    expect(looker.page).to_have_title("Tasks · v6sim")
    assert len(referers) > 3
    assert not [each for each in referers if "secret" in each]
    looker.context.close()


def test_pages_of_others_read_nothing_whatever_the_browser_keeps(browser, box, theirs) -> None:
    """A user who has looked at it has answers in the browser's cache, and a cookie."""
    looker = Looker(browser, box.url)
    looker.open()
    secret = {"Authorization": f"Bearer {secret_of(box.url)}"}
    looker.context.set_extra_http_headers(secret)
    for path in ("/outbox", "/journal", "/health"):
        looker.page.goto(f"{box.url}/_v6sim{path}")
    looker.page.goto(f"{box.url}/api/version")
    looker.context.set_extra_http_headers({})
    looker.page.goto(theirs)
    expect(looker.page).to_have_title("Theirs")
    targets = [
        (f"{box.url}/_v6sim{path}", {"cache": cache, "credentials": "include", "mode": mode})
        for path in ("/outbox", "/journal", "/health", "/", "/ui/tasks")
        for cache in ("force-cache", "only-if-cached", "default", "reload")
        for mode in ("cors", "no-cors", "same-origin")
    ]
    read = looker.page.evaluate(TRIES, targets)
    assert set(read) == {"nothing"}
    assert looker.page.evaluate(TRIES, [(f"{box.url}/api/version", {})]) == ['{"version":"3.7.3"}']
    looker.context.close()


def test_no_page_of_others_has_it_in_a_frame_or_posts_to_it(browser, box, theirs) -> None:
    looker = Looker(browser, box.url)
    looker.open()
    before = box.control.ask("GET", "/snapshots")
    looker.page.goto(theirs)
    looker.page.set_content(
        f'<iframe src="{box.url}/_v6sim/" width="600" height="400"></iframe>'
        f'<form action="{box.url}/_v6sim/ui/controls/snapshots" method="post">'
        '<input name="name" value="theirs"><button>go</button></form>'
    )
    with looker.page.expect_navigation():
        looker.page.get_by_role("button", name="go").click()
    expect(looker.page.get_by_text("not for web pages of other origins")).to_be_visible()
    assert box.control.ask("GET", "/snapshots") == before
    looker.context.close()
