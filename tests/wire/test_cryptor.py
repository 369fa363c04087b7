"""Payloads of collaborations that do not encrypt."""

import pytest

from v6sim.wire.cryptor import Cryptor, PlainCryptor


def test_what_is_not_encrypted_is_base64_and_needs_no_key() -> None:
    cryptor: Cryptor = PlainCryptor()
    assert not cryptor.encrypted
    assert cryptor.encrypt(b"hello", "") == "aGVsbG8="
    assert cryptor.decrypt("aGVsbG8=") == b"hello"


def test_nothing_stays_nothing() -> None:
    assert PlainCryptor().encrypt(b"") == ""
    assert PlainCryptor().decrypt("") == b""


def test_what_is_no_base64_cannot_be_opened() -> None:
    with pytest.raises(ValueError, match="not base64"):
        PlainCryptor().decrypt("abc")
