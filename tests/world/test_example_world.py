"""The example that people start from."""

from collections.abc import Callable
from pathlib import Path

import pytest

from v6sim.world import World, WorldExistsError, write_example


def test_the_example_is_a_world_with_its_data(tmp_path: Path) -> None:
    written = write_example(tmp_path / "my" / "federation")
    assert written[0] == tmp_path / "my" / "federation" / "world.yaml"
    assert all(file.is_file() for file in written)
    world = World.load(written[0])
    assert len(world.organizations) == 3
    (collaboration,) = world.collaborations
    assert [each.has_node for each in collaboration.participants] == [True, True, False]


def test_the_example_points_editors_to_the_schema_beside_it(tmp_path: Path) -> None:
    world, *others = write_example(tmp_path)
    first = world.read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=world.schema.json"
    assert tmp_path / "world.schema.json" in others


def test_the_example_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "south.csv").write_text("mine")
    with pytest.raises(WorldExistsError, match=r"south\.csv: exists already, and is not over"):
        write_example(tmp_path)
    assert [file.name for file in tmp_path.rglob("*.*")] == ["south.csv"]


def test_what_the_example_has_in_comments_is_true_as_well(
    folder: Path, write: Callable[..., str]
) -> None:
    """The lines that are commented out load, once what they name exists."""
    world, *_ = write_example(folder / "example")
    (folder / "my-algorithm").mkdir()
    (folder / "other" / ".venv" / "bin").mkdir(parents=True)
    (folder / "other" / ".venv" / "bin" / "python").touch()
    text = world.read_text()
    comment = text[text.index("# algorithms:") :].replace("# ", "")
    world.write_text(text + comment)
    assert World.load(world).algorithms["registry.example/my-algorithm"].package == str(
        folder / "my-algorithm"
    )
