"""The documentation is true: its commands exist, its links lead somewhere, nothing is left out."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from v6sim.cli import permissions
from v6sim.cli.app import app
from v6sim.server.settings import MailServer, PasswordPolicy, Settings

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "algorithms").glob("*/README.md"))
PAGES += sorted((ROOT / "examples").glob("*/README.md"))
COMMAND: Any = typer.main.get_command(app)


def commands(text: str) -> Iterator[list[str]]:
    """The v6sim commands in a page: in its code, with comments left out."""
    for block in re.findall(r"```(?:sh|console)?\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.strip().startswith("v6sim "):
                yield shlex.split(line, comments=True)[1:]
    for code in re.findall(r"`v6sim ([^`\n]*)`", text):
        yield shlex.split(code)


CASES = [
    pytest.param(words, id=f"{page.relative_to(ROOT)}: {' '.join(words)}"[:90])
    for page in PAGES
    for words in commands(page.read_text())
    if words
]


@pytest.mark.parametrize("words", CASES)
def test_a_command_in_the_documentation_exists(words: list[str]) -> None:
    command: Any = COMMAND
    while words and hasattr(command, "commands"):
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


def test_the_page_of_permissions_is_that_of_the_table() -> None:
    """Make it anew: v6sim permissions --world empty --markdown > docs/permissions.md."""
    assert (ROOT / "docs" / "permissions.md").read_text() == permissions.page("empty")


def test_every_verb_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for verb in COMMAND.commands:
        assert f"v6sim {verb}" in text or f"make {verb}" in text


@pytest.mark.parametrize("model", [Settings, PasswordPolicy, MailServer])
def test_every_setting_is_documented(model) -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    for name, field in model.model_fields.items():
        assert re.search(rf"`(\w+\.)?{name}[`.]", text), name
        if field.description:
            assert field.description in text, f"{name}: {field.description}"


def test_the_project_speaks_of_itself_alone() -> None:
    """Nothing in it names places outside it; only the CI script may look beside the checkout."""
    outside = re.compile(r"\.\./shared|/work/|/root/")
    folders = ("v6sim", "algorithms", "examples", "docs", "tests", "docker")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    for path in files:
        if path.suffix in (".py", ".md", ".toml", ".yaml", ".json", "") and path != Path(__file__):
            assert not outside.search(path.read_text(errors="replace")), path
