"""The documentation is true: its commands exist, its links lead somewhere, nothing is left out."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.docs.page import PAGES, ROOT, blocks_of
from v6sim.cli.app import app

COMMAND: Any = typer.main.get_command(app)


def commands(page: Path) -> Iterator[list[str]]:
    """The v6sim commands in a page: in its code, with comments left out."""
    for block in blocks_of(page):
        for command in block.commands:
            if command.text.startswith("v6sim "):
                yield shlex.split(command.text, comments=True)[1:]
    for code in re.findall(r"`v6sim ([^`\n]*)`", page.read_text()):
        yield shlex.split(code)


CASES = [
    pytest.param(words, id=f"{page.relative_to(ROOT)}: {' '.join(words)}"[:90])
    for page in PAGES
    for words in commands(page)
    if words
]


@pytest.mark.parametrize("words", CASES)
def test_a_command_in_the_documentation_exists(words: list[str]) -> None:
    command: Any = COMMAND
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        name, *words = words
        assert name in command.commands, f"there is no command {name!r}"
        command = command.commands[name]
    known = {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help", "--version"}
    used = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert used <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_in_the_documentation_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_says_to_make_can_be_made(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in re.findall(r"`make ([a-z]+)", page.read_text()):
        assert target in targets


def test_every_verb_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for verb in COMMAND.commands:
        assert f"v6sim {verb}" in text or f"make {verb}" in text


def test_the_project_speaks_of_itself_alone() -> None:
    """Nothing in it names places outside it; only the CI script may look beside the checkout."""
    outside = re.compile(r"\.\./shared|/work/|/root/")
    folders = ("v6sim", "algorithms", "examples", "docs", "tests", "docker")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    for path in files:
        if path.suffix in (".py", ".md", ".toml", ".yaml", ".json", "") and path != Path(__file__):
            assert not outside.search(path.read_text(errors="replace")), path
