"""What docs/worlds.md says is true."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from v6sim.world import (
    Algorithm,
    Build,
    Collaboration,
    Docker,
    Organization,
    Participant,
    Registry,
    Role,
    RuleRef,
    User,
    World,
    WorldError,
    builtin_algorithms,
    builtin_worlds,
    write_example,
)
from v6sim.world.explain import field_words
from v6sim.world.part import Part

PAGE = Path(__file__).parents[2] / "docs" / "worlds.md"
TEXT = PAGE.read_text()
PARTS: list[type[Part]] = [
    World,
    Organization,
    User,
    Role,
    RuleRef,
    Collaboration,
    Participant,
    Algorithm,
    Build,
    Docker,
    Registry,
]


def blocks(kind: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def default_of(field: FieldInfo) -> str:
    """What a field is if nothing is said."""
    default = field.get_default(call_default_factory=True)
    if field.is_required():
        return "required"
    if isinstance(default, list | dict):
        return "empty"
    return "null" if default is None else f"`{str(default).lower()}`"


def table(part: type[Part]) -> str:
    """The table of a part's fields, as the page has it."""
    lines = ["| field | what it is | default |", "|---|---|---|"]
    for name, field in part.model_fields.items():
        words = ", ".join(f"`{word}`" for word in field_words(field.annotation))
        about = f"{field.description} One of {words}." if words else field.description
        lines.append(f"| `{name}` | {about} | {default_of(field)} |")
    return "\n".join(lines)


@pytest.fixture
def example(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with what the page takes for granted."""
    write_example(folder / "my-world")
    monkeypatch.chdir(folder / "my-world")
    interpreter = folder / "my-world" / "my-algorithm" / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.touch()
    (folder / "my-world" / "my-r-algorithm").mkdir()
    key = folder / "my-world" / "keys" / "south.pem"
    key.parent.mkdir()
    key.touch()
    return folder / "my-world"


@pytest.mark.parametrize("part", PARTS)
def test_the_table_of_fields_is_that_of_the_model(part: type[Part]) -> None:
    marker = f"<!-- fields of {part.__name__} -->\n\n"
    assert marker + table(part) + "\n" in TEXT


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_example_is_a_world(text: str, example: Path) -> None:
    (example / "world.yaml").write_text(text)
    World.load("world.yaml")


@pytest.mark.parametrize("code", blocks("python"))
def test_every_example_in_python_runs(
    code: str, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(example.parent)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, str(PAGE), "exec"), {})
    assert printed.getvalue()


def test_the_example_of_mistakes_says_what_the_page_says(folder: Path) -> None:
    (wrong,), (said,) = blocks("yaml-wrong"), blocks("text")
    (folder / "world.yaml").write_text(wrong)
    with pytest.raises(WorldError) as caught:
        World.load("world.yaml")
    assert str(caught.value).replace(str(folder), "/home/rosa") == said.strip()


def test_all_built_in_worlds_and_algorithms_are_listed() -> None:
    for name in (*builtin_worlds(), *builtin_algorithms()):
        assert f"| `{name}` |" in TEXT


def test_all_users_of_the_manuals_world_are_listed() -> None:
    for organization in World.load("manual").organizations:
        for user in organization.users:
            row = f"| `{user.username}` | `{user.password}` | {user.roles[0]} |"
            assert f"{row} {organization.name} |" in TEXT
