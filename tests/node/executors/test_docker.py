"""Algorithms as containers: what they reach and see, what limits them, what is left of them."""

import asyncio
import dataclasses
import json
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import pytest_asyncio

from tests.images import engine, python_image
from v6sim.node.executors.base import Member
from v6sim.node.executors.docker import DockerExecutor
from v6sim.runtime.process_identity import this_process
from v6sim.world.docker import Docker

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

T = TypeVar("T")

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONNECT = """
import json, socket
def attempt(address):
    try:
        socket.create_connection(address, 2).close()
    except OSError as error:
        return type(error).__name__ + ": " + str(error)
    return "connected"
print(json.dumps([attempt((host, port)) for host, port in %r]))
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(docker: "Bench") -> AsyncIterator["Bench"]:
    """All here is about containers."""
    yield docker


def ours(bench: "Bench", **filters: Any) -> list[Any]:
    """The containers that the executor of the bench has now."""
    label = f"v6sim.executor={executor_id(bench)}"
    return list(
        engine().containers.list(all=True, filters={"label": label, **filters}, ignore_removed=True)
    )


def executor_id(bench: "Bench") -> str:
    executor = bench.executor
    assert isinstance(executor, DockerExecutor)
    return executor.engine.id


# --- the network ---


@pytest.fixture
def on_the_host() -> Iterator[int]:
    """A port on all addresses of this machine at which something listens."""
    with closing(socket.create_server(("", 0))) as server:
        thread = threading.Thread(target=_answer, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _answer(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """A container that is none of ours, and listens on port 7000."""
    code = "import socket\ns = socket.create_server(('', 7000))\nwhile True: s.accept()"
    server = engine().containers.run(python_image(), ["python", "-c", code], detach=True)
    server.reload()
    yield server
    server.remove(force=True)


def addresses() -> list[str]:
    """Those of this machine, in the words of its own tools."""
    said = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout
    return [word for word in said.split() if ":" not in word]


async def test_an_algorithm_reaches_its_proxy(bench: "Bench") -> None:
    assert await bench.told(CONNECT % [("proxyserver", 8080)]) == ["connected"]


async def test_no_port_of_the_host_is_reached(bench: "Bench", on_the_host: int) -> None:
    here = addresses()
    targets = [(each, on_the_host) for each in here]
    outside = engine().containers.run(  # that the port is open to other containers
        python_image(), ["python", "-c", CONNECT % targets], remove=True
    )
    assert b"connected" in outside
    network = engine().networks.get(ours(bench)[0].attrs["HostConfig"]["NetworkMode"])
    subnet = network.attrs["IPAM"]["Config"][0]["Subnet"]
    gateway = subnet.rpartition(".")[0] + "." + str(int(subnet.rpartition(".")[2][:-3]) + 1)
    tried = [*targets, (gateway, on_the_host), ("host.docker.internal", on_the_host)]
    assert "connected" not in await bench.told(CONNECT % tried)


async def test_there_is_no_way_out(bench: "Bench", elsewhere: Any) -> None:
    target = (elsewhere.attrs["NetworkSettings"]["IPAddress"], 7000)
    outside = engine().containers.run(  # that others reach it
        python_image(), ["python", "-c", CONNECT % ([target] * 20)], remove=True
    )
    assert b'"connected"]' in outside
    assert "connected" not in await bench.told(CONNECT % [target])


async def test_there_is_no_ipv6_to_go_by(bench: "Bench") -> None:
    source = "import json; print(json.dumps(open('/proc/net/if_inet6').read().split()[5::6]))"
    assert set(await bench.told(source)) <= {"lo"}


async def test_names_outside_are_not_known(bench: "Bench") -> None:
    (answer,) = await bench.told(CONNECT % [("example.com", 80)])
    assert answer.startswith("gaierror")


async def test_another_node_is_not_reached(bench: "Bench", tmp_path: Path) -> None:
    proxy = bench.proxy
    other = Member(8, "South - Study Node")
    await bench.executor.join(other, proxy)
    try:
        contract = bench.script("import time; time.sleep(100)", node=8, job=60)
        run = asyncio.create_task(bench.executor.run(contract))
        neighbours = await _addresses(bench, "node-8", 2)
        targets = [(each, 8080) for each in neighbours]
        targets += [(name, 8080) for name in (await _names(bench, "node-8"))]
        assert "connected" not in await bench.told(CONNECT % targets)
        run.cancel()
        await asyncio.wait([run])
    finally:
        await bench.executor.leave(other)


async def until(is_so: Callable[[], T]) -> T:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while not (found := await asyncio.to_thread(is_so)):
            pass
    return found


async def _addresses(bench: "Bench", part: str, number: int) -> list[str]:
    """The addresses of a node's containers, once so many of them have one."""

    def look() -> list[str]:
        networks = [
            each
            for container in ours(bench, name=part)
            for each in container.attrs["NetworkSettings"]["Networks"].values()
        ]
        found = [each["IPAddress"] for each in networks if each["IPAddress"]]
        return found if len(found) >= number else []

    return await until(look)


async def _names(bench: "Bench", part: str) -> list[str]:
    return [each.name for each in await asyncio.to_thread(ours, bench) if part in each.name]


async def test_a_service_is_reached_by_its_name(bench: "Bench", elsewhere: Any) -> None:
    member = Member(9, "East - Study Node", {"warehouse": elsewhere.name})
    await bench.executor.join(member, bench.proxy)
    assert "connected" in await bench.told(CONNECT % ([("warehouse", 7000)] * 20), node=9)
    await bench.executor.leave(member)
    elsewhere.reload()
    assert elsewhere.status == "running"
    assert list(elsewhere.attrs["NetworkSettings"]["Networks"]) == ["bridge"]


async def test_a_service_that_is_not_there_is_named(bench: "Bench") -> None:
    member = Member(10, "West - Study Node", {"warehouse": "no-such-container"})
    await bench.executor.join(member, bench.proxy)
    outcome = await bench.executor.run(bench.script("", node=10))
    assert outcome.status == "failed"
    assert "the container 'no-such-container', which `docker_services` names" in outcome.log
    await bench.executor.leave(member)


# --- what it sees ---


async def test_only_the_folder_of_its_own_run_is_there(bench: "Bench") -> None:
    other = bench.contract("mean")
    contract = bench.script("import os, json; print(json.dumps(sorted(os.listdir('/mnt/data'))))")
    outcome = await bench.executor.run(contract)
    assert other.folder.is_dir()
    script = contract.algorithm_env["SCRIPT"].rpartition("/")[2]
    assert outcome.log == f'["data.csv", "{script}", "{contract.folder.name}"]\n'


async def test_databases_cannot_be_changed(bench: "Bench") -> None:
    outcome = await bench.executor.run(bench.script("open('/mnt/data/data.csv', 'a')"))
    assert outcome.status == "crashed"
    assert "Read-only file system" in outcome.log
    assert bench.data.read_text() == "age,name\n1,a\n3,b\n"


async def test_databases_whose_files_have_one_name_are_kept_apart(
    bench: "Bench", tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text("other")
    source = "import os, json; print(json.dumps(open(os.environ['MORE_DATABASE_URI']).read()))"
    assert await bench.told(source, databases={"more": tmp_path / "data.csv"}) == "other"


async def test_an_image_may_have_a_user_of_its_own(bench: "Bench") -> None:
    source = """
import os
os.setgid(4321); os.setuid(4321)
open(os.environ["INPUT_FILE"]).close()
open(os.environ["OUTPUT_FILE"], "w").write("mine")
open(os.environ["TEMPORARY_FOLDER"] + "/mine", "w").close()
"""
    outcome = await bench.executor.run(bench.script(source, job=61, content=b""))
    assert (outcome.status, outcome.output) == ("completed", b"mine")


async def test_a_container_is_labelled(bench: "Bench") -> None:
    alive = await bench.pipe(job=62)
    contract = bench.contract("linger", job=62)
    run = asyncio.create_task(bench.executor.run(contract))
    await alive.hear(b"up")
    name = f"node-7-run-{contract.run_id}"
    (container,) = ours(bench, name=name)
    assert container.labels | {"vantage6-type": "algorithm"} == container.labels
    assert container.labels["node"] == "North - Study Node"
    assert container.labels["result_id"] == str(contract.run_id)
    assert container.labels["v6sim.owner"] == this_process()
    run.cancel()
    await asyncio.wait([run])
    assert not ours(bench, name=name)


async def test_the_first_run_after_a_reset_has_the_name_of_the_first_before_it(
    bench: "Bench",
) -> None:
    first = bench.script("print('once')", job=64)
    logs = []
    for _ in range(4):
        again = dataclasses.replace(bench.script("", job=64), run_id=first.run_id)
        logs.append((await bench.executor.run(again)).log)
    assert logs == [""] * 4


async def test_a_container_that_somebody_else_removes_is_waited_for(bench: "Bench") -> None:
    made = engine().containers.create(python_image(), ["true"], labels={"v6sim.owner": "x"})
    removals = [threading.Thread(target=_remove, args=(bench, made.name)) for _ in range(4)]
    for each in removals:
        each.start()
    for each in removals:
        each.join()
        assert made.name not in {each.name for each in engine().containers.list(all=True)}


def _remove(bench: "Bench", name: str) -> None:
    assert isinstance(bench.executor, DockerExecutor)
    bench.executor.engine.remove_container(name)


async def test_the_log_is_there_while_the_algorithm_runs(bench: "Bench") -> None:
    contract = bench.script("import time; print('early'); time.sleep(100)", job=63)
    run = asyncio.create_task(bench.executor.run(contract))
    await until(
        lambda: "early" in contract.log_file.read_text() if contract.log_file.exists() else ""
    )
    run.cancel()
    await asyncio.wait([run])


# --- limits, failures ---


@pytest_asyncio.fixture(loop_scope="module")
async def limited(bench: "Bench") -> AsyncIterator["Bench"]:
    """The same bench with an executor that sets limits."""
    unlimited, reach = bench.executor, bench.reach
    limits = Docker(memory="64m", cpus=0.5, pids=20)
    bench.executor = DockerExecutor(bench.algorithms, limits)
    await bench.open(bench.proxy)
    yield bench
    await bench.executor.close()
    bench.executor, bench.reach = unlimited, reach


async def test_an_algorithm_that_takes_too_much_memory_is_a_crash_that_says_so(
    limited: "Bench",
) -> None:
    outcome = await limited.executor.run(limited.script("x = bytearray(200_000_000)"))
    assert outcome.status == "crashed"
    assert "it used more memory than it may (64m)" in outcome.log


async def test_processes_and_processor_time_are_limited(limited: "Bench") -> None:
    source = """
import subprocess
children = []
try:
    while len(children) < 50:
        children.append(subprocess.Popen(["sleep", "100"]))
except OSError as error:
    print(len(children) < 20, error.strerror)
"""
    outcome = await limited.executor.run(limited.script(source))
    assert outcome.log == "True Resource temporarily unavailable\n"


async def test_a_container_that_cannot_start_is_a_failed_start(
    bench: "Bench", tmp_path: Path
) -> None:
    image = build(tmp_path, "bad", f'FROM {python_image()}\nCMD ["/no/such/program"]\n')
    outcome = await bench.executor.run(bench.contract(image=image))
    assert outcome.status == "start failed"
    assert "the container does not start" in outcome.log
    assert "/no/such/program" in outcome.log


async def test_a_signal_is_named(bench: "Bench") -> None:
    outcome = await bench.executor.run(bench.script("raise SystemExit(139)"))
    assert outcome.status == "crashed"
    assert "node > the algorithm was ended by signal 11 (Segmentation fault)" in outcome.log


def build(folder: Path, name: str, dockerfile: str) -> str:
    """Build an image; returns its name."""
    (folder / "Dockerfile").write_text(dockerfile)
    engine().images.build(path=str(folder), tag=f"v6sim-test/{name}", rm=True)
    return f"v6sim-test/{name}"


async def test_a_door_that_was_removed_is_opened_again(bench: "Bench") -> None:
    await bench.told("print(1)")
    (door,) = ours(bench, name="node-7-door")
    door.remove(force=True)
    assert await bench.told(CONNECT % [("proxyserver", 8080)]) == ["connected"]


# --- what runs leave for later ones ---

LEAVE = "import json; open('/mnt/data/left', 'a').write('x'); print(json.dumps(1))"
LOOK = """
import json, os
print(json.dumps({name: os.path.isdir(f"/mnt/data/{name}") for name in os.listdir("/mnt/data")}))
"""


@pytest_asyncio.fixture(loop_scope="module")
async def persisting(bench: "Bench") -> AsyncIterator[Member]:
    """A node whose `/mnt/data` persists."""
    member = Member(70, "a node that persists", persist=True)
    await bench.executor.join(member, bench.proxy)
    yield member
    await bench.executor.leave(member)
    await bench.executor.reset()


async def told_at(bench: "Bench", node: int, source: str) -> Any:
    contract = dataclasses.replace(bench.script(source), node_id=node)
    outcome = await bench.executor.run(contract)
    assert outcome.status == "completed", outcome.log
    return json.loads(outcome.log), contract.folder.name


async def test_what_is_left_is_there_in_later_runs_of_the_node_alone(
    bench: "Bench", persisting: Member
) -> None:
    await told_at(bench, persisting.node_id, LEAVE)
    there, own = await told_at(bench, persisting.node_id, LOOK)
    assert there["left"] is False
    assert [name for name, is_folder in there.items() if is_folder] == [own]
    assert "left" not in await bench.told(LOOK)


async def test_it_is_there_when_the_node_has_left_and_come_back(
    bench: "Bench", persisting: Member
) -> None:
    await told_at(bench, persisting.node_id, LEAVE)
    await bench.executor.leave(persisting)
    await bench.executor.join(persisting, bench.proxy)
    there, _ = await told_at(bench, persisting.node_id, LOOK)
    assert "left" in there


async def test_a_reset_empties_it(bench: "Bench", persisting: Member) -> None:
    await told_at(bench, persisting.node_id, LEAVE)
    await bench.executor.reset()
    there, _ = await told_at(bench, persisting.node_id, LOOK)
    assert "left" not in there


async def test_without_persist_nothing_is_left(bench: "Bench") -> None:
    await bench.told(LEAVE)
    assert "left" not in await bench.told(LOOK)
