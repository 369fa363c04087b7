"""The pages that are made from the code are up to date, and all pages together are a site."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import PATIENCE
from tests.docs.page import PAGES, ROOT
from tests.docs.pages import DOCS, MADE


@pytest.mark.parametrize("name", MADE)
def test_a_page_that_is_made_from_the_code_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text() == MADE[name](), f"say `make pages` to make docs/{name} anew"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: a link or a page that is missing is an error."""
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    said = subprocess.run(
        [*command, "--site-dir", folder], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    return folder


def test_every_page_is_in_the_menu_of_the_site(site: Path) -> None:
    front = (site / "index.html").read_text()
    for page in PAGES:
        if page.parent == DOCS:
            assert f'href="{page.stem}.html"' in front, f"name {page.name} under nav in mkdocs.yml"


def test_the_site_asks_nobody_else_for_anything(site: Path) -> None:
    loaded = re.compile(r"""<(?:script|img|iframe)[^>]*\bsrc="?(\S+)|<link[^>]*\bhref="?(\S+)""")
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        sources = [a or b for a, b in loaded.findall(page.read_text())]
        assert sources
        assert not [source for source in sources if re.match(r"(https?:)?//", source)], page


def test_code_is_shown_as_code(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert "```" not in page.read_text(), page
