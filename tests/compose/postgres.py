"""An image that stands in for that of PostgreSQL, made of what this machine has."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.components import lacking
from tests.images import engine, needed, python_image

_START = """#!/bin/sh
# What of the genuine image's start the sandbox counts on.
set -e
data=/var/lib/postgresql/data
if [ ! -s $data/PG_VERSION ]; then
    initdb -D $data -U "$POSTGRES_USER" -A "$POSTGRES_HOST_AUTH_METHOD" -E UTF8 --locale=C -N
    echo "CREATE DATABASE $POSTGRES_USER" | postgres --single -D $data postgres
fi
exec "$@" -D $data
"""
_DOCKERFILE = """FROM {base}
COPY --chown=999:999 own /
COPY files /
ENV PATH={programs}:/usr/local/bin:/bin
USER 999:999
"""


@contextmanager
def postgres_image(folder: Path) -> Iterator[str]:
    """The name of the image, for as long as it is wanted.

    Args:
        folder: an empty one.
    """
    programs = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)
    if programs is None:
        lacking("PostgreSQL", "apt-get install postgresql")
    files = folder / "files"
    for source in (programs.parent, Path("/usr/share/postgresql"), Path("/usr/share/zoneinfo")):
        place = files / str(source).lstrip("/")
        shutil.copytree(source, place, ignore_dangling_symlinks=True)
    binaries = [*programs.iterdir(), *(programs.parent / "lib").glob("*.so")]
    for library in needed(binaries):
        _copy(library, files / str(library).lstrip("/"))
    for its in ("var/lib/postgresql/data", "var/run/postgresql"):
        (folder / "own" / its).mkdir(parents=True)
    _write(files / "etc" / "passwd", "postgres:x:999:999::/tmp:/bin/sh\n")
    _write(files / "usr" / "local" / "bin" / "docker-entrypoint.sh", _START, 0o755)
    _write(folder / "Dockerfile", _DOCKERFILE.format(base=python_image(), programs=programs))
    name = f"v6sim-test/postgres-{folder.name}".lower()
    subprocess.run(["docker", "build", "-q", "-t", name, str(folder)], check=True)
    try:
        yield name
    finally:
        engine().images.remove(name, force=True)


def _copy(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, place)


def _write(file: Path, content: str, mode: int = 0o644) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    file.chmod(mode)
