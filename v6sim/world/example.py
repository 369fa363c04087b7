"""An example of a world, to start one's own from."""

import json
from pathlib import Path

from v6sim.world.errors import Problem, WorldExistsError
from v6sim.world.schema import SCHEMA_FILE, world_schema

_TEMPLATE = Path(__file__).parent / "template"


def write_example(folder: Path) -> list[Path]:
    """Write a commented world, its data and its schema into a folder, which is made if need be.

    Returns:
        The files written, the world's own first.

    Raises:
        WorldExistsError: one of the files exists already; nothing was written.
        OSError: the folder cannot be written to.
    """
    contents = {
        folder / file.relative_to(_TEMPLATE): file.read_bytes()
        for file in sorted(_TEMPLATE.rglob("*"), key=lambda file: (file.suffix != ".yaml", file))
        if file.is_file()
    }
    contents[folder / SCHEMA_FILE] = json.dumps(world_schema(), indent=2).encode() + b"\n"
    text = "exists already, and is not overwritten; take another folder, or move it away"
    if existing := [Problem((), text, file) for file in contents if file.exists()]:
        raise WorldExistsError(existing)
    for file, content in contents.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        except OSError as error:
            for begun in contents:
                begun.unlink(missing_ok=True)
            raise type(error)(error.errno, error.strerror, error.filename or str(file)) from None
    return list(contents)
