"""The sandbox of docker/, built and up, under both versions of Compose."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.stack import BASE, Stack, copy_of_docker
from tests.images import engine, standing_in
from tests.wide import some


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    engine()
    return copy_of_docker(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="package", params=some(["v2", "v1"], 2))
def built(request: pytest.FixtureRequest, folder: Path) -> Iterator[Stack]:
    """One whose images are built; all of it goes at the end."""
    stack = Stack(folder, request.param, {})
    with standing_in(BASE):
        stack.sandbox("build")
    try:
        yield stack
    finally:
        stack.sandbox("down")
        for name in ("server", "node", "average"):
            engine().images.remove(f"{stack.project}/{name}", force=True)
