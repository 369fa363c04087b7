"""Images of algorithms with the genuine library in them, made of what this machine has."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.components import lacking
from tests.genuine.environments import CLIENTS
from tests.images import engine, image_of

_START = "from vantage6.tools.docker_wrapper import docker_wrapper; docker_wrapper({package!r})"


def genuine_library() -> str:
    """Name of an image with the genuine client and tools 3.7.3."""
    environment = CLIENTS["3.7.3"]
    if not environment.is_ready:
        lacking("the genuine client 3.7.3", "make genuine")
    return image_of("genuine-3.7.3", environment.python)


def algorithm_image(package: Path) -> str:
    """Name of an image that runs a package by the genuine library.

    It has two parts: genuine nodes look for a name of three at a registry, whatever is here.
    """
    tag = f"v6sim-test/genuine-{package.name.replace('_', '-')}"
    with TemporaryDirectory() as folder:
        shutil.copytree(
            package, Path(folder, package.name), ignore=shutil.ignore_patterns("__pycache__")
        )
        Path(folder, "Dockerfile").write_text(
            f"FROM {genuine_library()}\n"
            f"COPY {package.name} /app/{package.name}\n"
            "ENV PYTHONPATH=/app\n"
            f'CMD ["python", "-c", "{_START.format(package=package.name)}"]\n'
        )
        engine().images.build(path=folder, tag=tag, rm=True)
    return tag
