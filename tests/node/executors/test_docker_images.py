"""From names to images: local, built, pulled."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bcrypt
import pytest
import pytest_asyncio

from tests.components import lacking
from tests.images import engine, python_image
from v6sim.node.errors import NoImage
from v6sim.node.executors.docker import DockerExecutor
from v6sim.world import World
from v6sim.world.algorithm import Algorithm
from v6sim.world.build import Build
from v6sim.world.docker import Docker, Registry

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("docker_images"),  # they look at all images of one name
]

Write = Callable[..., Path]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(docker: "Bench") -> AsyncIterator["Bench"]:
    yield docker


@pytest.fixture
def write(bench: "Bench", tmp_path: Path) -> Iterator[Write]:
    """Write the folder of the image name `told`, which tells what is in its file."""

    def write(told: str, **build: Any) -> Path:
        (tmp_path / "told").write_text(told)
        (tmp_path / "Dockerfile").write_text(
            f"FROM {python_image()}\nARG NAME=nobody\nENV NAME=$NAME\nCOPY told /\n"
            'CMD cat /told; echo " $NAME"\n'
        )
        bench.algorithms["told"] = Algorithm(build=Build(context=str(tmp_path), **build))
        return tmp_path

    yield write
    bench.algorithms.pop("told", None)
    for tag in built("told"):
        engine().images.remove(tag, force=True)


def built(image: str) -> list[str]:
    found = engine().images.list(filters={"label": f"v6sim.image={image}"})
    return [tag for each in found for tag in each.tags]


async def test_a_folder_is_built_and_built_anew_when_its_files_have_changed(
    bench: "Bench", write: Write
) -> None:
    write("one")
    assert (await bench.run(image="told")).log == "one nobody\n"
    (first,) = built("told")
    assert (await bench.run(image="told:latest")).log == "one nobody\n"
    assert built("told") == [first]
    write("two")
    assert (await bench.run(image="told")).log == "two nobody\n"
    assert first not in built("told")


async def test_what_the_dockerfile_is_told_counts_too(bench: "Bench", write: Write) -> None:
    write("hello", args={"NAME": "rosa"})
    assert (await bench.run(image="told")).log == "hello rosa\n"
    write("hello", args={"NAME": "tim"})
    assert (await bench.run(image="told")).log == "hello tim\n"


async def test_a_file_that_is_ignored_does_not_count(bench: "Bench", write: Write) -> None:
    folder = write("hello")
    (folder / ".dockerignore").write_text("notes\n")
    await bench.run(image="told")
    before = built("told")
    (folder / "notes").write_text("changed")
    await bench.run(image="told")
    assert built("told") == before


async def test_what_is_built_from_another_folder_stays_while_that_is_there(
    bench: "Bench", write: Write, tmp_path: Path
) -> None:
    here = write("one")
    other = tmp_path / "other"
    shutil.copytree(here, other)
    await bench.run(image="told")
    (first,) = built("told")
    (other / "told").write_text("two")
    bench.algorithms["told"] = Algorithm(build=Build(context=str(other)))
    assert (await bench.run(image="told")).log == "two nobody\n"
    assert first in built("told")
    assert len(built("told")) == 2
    shutil.rmtree(other)
    write("three")
    assert (await bench.run(image="told")).log == "three nobody\n"
    assert len(built("told")) == 1


async def test_a_build_that_fails_is_a_failed_start_with_what_it_said(
    bench: "Bench", write: Write
) -> None:
    folder = write("hello")
    (folder / "Dockerfile").write_text(
        f"FROM {python_image()}\nRUN echo 'it goes wrong here' && exit 7\n"
    )
    outcome = await bench.run(image="told")
    assert outcome.status == "start failed"
    assert f"cannot be built from {folder}" in outcome.log
    assert "it goes wrong here" in outcome.log
    assert "returned a non-zero code: 7" in outcome.log


async def test_runs_at_the_same_time_wait_for_one_build(bench: "Bench", write: Write) -> None:
    write("both")
    said: list[str] = []
    executor = DockerExecutor(bench.algorithms, tell=said.append)
    await executor.open()
    await asyncio.gather(executor.prepare("told"), executor.prepare("told"))
    await executor.close()
    assert [line for line in said if line.startswith("building")] == [
        f"building told from {bench.algorithms['told'].origin}"
    ]
    assert any("COPY told /" in line for line in said)


async def test_a_local_image_goes_before_a_folder(bench: "Bench", write: Write) -> None:
    folder = write("built")
    engine().images.build(path=str(folder), tag="told", buildargs={"NAME": "local"}, rm=True)
    try:
        assert (await bench.run(image="told")).log == "built local\n"
        assert not built("told")
    finally:
        engine().images.remove("told", force=True)


async def test_a_name_that_no_image_can_have_leads_to_none(bench: "Bench") -> None:
    outcome = await bench.run(image="No Such/Name:!")
    assert outcome.status == "non-existing Docker image"


# --- registries ---


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry that wants a login, with the image `tiny`; its host and port."""
    program = shutil.which("docker-registry")
    if program is None:
        lacking("a registry", "apt-get install docker-registry")
    folder = tmp_path_factory.mktemp("registry")
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    secret = bcrypt.hashpw(b"Secret-1", bcrypt.gensalt(4)).decode()
    (folder / "users").write_text(f"rosa:{secret}\n")
    (folder / "config.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/images}}}}\n"
        f"http: {{addr: '{host}'}}\nauth: {{htpasswd: {{realm: test, path: {folder}/users}}}}\n"
    )
    with (folder / "log").open("w") as log:
        child = subprocess.Popen(
            [program, "serve", folder / "config.yml"], stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(host)
        _push(f"{host}/tiny", folder)
        yield host
    finally:
        child.terminate()
        child.wait()


def _wait_for(host: str) -> None:
    name, port = host.split(":")
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((name, int(port)), 1).close()
        except OSError:
            assert time.monotonic() < end
        else:
            return


def _push(name: str, folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY users /users\nCMD none\n")
    engine().images.build(path=str(folder), tag=name, rm=True)
    login = {"username": "rosa", "password": "Secret-1"}
    said = engine().images.push(name, auth_config=login)
    assert "error" not in said, said
    engine().images.remove(name)


async def resolve(image: str, settings: Docker) -> list[str]:
    """Have an executor of its own look for an image; what it said."""
    engine()  # or else the test has to go without
    said: list[str] = []
    executor = DockerExecutor({}, settings, said.append)
    await executor.open()
    try:
        await executor.prepare(image)
    finally:
        await executor.close()
    return said


async def test_an_image_is_pulled_only_where_that_is_wanted(registry: str) -> None:
    login = Registry(registry=registry, username="rosa", password="Secret-1")
    settings = Docker(pull=True, docker_registries=[login])
    image = f"{registry}/tiny"
    with pytest.raises(NoImage, match="no registry was asked, as `pull` is not true"):
        await resolve(image, settings.model_copy(update={"pull": False}))
    try:
        assert await resolve(image, settings) == [f"pulling {image}"]
        assert await resolve(image, Docker()) == []
    finally:
        engine().images.remove(image)


async def test_without_a_login_the_registrys_refusal_is_told(registry: str) -> None:
    with pytest.raises(NoImage, match=r"its registry said: .*no basic auth credentials"):
        await resolve(f"{registry}/tiny", Docker(pull=True))


async def test_an_image_that_the_registry_has_not_is_none(registry: str) -> None:
    login = Registry(registry=registry, username="rosa", password="Secret-1")
    with pytest.raises(NoImage, match="its registry said"):
        await resolve(f"{registry}/other", Docker(pull=True, docker_registries=[login]))


async def test_a_registry_that_is_away_is_told() -> None:
    with pytest.raises(NoImage, match=r"its registry said: .*127\.0\.0\.1:9"):
        await resolve("127.0.0.1:9/tiny", Docker(pull=True))


async def test_a_password_is_not_shown() -> None:
    login = Registry(registry="registry.example", username="rosa", password="Secret-1")
    world = World(docker=Docker(docker_registries=[login]))
    assert "Secret-1" not in repr(world)
