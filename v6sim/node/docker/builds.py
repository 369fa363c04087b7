"""Images built from folders, anew when their files have changed."""

import hashlib
import re
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from v6sim.node.docker.engine import Engine
from v6sim.node.errors import BuildFailed
from v6sim.node.executors.sources import Sources
from v6sim.world.build import Build

IMAGE = "v6sim.image"
"""Label of built images: the name that they were built for."""

CONTEXT = "v6sim.context"
"""Label of built images: the folder that they were built from."""

_MOST_LINES = 2_000  # of a failed build that are reported: its last ones
_STEP = re.compile(r"Step (\d+/\d+) : ")


class Source:
    """What an image is built from.

    Args:
        image: the name that it is for.
        build: the folder, and how to build it.
    """

    def __init__(self, image: str, build: Build) -> None:
        self.image, self.build = image, build
        self._root = Path(build.context)
        self._seen: Sources | None = None
        self._state = ""

    @property
    def problem(self) -> str:
        """Why it cannot be built, if it cannot."""
        dockerfile = self._root / self.build.dockerfile
        return "" if dockerfile.is_file() else f"there is no {dockerfile}"

    @property
    def state(self) -> str:
        """A digest of all that goes into the image, which changes when that does."""
        if self._seen is None or self._seen.changed():
            self._seen = Sources([str(self._root)])
            self._state = self._digest()
        return self._state

    @property
    def tag(self) -> str:
        """The name of the image that is built from it in this state."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.image.lower()).strip("-") or "image"
        other = hashlib.sha256(self.image.encode()).hexdigest()[:6]
        return f"v6sim-build/{plain}-{other}:{self.state}"

    @cached_property
    def _given(self) -> bytes:
        return self.build.model_dump_json(exclude={"context"}).encode()

    def _digest(self) -> str:
        from docker.utils.build import exclude_paths

        digest = hashlib.sha256(self._given)
        files = exclude_paths(str(self._root), self._ignored(), self.build.dockerfile)
        for name in sorted(files):
            path = self._root / name
            digest.update(f"\0{name}\0{path.lstat().st_mode}\0".encode())
            if path.is_symlink():
                digest.update(str(path.readlink()).encode())
            elif path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    def _ignored(self) -> list[str]:
        file = self._root / ".dockerignore"
        lines = file.read_text().splitlines() if file.is_file() else []
        return [line.strip() for line in lines if line.strip() and line[0] != "#"]


def make(engine: Engine, source: Source, tag: str, tell: Callable[[str], None]) -> None:
    """Build an image.

    Args:
        engine: the engine.
        source: from what.
        tag: the name that it gets.
        tell: takes what the engine says, line by line.

    Raises:
        BuildFailed: it has; the text has what it said.
    """
    from docker.errors import APIError

    said: deque[str] = deque(maxlen=_MOST_LINES)

    def note(line: str) -> None:
        said.append(line)
        tell(line)

    try:
        for answer in engine.api.build(
            path=source.build.context,
            dockerfile=source.build.dockerfile,
            buildargs=source.build.args,
            tag=tag,
            labels={IMAGE: source.image, CONTEXT: source.build.context},
            rm=True,
            forcerm=True,
            decode=True,
            timeout=None,
        ):
            for line in str(answer.get("stream") or answer.get("error", "")).splitlines():
                note(line)
            if "error" in answer:
                raise _failed(source, said)
    except APIError as error:
        note(str(error.explanation))
        raise _failed(source, said) from None
    _remove_older(engine, source, tag)


def _failed(source: Source, said: Sequence[str]) -> BuildFailed:
    step = next((line for line in reversed(said) if _STEP.match(line)), "")
    where = f", at {step[0].lower()}{step[1:]}" if step else ""
    summary = f"the image {source.image!r} cannot be built from {source.build.context}{where}"
    return BuildFailed(summary, said)


def _remove_older(engine: Engine, source: Source, tag: str) -> None:
    """Remove what was built for the same name from older sources, unless it is in use.

    What was built from a folder elsewhere stays while that is there: somebody may work on it.
    """
    from docker.errors import APIError

    for row in engine.api.images(filters={"label": f"{IMAGE}={source.image}"}):
        context = (row["Labels"] or {}).get(CONTEXT, "")
        if context and context != source.build.context and Path(context).exists():
            continue
        for name in row["RepoTags"] or ():
            if name.startswith("v6sim-build/") and name != tag:
                with suppress(APIError):
                    engine.api.remove_image(name, force=True)
