"""Docker engines that a test may stop."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import docker

from tests.commands import PATIENCE, until
from tests.components import lacking
from tests.images import answers, engine


class OwnEngine:
    """An engine in a network namespace of its own, with files of its own; a context manager.

    Args:
        images: what it has of the other engine.
    """

    def __init__(self, *images: str) -> None:
        self._images = images
        self._folder = Path(tempfile.mkdtemp(prefix="engine-"))  # its sockets take short paths
        self.url = f"unix://{self._folder}/docker.sock"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        try:
            self.start()
            for image in self._images:
                self._load(image)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it, and leave nothing of it."""
        self.stop()
        data = self._folder / "data"
        subprocess.run(["umount", "--recursive", "--quiet", data], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, with what it had before."""
        folder, dockerd = self._folder, shutil.which("dockerd")
        if dockerd is None or os.getuid() != 0:
            lacking("dockerd, as root", ".ci/docker-engine")
        words = ["unshare", "--net", dockerd, "--host", self.url, "--iptables=false",
                 "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec",
                 "--pidfile", f"{folder}/pid"]  # fmt: skip
        with (folder / "log").open("ab") as log:
            self._child = subprocess.Popen(words, stdout=log, stderr=log)
        until(lambda: answers(folder / "docker.sock"))

    def stop(self) -> None:
        """Stop it."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait(PATIENCE)

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Ask it."""
        with closing(docker.DockerClient(self.url)) as client:
            yield client

    def _load(self, image: str) -> None:
        content = b"".join(engine().images.get(image).save(named=True))
        with self.client() as client:
            client.images.load(content)
