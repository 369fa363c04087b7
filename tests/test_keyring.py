"""The keys that a sandbox makes for its world, and those that a world names."""

from pathlib import Path
from typing import Any

import pytest

from tests.keys import KEYS
from v6sim import Sandbox, World, WorldError
from v6sim.client import ApiError, Client
from v6sim.keyring import lacking_keys, make_keys, named_keys, with_public_keys, write_private_key
from v6sim.node.errors import KeyMismatch, NoPrivateKey
from v6sim.views import Ticket
from v6sim.wire.keys import PrivateKey
from v6sim.wire.payload import UnreadablePayload, serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
PARTIAL = {"method": "average_partial", "kwargs": {"column_name": "age"}}
MASTER = {"method": "master", "master": True, "kwargs": {"column_name": "age"}}
FILE = KEYS["example_org1"]
PUBLIC = str(PrivateKey.load(FILE).public_key)
OTHER = str(PrivateKey.load(KEYS["example_org2"]).public_key)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, rows in {"a": "1\n2\n", "b": "3\n"}.items():
        (tmp_path / f"{name}.csv").write_text(f"age\n{rows}")
    return tmp_path


@pytest.fixture
def world(folder: Path):
    """Make a world of two organizations that encrypt, each with a node and a user."""

    def make(a: dict[str, Any] | None = None, b: dict[str, Any] | None = None, **more: Any):
        organizations = [
            {
                "name": name,
                "users": [{"username": f"u{name}", "password": "p", "roles": ["Researcher"]}],
                **(fields or {}),
            }
            for name, fields in {"a": a, "b": b}.items()
        ]
        participants = [
            {"name": name, "databases": {"default": f"{name}.csv"}} for name in ("a", "b")
        ]
        collaboration = {"name": "c", "participants": participants, **more}
        data = {"organizations": organizations, "collaborations": [collaboration]}
        return World.of(data, base=folder)

    return make


def run(client: Client, given: dict[str, Any], *where: int):
    return client.wait(client.submit(1, where, IMAGE, serialize(given)))


def test_a_world_encrypts_by_default_and_keys_are_made_for_it(world, folder) -> None:
    with Sandbox(world(), executor="inline") as box:
        assert not box.failed
        assert [node.online for node in box.nodes] == [True, True]
        files = dict(box.private_keys)
        assert list(files) == ["a", "b"]
        assert {file.stat().st_mode & 0o777 for file in files.values()} == {0o600}
        assert {file.parent.stat().st_mode & 0o777 for file in files.values()} == {0o700}
        with box.own_client("ua") as client, box.own_client("ub") as other:
            assert run(client, MASTER, 2).runs[0].result == {"average": 2}
            assert [run.result for run in run(other, PARTIAL, 2, 3).runs] == [
                {"sum": 3, "count": 2},
                {"sum": 3, "count": 1},
            ]
        box.reset()
        with box.own_client("ub") as client:
            assert run(client, MASTER, 3).runs[0].result == {"average": 2}
    assert not any(file.exists() for file in files.values())


def test_what_is_kept_keeps_its_keys(world, folder) -> None:
    keep = folder / "keep"
    for _ in range(2):
        with Sandbox(world(), executor="inline", keep=keep) as box:
            files = dict(box.private_keys)
            assert not box.failed
            with box.own_client("ua") as client:
                run(client, PARTIAL, 2)
                first = client.look(Ticket(1, 1))
                assert first.runs[0].result == {"sum": 3, "count": 2}
    assert files["a"] == keep / "keys" / "a.pem"
    assert files["a"].exists()


def test_named_keys_are_used_and_their_public_keys_are_at_the_server(world) -> None:
    with Sandbox(world(a={"private_key": str(FILE)}), executor="inline") as box:
        assert box.private_keys["a"] == FILE
        assert box.world.organization("a").public_key == PUBLIC
        with box.own_client("ua") as client:
            assert run(client, PARTIAL, 2, 3).is_good
    assert FILE.exists()


def test_without_encryption_no_key_is_made(world, folder) -> None:
    with Sandbox(world(encrypted=False), executor="inline") as box:
        assert not box.private_keys
        assert box.world.organization("a").public_key is None


def test_a_server_alone_makes_no_keys_but_knows_those_that_are_named(world) -> None:
    with Sandbox(world(a={"private_key": str(FILE)}), with_nodes=False) as box:
        assert dict(box.private_keys) == {"a": FILE}
        assert box.world.organization("a").public_key == PUBLIC
        assert box.world.organization("b").public_key is None


def test_a_node_whose_private_key_nobody_has_does_not_start_and_says_why(world) -> None:
    with Sandbox(world(a={"public_key": PUBLIC}), executor="inline") as box:
        assert [node.organization["name"] for node in box.nodes] == ["b"]
        error = box.failed["a - c Node"]
        assert isinstance(error, NoPrivateKey)
        assert "takes the private key of 'a', but this node has none" in str(error)


def test_a_node_whose_kept_organization_has_got_another_key_does_not_start(world, folder) -> None:
    with Sandbox(world(), executor="inline", keep=folder / "keep") as box:
        moved = box.private_keys["a"]
    moved.unlink()
    with Sandbox(world(), executor="inline", keep=folder / "keep") as box:
        error = box.failed["a - c Node"]
        assert isinstance(error, KeyMismatch)
        assert f"the private key {moved} does not fit 'a'" in str(error)


WRONG = {
    "another key": (
        {"private_key": str(FILE), "public_key": OTHER},
        f"organizations[0].private_key: {FILE} does not fit the public_key of 'a'; leave that out",
    ),
    "no private key": (
        {"private_key": "a.csv"},
        "a.csv will not do: it is no private key: expected a PEM text",
    ),
    "no public key": (
        {"private_key": str(FILE), "public_key": "AAAA"},
        "organizations[0].private_key: 'AAAA'... is no public key",
    ),
}


@pytest.mark.parametrize(("fields", "said"), WRONG.values(), ids=WRONG.keys())
def test_keys_that_do_not_fit_each_other_are_a_mistake_of_the_world(world, fields, said) -> None:
    with pytest.raises(WorldError) as caught, Sandbox(world(a=fields)):
        pass
    assert said in str(caught.value)


def test_an_empty_public_key_counts_as_none(world) -> None:
    given = world(a={"public_key": "", "private_key": str(FILE)}, b={"public_key": ""})
    assert lacking_keys(given) == ["b"]
    completed = with_public_keys(given, named_keys(given))
    assert [each.public_key for each in completed.organizations] == [PUBLIC, ""]


def test_names_that_are_no_file_names_are_written_otherwise(tmp_path) -> None:
    files = make_keys(["a/b", "..", "Bü 1"], tmp_path / "keys")
    assert sorted(file.name for file in files.values()) == [
        "...pem", "B%C3%BC%201.pem", "a%2Fb.pem",
    ]  # fmt: skip
    written = {file: file.read_bytes() for file in files.values()}
    assert len(set(written.values())) == 3
    assert make_keys(files, tmp_path / "keys") == files
    assert {file: file.read_bytes() for file in files.values()} == written


def test_a_private_key_is_never_overwritten(tmp_path) -> None:
    file = tmp_path / "key.pem"
    key = write_private_key(file)
    assert PrivateKey.load(file).public_key == key.public_key
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_private_key(file)
    assert PrivateKey.load(file).public_key == key.public_key


# --- the client ---


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """The manual's world, encrypted, with the keys of the tests."""
    manual = World.load("manual")
    world = manual.model_copy(
        update={
            "organizations": [
                each.model_copy(update={"private_key": str(KEYS[each.name])})
                for each in manual.organizations
            ],
            "collaborations": [
                each.model_copy(update={"encrypted": True}) for each in manual.collaborations
            ],
        }
    )
    with Sandbox(world, executor="inline") as box:
        yield box


def test_a_client_without_a_key_may_send_but_not_read(box) -> None:
    with Client(box.api_url, "researcher", "Researcher-1") as client:
        task = run(client, PARTIAL, 2)
        assert task.is_good
        with pytest.raises(UnreadablePayload, match="there is no private key to open it"):
            _ = task.runs[0].result


def test_a_client_cannot_read_what_is_for_another_organization(box) -> None:
    with box.own_client("researcher2") as client:
        ticket = client.submit(1, [3], IMAGE, serialize(PARTIAL))
        assert client.wait(ticket).runs[0].result == {"sum": 173, "count": 4}
    with box.own_client("researcher3") as client, pytest.raises(UnreadablePayload, match="another"):
        _ = client.look(ticket).runs[0].result


def test_nothing_is_sent_to_an_organization_without_a_public_key(box) -> None:
    with box.own_client("root") as root:
        root._request("PATCH", "/organization/4", json={"public_key": ""})
    with (
        box.own_client("researcher") as client,
        pytest.raises(ApiError, match="for 'example_org3': there is no public key"),
    ):
        run(client, PARTIAL, 2, 4)
    box.reset()
    with box.own_client("researcher") as client:
        assert run(client, PARTIAL, 2, 4).is_good
