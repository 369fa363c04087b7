"""Nodes of a collaboration that encrypts."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.keys import KEYS
from tests.node.conftest import AVERAGE, Person
from tests.relay import readable, relaying
from v6sim.node.departures import Departure
from v6sim.node.errors import EncryptionMismatch, KeyMismatch, NoPrivateKey
from v6sim.node.node import Node
from v6sim.server.app import Server
from v6sim.server.serving import Serving
from v6sim.wire import payload
from v6sim.wire.cryptor import RSACryptor, seal
from v6sim.wire.keys import PrivateKey

MakeNode = Callable[..., Node]
FILES = list(KEYS.values())
PUBLIC = [str(PrivateKey.load(file).public_key) for file in FILES]
OWN = RSACryptor(PrivateKey.load(FILES[0]))
"""What the researcher's organization opens its results with."""


@pytest.fixture
async def root(person: Callable[[str], Awaitable[Person]]) -> Person:
    return await person("root")


@pytest.fixture
async def encrypted(root: Person) -> None:
    """The collaboration encrypts; no organization has a public key yet."""
    await root.ask("PATCH", "/collaboration/1", {"encrypted": True})


@pytest.fixture
def make(encrypted: None, make_node: MakeNode) -> MakeNode:
    """Make nodes with their keys, by number."""

    def make(number: int = 1, **changes: Any) -> Node:
        given = {"encrypted": True, "private_key": FILES[number - 1], **changes}
        return make_node(number, **given)

    return make


@pytest.fixture
async def all_nodes(make: MakeNode) -> list[Node]:
    nodes = [make(number) for number in (1, 2, 3)]
    await asyncio.gather(*(node.start() for node in nodes))
    return nodes


async def send(
    person: Person, given: dict[str, Any], *numbers: int, image: str = AVERAGE, **changes: Any
) -> int:
    """Create a task with an input that is encrypted for each organization; returns its id."""
    content = payload.serialize(given)
    return await send_texts(
        person,
        {number: str(seal(content, PUBLIC[number - 1])) for number in numbers},
        image,
        **changes,
    )


async def send_texts(
    person: Person, texts: dict[int, str], image: str = AVERAGE, **changes: Any
) -> int:
    body = {
        "name": "a task",
        "image": image,
        "collaboration_id": 1,
        "organizations": [{"id": each + 1, "input": text} for each, text in texts.items()],
        "database": "default",
        **changes,
    }
    task: int = (await person.ask("POST", "/task", body))["id"]
    return task


async def answers(person: Person, task: int) -> list[Any]:
    runs = await person.runs(task)
    assert {run["status"] for run in runs} == {"completed"}, [run["log"] for run in runs]
    return [payload.read(OWN.decrypt(run["result"])) for run in runs]


MASTER = {"method": "master", "master": True, "kwargs": {"column_name": "age"}}
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}


# --- starting ---


async def test_an_organization_without_a_public_key_gets_that_of_its_node(
    make: MakeNode, root: Person
) -> None:
    node = make()
    await node.start()
    assert node.online
    assert (await root.ask("GET", "/organization/2"))["public_key"] == PUBLIC[0]
    await node.stop()
    await node.start()
    assert node.online


async def test_a_public_key_with_other_line_ends_is_the_same_key(
    make: MakeNode, root: Person
) -> None:
    other = base64.b64encode(base64.b64decode(PUBLIC[0]).replace(b"\n", b"\r\n")).decode()
    await root.ask("PATCH", "/organization/2", {"public_key": other})
    await make().start()
    assert (await root.ask("GET", "/organization/2"))["public_key"] == other


async def test_a_key_that_is_not_its_organizations_is_refused_and_nothing_is_replaced(
    make: MakeNode, root: Person
) -> None:
    await root.ask("PATCH", "/organization/2", {"public_key": PUBLIC[1]})
    node = make()
    with pytest.raises(
        KeyMismatch,
        match=rf"the private key {FILES[0]} does not fit 'example_org1': the server has another",
    ):
        await node.start()
    assert not node.online
    assert (await root.ask("GET", "/organization/2"))["public_key"] == PUBLIC[1]


async def test_a_public_key_that_is_none_is_refused(make: MakeNode, root: Person) -> None:
    await root.ask("PATCH", "/organization/2", {"public_key": "AAAA"})
    with pytest.raises(KeyMismatch, match=r"'AAAA'.* is no public key"):
        await make().start()


async def test_a_node_without_a_key_is_refused(make: MakeNode, tmp_path: Path) -> None:
    gone, garbage = tmp_path / "gone.pem", tmp_path / "garbage.pem"
    garbage.write_text("hello")
    for file, said in [
        (None, "this node has none"),
        (gone, "gone.pem cannot be read: No such file"),
        (garbage, "garbage.pem will not do: it is no private key"),
    ]:
        with pytest.raises(NoPrivateKey, match=f"takes the private key of 'example_org1'.*{said}"):
            await make(private_key=file).start()


async def test_a_node_that_does_not_encrypt_is_refused(make: MakeNode) -> None:
    with pytest.raises(EncryptionMismatch, match="set its `encrypted` to true"):
        await make(encrypted=False).start()


async def test_a_node_that_encrypts_where_nobody_else_does_is_refused(make_node: MakeNode) -> None:
    with pytest.raises(EncryptionMismatch, match="set its `encrypted` to false"):
        await make_node(encrypted=True, private_key=FILES[0]).start()


# --- running ---


@pytest.mark.usefixtures("all_nodes")
async def test_the_average_is_what_it_is_without_encryption(researcher: Person) -> None:
    master = await send(researcher, MASTER, 1)
    partials = await send(researcher, PARTIAL, 1, 2)
    assert await answers(researcher, master) == [{"average": 53.25}]
    assert await answers(researcher, partials) == [
        {"sum": 253, "count": 4},
        {"sum": 173, "count": 4},
    ]


@pytest.mark.usefixtures("all_nodes")
async def test_results_of_subtasks_are_for_the_organization_of_their_master(
    researcher: Person, root: Person
) -> None:
    task = await send(researcher, MASTER, 1, 2)
    assert await answers(researcher, task) == [{"average": 53.25}] * 2
    subtasks = [row for row in await root.ask("GET", "/task") if row["parent"]]
    assert sorted(row["initiator"] for row in subtasks) == [2, 3]
    for subtask in subtasks:
        master = RSACryptor(PrivateKey.load(FILES[subtask["initiator"] - 2]))
        for row in await root.ask("GET", f"/task/{subtask['id']}/result"):
            receiver = RSACryptor(PrivateKey.load(FILES[row["organization"] - 2]))
            assert payload.read(receiver.decrypt(row["input"])) == PARTIAL
            assert set(payload.read(master.decrypt(row["result"]))) == {"sum", "count"}


@pytest.mark.usefixtures("all_nodes")
async def test_what_leaves_is_told_in_plain(
    researcher: Person, departures: list[Departure]
) -> None:
    await answers(researcher, await send(researcher, MASTER, 1))
    inputs = [each for each in departures if each.kind == "subtask input"]
    assert [each.receivers for each in inputs] == [(2,), (3,), (4,)]
    assert payload.read(inputs[0].content) == PARTIAL
    results = [payload.read(each.content) for each in departures if each.kind == "result"]
    assert results[-1] == {"average": 53.25}


@pytest.mark.usefixtures("all_nodes")
async def test_a_crash_is_reported_without_a_result(researcher: Person) -> None:
    (run,) = await researcher.runs(await send(researcher, {"method": "fail"}, 1, image="probe"))
    assert run["status"] == "crashed"
    assert run["result"].endswith("$")
    assert OWN.decrypt(run["result"]) == b""


# --- what cannot work ---


def _flipped(text: str) -> str:
    """The same text with another first byte."""
    content = bytearray(base64.b64decode(text))
    content[0] ^= 0xFF
    return base64.b64encode(content).decode()


KEY, IV, CONTENT = str(seal(payload.serialize(PARTIAL), PUBLIC[0])).split("$")
UNKNOWN = "node > the input, once decrypted, is in no known format"
SPOILT = {
    "not encrypted": (
        payload.to_text(payload.serialize(PARTIAL)),
        "node > the input cannot be opened: it is not encrypted",
    ),
    "nothing": ("", "node > the input cannot be opened: it is not encrypted"),
    "cut": (f"{KEY}${IV}", "expected three parts with $ between them, not 2"),
    "no base64": (f"{KEY}${IV}$AAA", "a part of it is not base64"),
    "a short key": (f"AAAA${IV}${CONTENT}", "it is encrypted for another private key"),
    "another key": (f"{_flipped(KEY)}${IV}${CONTENT}", "for another"),
    "another IV": (f"{KEY}${_flipped(IV)}${CONTENT}", UNKNOWN),
    "a changed end": (f"{KEY}${IV}${CONTENT[:-24]}", UNKNOWN),
    "a changed start": (f"{KEY}${IV}${_flipped(CONTENT)}", "Could not deserialize input"),
}


@pytest.mark.parametrize(("text", "said"), SPOILT.values(), ids=SPOILT.keys())
async def test_an_input_that_was_tampered_with_crashes_its_run_and_not_the_node(
    make: MakeNode, researcher: Person, text: str, said: str
) -> None:
    node = make()
    await node.start()
    (run,) = await researcher.runs(await send_texts(researcher, {1: text}))
    assert run["status"] == "crashed"
    assert said in run["log"]
    assert OWN.decrypt(run["result"]) == b""
    good = await send(researcher, PARTIAL, 1)
    assert await answers(researcher, good) == [{"sum": 253, "count": 4}]


@pytest.mark.parametrize("key", ["", "AAAA"], ids=["none", "garbage"])
async def test_a_result_for_an_organization_without_a_key_is_a_failure_that_says_so(
    make: MakeNode, researcher: Person, root: Person, key: str
) -> None:
    await make().start()
    await root.ask("PATCH", "/organization/2", {"public_key": key})
    (run,) = await researcher.runs(await send(researcher, PARTIAL, 1))
    assert (run["status"], run["result"]) == ("failed", "")
    assert "node > the result cannot be encrypted for organization 2: " in run["log"]


async def test_a_subtask_for_an_organization_without_a_key_is_not_sent(
    make: MakeNode, researcher: Person, root: Person
) -> None:
    await make(1).start()
    await make(2).start()  # and the third, which would give its key to the server, is away
    (run,) = await researcher.runs(await send(researcher, MASTER, 1))
    assert run["status"] == "crashed"
    assert (
        "node > POST /task: its input cannot be encrypted for organization 4: there is no public "
        "key" in run["log"]
    )
    assert len(await root.ask("GET", "/task")) == 1


# --- what others can read ---

COLUMN = "systolic_blood_pressure"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "server.sqlite"


@pytest.fixture
def server(make_server: Callable[..., Server], file: Path) -> Server:
    return make_server(hold_seconds=5, database_url=f"sqlite:///{file}")


async def play(
    make: MakeNode, researcher: Person, serving: Serving, file: Path, text: str
) -> dict[str, bytes]:
    """Have a master run over a wire that is tapped; what the server keeps, and what passed."""
    table = file.with_name("a.csv")
    table.write_text(f"{COLUMN}\n7100\n7200\n")
    async with relaying(serving.api_url) as relay:
        nodes = [
            make(number, server=relay.api_url, databases={"default": str(table)})
            for number in (1, 2, 3)
        ]
        for node in nodes:
            await node.start()
        (run,) = await researcher.runs(await send_texts(researcher, {1: text}))
        assert run["status"] == "completed", run["log"]
        for node in nodes:
            await node.stop()
    kept = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    return {"database": kept, "wire": relay.traffic}


SECRETS = [COLUMN.encode(), b"average_partial", b"column_name", b'"average": 7150']
GIVEN = payload.serialize(
    {
        "method": "master",
        "master": True,
        "kwargs": {"column_name": COLUMN},
        "output_format": "json",
    },
    "json",
)


async def test_neither_the_database_nor_the_wire_holds_a_readable_payload(
    make: MakeNode, researcher: Person, serving: Serving, file: Path
) -> None:
    seen = await play(make, researcher, serving, file, str(seal(GIVEN, PUBLIC[0])))
    for place, content in seen.items():
        assert b"a task" in content, "what is no payload can be read"
        found = [secret for secret in SECRETS if readable(secret, content)]
        assert not found, f"{place}: {found}"


async def test_without_encryption_the_same_look_finds_all_of_it(
    make_node: MakeNode, researcher: Person, serving: Serving, file: Path
) -> None:
    seen = await play(make_node, researcher, serving, file, payload.to_text(GIVEN))
    for place, content in seen.items():
        hidden = [secret for secret in SECRETS if not readable(secret, content)]
        assert not hidden, f"{place}: {hidden}"
