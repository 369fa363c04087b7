"""From an image's name to an image: local, else built, else pulled."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from v6sim.node.docker.builds import Source, make
from v6sim.node.docker.engine import Engine, in_thread
from v6sim.node.errors import BuildFailed, NoImage
from v6sim.world.algorithm import Algorithm
from v6sim.world.build import Build
from v6sim.world.docker import Docker, Registry

logger = logging.getLogger(__name__)

Tell = Callable[[str], None]


def note(line: str) -> None:
    """Log a line of what the engine says as it builds or pulls."""
    logger.info("%s", line)


class Images:
    """What image names lead to.

    Args:
        engine: the engine.
        algorithms: what image names stand for; it may change while this works.
        settings: whether to pull, and how to log in.
        tell: takes lines of what is said while an image is built or pulled.
    """

    def __init__(
        self,
        engine: Engine,
        algorithms: Mapping[str, Algorithm],
        settings: Docker,
        tell: Tell = note,
    ) -> None:
        self._engine, self._algorithms, self._settings = engine, algorithms, settings
        self._tell = tell
        self._sources: dict[str, Source] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def resolve(self, image: str) -> str:
        """The image that a name leads to, which is built or pulled if need be; its own name.

        Raises:
            NoImage: it leads to none; the text says where was looked.
            BuildFailed: it leads to a build or a registry that failed.
        """
        async with self._locks[image]:
            return await in_thread(self._resolve, image)

    def look(self, image: str) -> str:
        """What a name leads to, in words; nothing is built or pulled.

        Raises:
            APIError: the engine fails.
        """
        if self._is_local(image):
            return "local image"
        source = self._source(image)
        if source is not None and not source.problem:
            state = "built" if self._is_local(source.tag) else "not built yet"
            return f"built from {source.build.context} ({state})"
        if self._settings.pull:
            return "to be pulled"
        return f"nothing: {'; '.join(self._looked(source))}"

    def _resolve(self, image: str) -> str:
        if self._is_local(image):
            return image
        source = self._source(image)
        if source is not None:
            if source.problem:
                raise BuildFailed(f"the image {image!r} cannot be built: {source.problem}")
            tag = source.tag
            if not self._is_local(tag):
                self._tell(f"building {source.image} from {source.build.context}")
                make(self._engine, source, tag, self._tell)
            return tag
        if self._settings.pull:
            self._pull(image)
            return image
        raise NoImage(image, self._looked(source))

    def _source(self, image: str) -> Source | None:
        """The folder that the name stands for, if it stands for one."""
        found = _build_of(image, self._algorithms)
        if found is None:
            return None
        name, build = found
        known = self._sources.get(name)
        if known is None or known.build != build:
            known = self._sources[name] = Source(name, build)
        return known

    def _is_local(self, image: str) -> bool:
        from docker.errors import APIError

        try:
            self._engine.api.inspect_image(image)
        except APIError as error:
            if error.status_code in (400, 404):  # 400: no image can be called so
                return False
            raise
        return True

    def _looked(self, source: Source | None) -> list[str]:
        looked = ["the engine has no local image of this name"]
        if source is None:
            known = sorted(name for name, each in self._algorithms.items() if each.build)
            names = ", ".join(known) or "none"
            looked.append(f"no `build` of the world is for it (there are some for: {names})")
        else:
            looked.append(source.problem)
        if not self._settings.pull:
            looked.append("no registry was asked, as `pull` is not true")
        return looked

    def _pull(self, image: str) -> None:
        from docker.errors import APIError, DockerException
        from docker.utils import parse_repository_tag

        repository, tag = parse_repository_tag(image)
        self._tell(f"pulling {image}")
        try:
            login = self._login(repository)
            api = self._engine.api
            for line in api.pull(
                repository, tag or "latest", stream=True, decode=True, auth_config=login
            ):
                if "error" in line:
                    raise DockerException(line["error"])
            api.inspect_image(image)
        except (APIError, DockerException) as error:
            looked = self._looked(self._source(image))
            raise NoImage(image, [*looked, f"its registry said: {_said(error)}"]) from None

    def _login(self, repository: str) -> dict[str, str] | None:
        from docker.auth import resolve_repository_name

        host, _ = resolve_repository_name(repository)
        for each in self._settings.docker_registries:
            if _host(each) == host:
                return {"username": each.username, "password": each.password}
        return None


def look_without_engine(image: str, algorithms: Mapping[str, Algorithm], settings: Docker) -> str:
    """What a name leads to, in words, as far as the world says it."""
    found = _build_of(image, algorithms)
    rest = "to be pulled" if settings.pull else "nothing"
    if found is not None:
        source = Source(*found)
        rest = source.problem or f"built from {source.build.context}"
    return f"local image, if the engine has it; else {rest}"


def _build_of(image: str, algorithms: Mapping[str, Algorithm]) -> tuple[str, Build] | None:
    """The folder that an image name stands for, and the name that says so."""
    for name in (image, f"{image}:latest", image.removesuffix(":latest")):
        algorithm = algorithms.get(name)
        if algorithm is not None and algorithm.build is not None:
            return name, algorithm.build
    return None


def _host(registry: Registry) -> str:
    return registry.registry.partition("://")[2] or registry.registry


def _said(error: Exception) -> Any:
    return getattr(error, "explanation", None) or error
