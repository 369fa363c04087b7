"""How payloads are sealed on their way through the server (reference: encryption)."""

from typing import Protocol

from v6sim.wire.payload import to_bytes, to_text


class Cryptor(Protocol):
    """Seals payloads for an organization, and opens those sealed for one's own."""

    encrypted: bool
    """Whether sealing needs the receiving organization's public key."""

    def encrypt(self, payload: bytes, public_key: str) -> str:
        """The payload as a text that only the owner of `public_key` (as on the wire) can open."""
        ...

    def decrypt(self, text: str) -> bytes:
        """The payload in such a text.

        Raises:
            ValueError: the text cannot be opened.
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
