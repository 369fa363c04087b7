"""Every command and every example of the documentation is executed, as its reader would do it."""

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.page import PAGES, ROOT, SHELLS, Block, blocks_of
from tests.docs.session import Session

ELSEWHERE = {
    ("sandbox.md", "sh"): "tests/compose/test_sandbox.py",
    ("testing.md", "python"): "tests/testing/test_page.py",
    ("testing.md", "sh"): "tests/testing/test_page.py",
    ("worlds.md", "python"): "tests/world/test_world_docs.py",
}
"""Which other tests execute the blocks of some language on some page."""
SHOWN = ("", "text", "yaml", "yaml-wrong", "json", "toml", "dockerfile", "ini", "r")
"""What is no order to do something."""


def is_followed(page: Path, block: Block) -> bool:
    """Whether a block is for a session to do."""
    here = page.name, block.language
    does_nothing = block.language in SHOWN and not block.title and "world" not in block.marks
    return not (does_nothing or here in ELSEWHERE or "by" in block.marks)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if any(is_followed(p, b) for b in blocks_of(p))],
    ids=lambda page: str(page.relative_to(ROOT)),
)  # fmt: skip
def test_who_follows_a_page_gets_what_it_says(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    if page.parent.parent.name in ("algorithms", "examples"):
        shutil.copytree(page.parent, folder)
    else:
        folder.mkdir()
    with Session(folder) as session:
        for block in blocks_of(page):
            if is_followed(page, block):
                session.follow(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_block_of_a_page_is_left_out(page: Path) -> None:
    fences = re.findall(r"^\s*(```+.*)$", page.read_text(), re.MULTILINE)
    found = blocks_of(page)
    shown_as_said = sum(block.said is not None for block in found)
    assert len(fences) == 2 * (len(found) + shown_as_said), f"fences that are not read: {fences}"
    for block in found:
        language = block.language
        assert language in (*SHELLS, *SHOWN, "python"), f"who executes {language!r}?\n{block.text}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_another_file_is_said_to_execute_is_in_that_file(page: Path) -> None:
    for block in blocks_of(page):
        if "by" in block.marks:
            lines = (ROOT / block.marks["by"]).read_text().splitlines()
            for command in block.commands:
                words = command.text.partition("#")[0].strip()
                assert any(words in line for line in lines), f"{words}: not in {block.marks['by']}"


def test_the_tests_that_execute_pages_elsewhere_are_there() -> None:
    for (page, _), test in ELSEWHERE.items():
        assert page in (ROOT / test).read_text()
