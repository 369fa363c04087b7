"""Executors of each kind, and runs to make with them."""

import asyncio
import base64
import itertools
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from tests.images import python_image
from v6sim.node.contract import Contract, Workspace
from v6sim.node.data import Databases
from v6sim.node.departures import nobody
from v6sim.node.executors import inside
from v6sim.node.executors.base import Executor, Member, Outcome, Reach
from v6sim.node.executors.docker import DockerExecutor
from v6sim.node.executors.inline import InlineExecutor
from v6sim.node.executors.process import ProcessExecutor
from v6sim.node.limits import Limits
from v6sim.node.line import Address, Line, new_session
from v6sim.node.link import Link
from v6sim.node.proxy import Proxy
from v6sim.wire import payload
from v6sim.wire.cryptor import PlainCryptor
from v6sim.world.algorithm import Algorithm
from v6sim.world.build import Build

PROBE = Path(__file__).with_name("probe")
MAKERS: dict[str, Callable[[dict[str, Algorithm]], Executor]] = {
    "inline": InlineExecutor,
    "warm": ProcessExecutor,
    "cold": lambda algorithms: ProcessExecutor(algorithms, cold=True),
    "docker": DockerExecutor,
}
KINDS = [pytest.param(kind, marks=pytest.mark.wide if kind == "cold" else ()) for kind in MAKERS]
"""Cold runs differ from warm ones in little: `make full` plays them."""

NODE = Member(7, "North - Study Node")


class Bench:
    """An executor with what it takes to make runs."""

    def __init__(self, executor: Executor, algorithms: dict[str, Algorithm], folder: Path) -> None:
        self.executor, self.algorithms, self._folder = executor, algorithms, folder
        self.workspace = Workspace()
        self.reach = Reach("", 0)
        self._numbers = itertools.count(1)
        self.data = self.file("data.csv", "age,name\n1,a\n3,b\n")

    def file(self, name: str, content: str | bytes) -> Path:
        """A file to be used as a database."""
        path = self._folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def contract(
        self,
        method: str = "",
        *,
        master: bool = False,
        image: str = "probe",
        output_format: str | None = None,
        content: bytes | None = None,
        databases: dict[str, str | Path] | None = None,
        job: int = 1,
        node: int = NODE.node_id,
        algorithm_env: dict[str, str] | None = None,
        limits: Limits | None = None,
        **kwargs: Any,
    ) -> Contract:
        """What makes one run of the method with these arguments."""
        given: dict[str, Any] = {"method": method, "master": master, "kwargs": kwargs}
        if output_format:
            given["output_format"] = output_format
        run_id = next(self._numbers)
        content = payload.serialize(given) if content is None else content
        known = Databases(databases or {"default": self.data})
        return Contract(
            node_id=node,
            run_id=run_id,
            image=image,
            folder=self.workspace.open(run_id, content, TOKEN),
            temporary=self.workspace.temporary(job),
            database=known.pick(None),
            databases=known,
            host=self.reach.host,
            port=self.reach.port,
            algorithm_env=algorithm_env or {},
            limits=limits or Limits(),
        )

    @property
    def in_docker(self) -> bool:
        """Whether runs have a file system of their own."""
        return isinstance(self.executor, DockerExecutor)

    def seen(self, path: Path) -> str:
        """Where the algorithm sees a file of this machine."""
        if not self.in_docker:
            return str(path)
        return "/mnt/tmp" if path.name.startswith("job-") else f"/mnt/data/{path.name}"

    async def open(self, proxy: Proxy) -> None:
        """Have a node join."""
        self.proxy = proxy
        await self.executor.open()
        self.reach = await self.executor.join(NODE, proxy)

    async def close(self) -> None:
        """Leave nothing behind."""
        await self.executor.leave(NODE)
        await self.executor.close()
        self.workspace.remove()

    def know(self, image: str, package: Path) -> None:
        """Let an image name stand for a package, which is built if it is for Docker."""
        build = None
        if self.in_docker:
            build = Build(context=str(wrapped(package, self._folder / f"build-{image}")))
        self.algorithms[image] = Algorithm(package=str(package), build=build)

    async def run(self, method: str = "", **options: Any) -> Outcome:
        """Make one run from start to end."""
        return await self.executor.run(self.contract(method, **options))

    async def value(self, method: str, **options: Any) -> Any:
        """What such a run returns; it must complete."""
        outcome = await self.run(method, **options)
        assert outcome.status == "completed", outcome.log
        return payload.read(outcome.output)

    def script(self, source: str, **options: Any) -> Contract:
        """What runs a Python script in a container, without any wrapper."""
        name = f"script{next(self._numbers)}.py"
        file = self.file(name, source)
        env = {"SCRIPT": f"/mnt/data/{name}"}
        databases = {"default": self.data, "script": file, **options.pop("databases", {})}
        return self.contract(image="script", databases=databases, algorithm_env=env, **options)

    async def told(self, source: str, **options: Any) -> Any:
        """What such a script prints, which is JSON."""
        outcome = await self.executor.run(self.script(source, **options))
        assert outcome.status == "completed", outcome.log
        return json.loads(outcome.log)

    async def pipe(self, job: int) -> "Pipe":
        """A pipe in the folder of a job, for the algorithms of that job to write to."""
        path = self.workspace.temporary(job) / "alive"
        os.mkfifo(path)
        reader = asyncio.StreamReader()
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), file
        )
        return Pipe(path, reader, transport)


class Pipe:
    """A named pipe: it ends when all who had it open for writing are gone."""

    def __init__(
        self, path: Path, reader: asyncio.StreamReader, transport: asyncio.ReadTransport
    ) -> None:
        self.path, self._reader, self._transport = path, reader, transport

    async def hear(self, text: bytes, *, within: float = 15) -> None:
        """Wait until this has been written."""
        async with asyncio.timeout(within):
            assert await self._reader.readexactly(len(text)) == text

    async def end(self, *, within: float = 5) -> bytes:
        """Wait for the end; returns what was written before it."""
        async with asyncio.timeout(within):
            rest = await self._reader.read()
        self._transport.close()
        return rest


def _token() -> str:
    claims = {"sub": {"image": "probe", "node_id": 7, "collaboration_id": 8, "database": "default"}}
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{middle}.signature"


TOKEN = _token()


@pytest.fixture(scope="module")
def token() -> str:
    return TOKEN


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS)
async def bench(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Bench]:
    """A bench with an executor of each kind in turn; image `probe` is the test's algorithm."""
    async with _bench(request.param, tmp_path_factory) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def warm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A bench whose runs are forked from a process that has the algorithm loaded."""
    async with _bench("warm", tmp_path_factory) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A bench whose runs are threads here."""
    async with _bench("inline", tmp_path_factory) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def docker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A bench whose runs are containers; image `script` is for `Bench.script`."""
    async with _bench("docker", tmp_path_factory) as made:
        folder = tmp_path_factory.mktemp("script")
        made.algorithms["script"] = Algorithm(build=Build(context=str(script_image(folder))))
        yield made


def script_image(folder: Path) -> Path:
    """A folder from which the image is built that runs the script named by SCRIPT."""
    (folder / "Dockerfile").write_text(f"FROM {python_image()}\nCMD exec python -u $SCRIPT\n")
    return folder


@asynccontextmanager
async def _bench(kind: str, folders: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    if kind == "docker":
        await asyncio.to_thread(python_image)  # or else the test has to go without
    algorithms: dict[str, Algorithm] = {}
    bench = Bench(MAKERS[kind](algorithms), algorithms, folders.mktemp("bench"))
    bench.know("probe", PROBE)
    async with new_session() as http:
        link = Link(Line(Address.of("http://127.0.0.1:9"), http), SecretStr("none"))
        proxy = Proxy(link, NODE.node_id, PlainCryptor(), nobody)
        await proxy.start()
        await bench.open(proxy)
        try:
            yield bench
        finally:
            await bench.close()
            await proxy.stop()


def wrapped(package: Path, folder: Path) -> Path:
    """A folder from which an image with a package, and v6sim's own wrapper, can be built."""
    shutil.copytree(package, folder / package.name, dirs_exist_ok=True)
    shutil.copytree(Path(inside.__file__).parent, folder / "inside", dirs_exist_ok=True)
    (folder / "Dockerfile").write_text(
        f"FROM {python_image()}\nENV LANG=C.UTF-8 PYTHONUNBUFFERED=1\nCOPY . /app\n"
        f'CMD ["python", "/app/inside", "{package.name}", "/app"]\n'
    )
    (folder / ".dockerignore").write_text("**/__pycache__\n")
    return folder


@pytest.fixture
def write_package(bench: Bench, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Write the source of a package of its own; returns the image name that stands for it."""
    name = f"package_{tmp_path.name}"
    folder = tmp_path / name
    folder.mkdir()

    def write(source: str) -> str:
        (folder / "__init__.py").write_text(source)
        bench.know(name, folder)
        return name

    yield write
    bench.algorithms.pop(name, None)
