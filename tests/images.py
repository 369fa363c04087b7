"""Images for tests, made of what this machine has: no registry is asked.

Run as a script to make them ahead of the tests.
"""

import hashlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tests.components import lacking

LIBRARIES = ("pandas", "numpy", "numpy.libs", "dateutil", "pytz", "tzdata", "six.py")
_UNUSED = re.compile(r"/tests?/|\.a$|/(ensurepip|idlelib|tkinter|lib2to3|pydoc_data|config-[^/]*)/")
_LIBRARY = re.compile(r"(/\S+) \(0x")
_PATH = "ENV PATH=/usr/local/bin:/bin"
_COMMANDS = ("sh", "sleep", "setsid", "cat", "ls", "wget", "cp", "mkdir", "test")
_NEW = "5"  # raise it when the recipe changes


@cache
def engine() -> Any:
    """The Docker engine of this machine."""
    import docker

    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not answers(Path(host.removeprefix("unix://"))):
        lacking("a running Docker engine", ".ci/docker-engine")
    return docker.from_env(timeout=60)


def answers(path: Path) -> bool:
    """Whether an engine answers at a socket."""
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(path))
            line.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 OK" in line.recv(100)
        except OSError:
            return False


@cache
def python_image() -> str:
    """Name of an image with this Python, pandas and a shell."""
    prefix = Path(sys.base_prefix)
    packages = Path(sysconfig.get_path("purelib"))
    return _image("python", prefix, packages, [packages / name for name in LIBRARIES])


@contextmanager
def standing_in(name: str) -> Iterator[None]:
    """Have an image of this Python and pip under the name of one from a registry.

    One that is there by that name is used as it is.
    """
    if engine().images.list(name):
        yield
        return
    prefix, packages = Path(sys.base_prefix), Path(sysconfig.get_path("purelib"))
    bundled = next((prefix / "lib").glob("python3.*/site-packages")) / "pip"
    content = _root(prefix, [bundled], list(packages.rglob("*.so*")))
    engine().api.import_image_from_data(content, *name.split(":"), changes=[_PATH])
    try:
        yield
    finally:
        engine().images.remove(name, noprune=True)


def image_of(name: str, python: Path) -> str:
    """Name of an image with the Python and all packages of a virtual environment."""
    code = "import sys, sysconfig; print(sys.base_prefix); print(sysconfig.get_path('purelib'))"
    said = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout
    prefix, packages = map(Path, said.splitlines())
    return _image(name, prefix, packages, sorted(packages.iterdir()))


def average_project(folder: Path) -> Path:
    """The example algorithm as a project whose Dockerfile needs nothing from outside."""
    root = Path(__file__).parents[1]
    package = root / "algorithms" / "average" / "v6_average"
    shutil.copytree(package, folder / "v6_average", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "v6sim" / "node" / "executors" / "inside", folder / "inside")
    (folder / "Dockerfile").write_text(
        f"FROM {python_image()}\nENV PKG_NAME=v6_average\nCOPY . /app\n"
        "CMD exec python /app/inside v6_average /app\n"
    )
    return folder


def _image(name: str, prefix: Path, packages: Path, libraries: list[Path]) -> str:
    version = "-".join([_NEW, str(prefix), *_distributions(packages)])
    tag = f"v6sim-test/{name}:{hashlib.sha256(version.encode()).hexdigest()[:12]}"
    if not engine().images.list(tag):
        content = _root(prefix, libraries)
        engine().api.import_image_from_data(content, *tag.split(":"), changes=[_PATH])
    return tag


def _distributions(packages: Path) -> list[str]:
    return sorted(each.name for each in packages.glob("*.dist-info"))


def _root(prefix: Path, libraries: list[Path], others: Sequence[Path] = ()) -> bytes:
    """The files of an image, as a tar.

    Args:
        prefix: where the Python is.
        libraries: packages that go in.
        others: files that do not, but what they are linked with.
    """
    busybox = shutil.which("busybox")
    if busybox is None:
        lacking("busybox", "apt-get install busybox-static")
    stdlib = next((prefix / "lib").glob("python3.*"))
    interpreter = prefix / "bin" / stdlib.name
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for folder in ("tmp", "mnt", "etc", "root", "usr/bin"):
            _folder(tar, folder)
        tar.add(busybox, "bin/busybox")
        for command in _COMMANDS:
            _link(tar, f"bin/{command}", "busybox")
        objects = [interpreter, *others, *stdlib.glob("lib-dynload/*.so")]
        tar.add(interpreter.resolve(), "usr/local/bin/python3")
        _link(tar, "usr/local/bin/python", "python3")
        for file in _files(stdlib, but=stdlib / "site-packages"):
            tar.add(file, f"usr/local/lib/{stdlib.name}/{file.relative_to(stdlib)}")
        for library in libraries:
            for file in _files(library):
                inside = file.relative_to(library.parent)
                tar.add(file, f"usr/local/lib/{stdlib.name}/site-packages/{inside}")
                if ".so" in file.name:
                    objects.append(file)
        for path in sorted(needed(objects)):
            tar.add(path.resolve(), str(path).lstrip("/"))
    return content.getvalue()


def _files(path: Path, but: Path | None = None) -> Iterator[Path]:
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        inside = but is not None and file.is_relative_to(but)
        if file.is_file() and not inside and not _UNUSED.search(str(file)):
            yield file


def needed(objects: list[Path]) -> set[Path]:
    """The shared libraries of this machine that some programs and modules are linked with."""
    said = subprocess.run(["ldd", *objects], capture_output=True, text=True, check=False).stdout
    found = {Path(path) for path in _LIBRARY.findall(said)}
    return {path for path in found if "site-packages" not in path.parts}


def _folder(tar: tarfile.TarFile, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
    tar.addfile(entry)


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)


if __name__ == "__main__":
    print(python_image())
