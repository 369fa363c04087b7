"""Payloads as they travel, against those of the genuine parts of vantage6 3.7.3."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.keys import KEYS
from v6sim.wire.cryptor import SEPARATOR, Cryptor, PlainCryptor, RSACryptor, seal
from v6sim.wire.keys import PrivateKey, WrongKey
from v6sim.wire.payload import UnreadablePayload

FACTS = json.loads(Path(__file__).with_name("encryption.json").read_text())
KEY = PrivateKey.read(FACTS["private_key"].encode())


@pytest.fixture
def cryptor() -> Cryptor:
    return RSACryptor(KEY)


def named(group: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", FACTS[group], ids=lambda case: case["name"])


def payload_of(case: dict[str, Any]) -> bytes:
    return base64.b64decode(case["payload_base64"])


class TestWithoutEncryption:
    """Whoever it is for, it is base64."""

    def test_no_key_is_needed(self) -> None:
        cryptor: Cryptor = PlainCryptor()
        assert not cryptor.encrypted
        assert cryptor.encrypt(b"hello", "") == "aGVsbG8="

    @named("plain")
    def test_texts_are_the_genuine_ones(self, case) -> None:
        assert PlainCryptor().encrypt(payload_of(case)) == case["text"]
        assert PlainCryptor().decrypt(case["text"]) == payload_of(case)

    def test_nothing_stays_nothing(self) -> None:
        assert PlainCryptor().encrypt(b"") == ""
        assert PlainCryptor().decrypt("") == b""

    def test_what_is_no_base64_cannot_be_opened(self) -> None:
        with pytest.raises(UnreadablePayload, match="not base64"):
            PlainCryptor().decrypt("abc")

    def test_characters_outside_the_alphabet_are_skipped(self) -> None:
        assert PlainCryptor().decrypt("!!!") == b""

    def test_a_text_that_is_encrypted_gives_its_first_part(self) -> None:
        assert len(PlainCryptor().decrypt(FACTS["encrypted"][0]["text"])) == 512


@named("encrypted")
def test_what_genuine_parts_have_encrypted_is_opened(case, cryptor) -> None:
    assert cryptor.decrypt(case["text"]) == payload_of(case)


def test_with_a_known_key_the_text_is_the_genuine_one(cryptor, monkeypatch) -> None:
    case = FACTS["of_a_known_key"]
    drawn = [base64.b64decode(case[name]) for name in ("aes_key_base64", "iv_base64")]
    monkeypatch.setattr("secrets.token_bytes", lambda _size: drawn.pop(0))
    ours = cryptor.encrypt(payload_of(case), FACTS["public_key"]).split(SEPARATOR)
    theirs = case["text"].split(SEPARATOR)
    assert ours[1:] == theirs[1:]
    aes_key, theirs_aes_key = (KEY.decrypt(base64.b64decode(each[0])) for each in (ours, theirs))
    assert aes_key == theirs_aes_key == base64.b64decode(case["aes_key_base64"])


@named("encrypted")
def test_what_is_encrypted_has_the_genuine_form(case, cryptor) -> None:
    payload = payload_of(case)
    text = cryptor.encrypt(payload, FACTS["public_key"])
    sizes = [len(base64.b64decode(part, validate=True)) for part in text.split("$")]
    assert sizes == [512, 16, len(payload)]
    assert [len(part) for part in text.split("$")[:2]] == [684, 24]
    assert cryptor.decrypt(text) == payload


def test_the_same_payload_never_looks_the_same(cryptor) -> None:
    first, second = (cryptor.encrypt(b"hello", FACTS["public_key"]).split("$") for _ in range(2))
    assert not set(first) & set(second)


@named("malformed")
def test_what_is_not_encrypted_is_said_to_be_so(case, cryptor) -> None:
    with pytest.raises(UnreadablePayload, match="it is not encrypted: expected three parts"):
        cryptor.decrypt(case["text"])


KEY_PART, IV_PART, CONTENT_PART = FACTS["encrypted"][0]["text"].split("$")
TAMPERED = {
    "another key's": ("A" * 683 + "=", IV_PART, "another private key"),
    "a short key": (KEY_PART[:-4], IV_PART, "another private key"),
    "no key": ("", IV_PART, "another private key"),
    "a short IV": (KEY_PART, "AAAA", "its second part has 3 bytes: expected 16"),
    "bad base64": (KEY_PART, "AAA", "a part of it is not base64"),
    "no ASCII": (KEY_PART, "\u00e4", "a part of it is not base64"),
}


@pytest.mark.parametrize(("key", "iv", "said"), TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_tampered_with_cannot_be_opened(key, iv, said, cryptor) -> None:
    with pytest.raises(UnreadablePayload, match=said):
        cryptor.decrypt(SEPARATOR.join((key, iv, CONTENT_PART)))


def test_what_is_for_another_cannot_be_opened(cryptor) -> None:
    stranger = RSACryptor(PrivateKey.load(KEYS["example_org1"]))
    assert stranger.decrypt(stranger.encrypt(b"hello", str(stranger._key.public_key))) == b"hello"
    for case in FACTS["encrypted"]:
        with pytest.raises(UnreadablePayload, match="it is encrypted for another private key"):
            stranger.decrypt(case["text"])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "there is no public key"),
        (None, "there is no public key"),
        ("AAAA", "'AAAA'... is no public key"),
        (base64.b64decode(FACTS["public_key"]).decode(), "is no public key: expected the base64"),
    ],
    ids=["empty", "null", "base64 of something else", "PEM"],
)
def test_without_a_public_key_nothing_is_encrypted(key, said) -> None:
    with pytest.raises(WrongKey, match=said):
        seal(b"hello", key)
