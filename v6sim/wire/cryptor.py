"""How payloads are sealed on their way through the server (reference: encryption)."""

import base64
import binascii
import secrets
from itertools import chain
from typing import Protocol

from v6sim.wire.keys import PrivateKey, PublicKey
from v6sim.wire.long_payload import SEPARATOR, Change, EncodedPayload, decode_base64
from v6sim.wire.long_text import LONG, AnyText, iterate_pieces
from v6sim.wire.payload import UnreadablePayload, encode, to_bytes, to_text

__all__ = ["SEPARATOR", "Cryptor", "PlainCryptor", "RSACryptor", "seal"]

_PARTS = 3
_KEY_BYTES = 32
_IV_BYTES = 16
_LONGEST_HEAD = 2**16  # characters in which the first two parts have to be


class Cryptor(Protocol):
    """Seals payloads for an organization, and opens those sealed for one's own."""

    encrypted: bool
    """Whether sealing needs the receiving organization's public key."""

    def encrypt(self, payload: bytes, public_key: str) -> AnyText:
        """The payload as a text that only the owner of `public_key` (as on the wire) can open.

        Raises:
            WrongKey: that is no public key.
        """
        ...

    def decrypt(self, text: AnyText) -> bytes:
        """The payload in such a text.

        Raises:
            UnreadablePayload: the text cannot be opened.
        """
        ...


class PlainCryptor:
    """For collaborations without encryption: base64, whoever it is for."""

    encrypted = False

    def encrypt(self, payload: bytes, public_key: str = "") -> AnyText:  # noqa: ARG002
        """The payload as base64."""
        return encode(payload)

    def decrypt(self, text: AnyText) -> bytes:
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

    def encrypt(self, payload: bytes, public_key: str) -> AnyText:
        """The payload as only the owner of `public_key` can open it.

        Raises:
            WrongKey: that is no public key.
        """
        return seal(payload, public_key)

    def decrypt(self, text: AnyText) -> bytes:
        """The payload in a text that was encrypted with the own organization's public key.

        Raises:
            UnreadablePayload: it was not, or is not encrypted at all.
        """
        pieces, begin = iter(iterate_pieces(text)), ""
        for piece in pieces:
            begin += piece
            if begin.count(SEPARATOR) >= _PARTS - 1 or len(begin) > _LONGEST_HEAD:
                break
        *head, content = begin.split(SEPARATOR, _PARTS - 1)
        parts = len(head) + 1 + content.count(SEPARATOR)
        if parts != _PARTS:
            raise UnreadablePayload(
                f"it is not encrypted: expected three parts with {SEPARATOR} between them, "
                f"not {parts}"
            )
        try:
            encrypted_key, iv = map(base64.b64decode, head)
            return decode_base64(chain((content,), pieces), _aes(self._open_key(encrypted_key), iv))
        except UnreadablePayload:
            raise
        except (binascii.Error, ValueError) as error:
            raise UnreadablePayload(f"a part of it is not base64: {error}") from None

    def _open_key(self, encrypted_key: bytes) -> bytes:
        try:
            key = self._key.decrypt(encrypted_key)
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise UnreadablePayload("it is encrypted for another private key than this one")
        return key


def seal(payload: bytes, public_key: str | None) -> AnyText:
    """The payload, encrypted: all it takes is the receiver's public key, as on the wire.

    Raises:
        WrongKey: that is no public key.
    """
    receiver = PublicKey.read(public_key)
    key, iv = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_IV_BYTES)
    head = "".join(to_text(part) + SEPARATOR for part in (receiver.encrypt(key), iv))
    if len(payload) > LONG:
        return EncodedPayload(payload, head, lambda: _aes(key, iv))
    return head + to_text(_aes(key, iv)(payload))


def _aes(key: bytes, iv: bytes) -> Change:
    """AES in CTR mode, which is the same in both directions."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CTR

    if len(iv) != _IV_BYTES:
        raise UnreadablePayload(f"its second part has {len(iv)} bytes: expected {_IV_BYTES}")
    return Cipher(AES(key), CTR(iv)).encryptor().update
