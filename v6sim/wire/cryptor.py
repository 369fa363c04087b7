"""How payloads are sealed on their way through the server (reference: encryption)."""

import base64
import binascii
import secrets
from typing import Protocol

from v6sim.wire.keys import PrivateKey, PublicKey
from v6sim.wire.payload import UnreadablePayload, to_bytes, to_text

SEPARATOR = "$"
"""Stands between the parts of an encrypted text, and in no other."""

_PARTS = 3
_KEY_BYTES = 32
_IV_BYTES = 16


class Cryptor(Protocol):
    """Seals payloads for an organization, and opens those sealed for one's own."""

    encrypted: bool
    """Whether sealing needs the receiving organization's public key."""

    def encrypt(self, payload: bytes, public_key: str) -> str:
        """The payload as a text that only the owner of `public_key` (as on the wire) can open.

        Raises:
            WrongKey: that is no public key.
        """
        ...

    def decrypt(self, text: str) -> bytes:
        """The payload in such a text.

        Raises:
            UnreadablePayload: the text cannot be opened.
        """
        ...


class PlainCryptor:
    """For collaborations without encryption: base64, whoever it is for."""

    encrypted = False

    def encrypt(self, payload: bytes, public_key: str = "") -> str:  # noqa: ARG002
        """The payload as base64."""
        return to_text(payload)

    def decrypt(self, text: str) -> bytes:
        """The payload in base64.

        Raises:
            UnreadablePayload: the text is not base64.
        """
        return to_bytes(text)


class RSACryptor:
    """For collaborations with encryption.

    A payload is encrypted with AES-256 in CTR mode under a key of its own, and that with the
    receiver's RSA key. Nothing tells whether a text was changed on its way: then the payload is
    garbage.

    Args:
        key: the own organization's.
    """

    encrypted = True

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    def encrypt(self, payload: bytes, public_key: str) -> str:
        """The payload as only the owner of `public_key` can open it.

        Raises:
            WrongKey: that is no public key.
        """
        return seal(payload, public_key)

    def decrypt(self, text: str) -> bytes:
        """The payload in a text that was encrypted with the own organization's public key.

        Raises:
            UnreadablePayload: it was not, or is not encrypted at all.
        """
        parts = text.split(SEPARATOR)
        if len(parts) != _PARTS:
            raise UnreadablePayload(
                f"it is not encrypted: expected three parts with {SEPARATOR} between them, "
                f"not {len(parts)}"
            )
        try:
            encrypted_key, iv, content = map(base64.b64decode, parts)
        except (binascii.Error, ValueError) as error:
            raise UnreadablePayload(f"a part of it is not base64: {error}") from None
        return _aes(self._open_key(encrypted_key), iv, content)

    def _open_key(self, encrypted_key: bytes) -> bytes:
        try:
            key = self._key.decrypt(encrypted_key)
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise UnreadablePayload("it is encrypted for another private key than this one")
        return key


def seal(payload: bytes, public_key: str | None) -> str:
    """The payload, encrypted: all it takes is the receiver's public key, as on the wire.

    Raises:
        WrongKey: that is no public key.
    """
    receiver = PublicKey.read(public_key)
    key, iv = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_IV_BYTES)
    parts = receiver.encrypt(key), iv, _aes(key, iv, payload)
    return SEPARATOR.join(base64.b64encode(part).decode("ascii") for part in parts)


def _aes(key: bytes, iv: bytes, content: bytes) -> bytes:
    """AES in CTR mode, which is the same in both directions."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CTR

    if len(iv) != _IV_BYTES:
        raise UnreadablePayload(f"its second part has {len(iv)} bytes: expected {_IV_BYTES}")
    context = Cipher(AES(key), CTR(iv)).encryptor()
    return context.update(content) + context.finalize()
