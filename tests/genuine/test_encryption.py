"""Encrypted payloads between ours and the genuine libraries, in both directions."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import running
from tests.genuine.federation import manual
from tests.keys import KEYS
from v6sim.client import Client
from v6sim.wire.cryptor import RSACryptor, seal
from v6sim.wire.keys import PrivateKey
from v6sim.wire.payload import serialize
from v6sim.world import World

PAYLOADS = [
    b"",
    b"x",
    b"json." + json.dumps({"a": [1, 2.5, "\u00e4"]}).encode(),
    bytes(range(256)) * 999,
]
FILE = KEYS["example_org1"]
KEY = PrivateKey.load(FILE)
IMAGE = "harbor2.vantage6.ai/demo/average"
PARTS = [{"sum": 253, "count": 4}, {"sum": 173, "count": 4}]
ALL = [*PARTS, {"sum": 213, "count": 4}]


def text_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_what_one_seals_the_other_opens(play, tmp_path) -> None:
    given = {
        "private_key": str(FILE),
        "public_key": str(KEY.public_key),
        "texts": [seal(payload, str(KEY.public_key)) for payload in PAYLOADS],
        "payloads": list(map(text_of, PAYLOADS)),
    }
    (tmp_path / "given.json").write_text(json.dumps(given))
    seen = play("cryptor.py", "", str(tmp_path / "given.json"))
    assert seen["opened"] == given["payloads"]
    ours = RSACryptor(KEY)
    assert [ours.decrypt(text) for text in seen["sealed"]] == PAYLOADS
    assert seen["public_key"] == str(KEY.public_key)
    assert seen["verified"]


def test_keys_of_the_genuine_library_are_ours_too(play, tmp_path) -> None:
    given = {
        "private_key": str(FILE),
        "public_key": str(KEY.public_key),
        "texts": [],
        "payloads": [],
    }
    (tmp_path / "given.json").write_text(json.dumps(given))
    seen = play("cryptor.py", "", str(tmp_path / "given.json"))
    made = PrivateKey.load(Path(seen["made"]))
    assert made.pem == Path(seen["made"]).read_bytes()
    assert str(made.public_key) == seen["made public"]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The manual's world, encrypted; the first organization has a key, the others get theirs."""
    world = manual()
    world["organizations"][0]["private_key"] = str(FILE)
    world["collaborations"][0]["encrypted"] = True
    (tmp_path / "world.json").write_text(json.dumps(world))
    assert World.load(tmp_path / "world.json").collaborations[0].encrypted
    place = ("--world", tmp_path / "world.json", "--keep", tmp_path / "keep")
    with running("up", "--port", "0", *place) as (_, address):
        yield address


def test_the_genuine_client_runs_the_averages_encrypted(play, address) -> None:
    seen = play("encrypted.py", address, "researcher", "Researcher-1", str(FILE), "2")
    assert seen["public key"] == str(KEY.public_key)
    assert seen["master"] == [{"average": 53.25}]
    assert seen["rpc"] == ALL
    assert seen["json"] == PARTS
    with Client(address, "researcher", "Researcher-1", FILE) as client:
        ticket = client.submit(
            1, [2, 3], IMAGE,
            serialize({"method": "average_partial", "kwargs": {"column_name": "age"}}),
        )  # fmt: skip
        assert [run.result for run in client.wait(ticket).runs] == PARTS


def test_so_it_does_with_a_key_that_was_made_for_it(play, address, tmp_path) -> None:
    file = tmp_path / "keep" / "keys" / "example_org2.pem"
    seen = play("encrypted.py", address, "researcher2", "Researcher-2", str(file), "3")
    assert seen["public key"] == str(PrivateKey.load(file).public_key)
    assert seen["master"] == [{"average": 53.25}]
    assert seen["rpc"] == ALL
