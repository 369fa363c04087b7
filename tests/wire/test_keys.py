"""Keys in the forms of vantage6 3.7.3."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from v6sim.wire.keys import PrivateKey, PublicKey, WrongKey

FACTS = json.loads(Path(__file__).with_name("encryption.json").read_text())
PEM = FACTS["private_key"].encode()
RAW = load_pem_private_key(PEM, None)
assert isinstance(RAW, rsa.RSAPrivateKey)
CURVE = ec.generate_private_key(ec.SECP256R1())


def pem_of(key, form=PrivateFormat.PKCS8, cipher=None) -> bytes:
    pem: bytes = key.private_bytes(Encoding.PEM, form, cipher or NoEncryption())
    return pem


def test_a_genuine_key_is_read_and_written_as_it_was() -> None:
    key = PrivateKey.read(PEM)
    assert key.pem == PEM
    assert str(key.public_key) == FACTS["public_key"]
    assert PublicKey.read(FACTS["public_key"]) == key.public_key


def test_the_newer_form_of_pem_is_read_too() -> None:
    assert PrivateKey.read(pem_of(RAW)).pem == PEM


def test_a_new_key_has_the_genuine_form() -> None:
    key = PrivateKey.new()
    assert key.pem.startswith(b"-----BEGIN RSA PRIVATE KEY-----\n")
    raw = load_pem_private_key(key.pem, None)
    assert isinstance(raw, rsa.RSAPrivateKey)
    assert (raw.key_size, raw.public_key().public_numbers().e) == (4096, 65537)
    text = base64.b64decode(str(key.public_key), validate=True).decode()
    assert text.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert text.endswith("-----END PUBLIC KEY-----\n")


def test_public_keys_are_compared_by_what_they_are() -> None:
    pem = base64.b64decode(FACTS["public_key"])
    other_lines = base64.b64encode(pem.replace(b"\n", b"\r\n")).decode()
    assert PublicKey.read(other_lines) == PublicKey.read(FACTS["public_key"])
    assert hash(PublicKey.read(other_lines)) == hash(PublicKey.read(FACTS["public_key"]))
    assert PublicKey.read(FACTS["public_key"]) != PrivateKey.new().public_key
    assert PublicKey.read(FACTS["public_key"]) != FACTS["public_key"]


WRONG = {
    "nothing": (b"", "it is no private key: expected a PEM text"),
    "a public key": (base64.b64decode(FACTS["public_key"]), "it is no private key"),
    "half a key": (PEM[:500], "it is no private key"),
    "a password": (pem_of(RAW, cipher=BestAvailableEncryption(b"x")), "has a password"),
    "another kind": (pem_of(CURVE), "is not an RSA key"),
}


@pytest.mark.parametrize(("pem", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_private_key_is_refused_and_its_file_named(pem, said, tmp_path) -> None:
    with pytest.raises(WrongKey, match=said):
        PrivateKey.read(pem)
    file = tmp_path / "key.pem"
    file.write_bytes(pem)
    with pytest.raises(WrongKey, match=f"{file} will not do: .*{said}"):
        PrivateKey.load(file)


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(WrongKey, match=r"gone\.pem cannot be read: No such file"):
        PrivateKey.load(tmp_path / "gone.pem")


def test_a_public_key_of_another_kind_is_refused() -> None:
    pem = CURVE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(WrongKey, match="is not an RSA key"):
        PublicKey.read(base64.b64encode(pem).decode())


def test_a_key_that_is_too_small_is_refused() -> None:
    small = rsa.generate_private_key(65537, 1024)
    with pytest.raises(WrongKey, match="cannot be used"):
        PublicKey(small.public_key()).encrypt(b"x" * 128)
