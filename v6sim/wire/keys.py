"""Keys of organizations: RSA, in the forms that vantage6 gives them (reference: encryption, 4)."""

import base64
import binascii
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import (
        RSAPrivateKey,
        RSAPublicKey,
        RSAPublicNumbers,
    )

_BITS = 4096
_EXPONENT = 65537


class WrongKey(ValueError):
    """A text is not the key that it should be; the text says why."""


class PublicKey:
    """What payloads for an organization are encrypted with.

    Args:
        key: the key itself.
    """

    def __init__(self, key: "RSAPublicKey") -> None:
        self._key = key

    @classmethod
    def read(cls, text: str | None) -> Self:
        """The key in a text as it stands on the wire: the base64 of a PEM text.

        Raises:
            WrongKey: there is none.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        if not text:
            raise WrongKey("there is no public key")
        try:
            key = load_pem_public_key(base64.b64decode(text))
        except (binascii.Error, ValueError, UnsupportedAlgorithm):
            raise WrongKey(
                f"{text[:20]!r}... is no public key: expected the base64 of a PEM text"
            ) from None
        if not isinstance(key, RSAPublicKey):
            raise WrongKey("the public key is not an RSA key")
        return cls(key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self._numbers == other._numbers

    def __hash__(self) -> int:
        return hash(self._numbers)

    @property
    def _numbers(self) -> "RSAPublicNumbers":
        """What it is, which every version of the library compares."""
        return self._key.public_numbers()

    def encrypt(self, content: bytes) -> bytes:
        """A few bytes, such as a key for AES, as only the owner of the private key can read them.

        Raises:
            WrongKey: the key is too small for them.
        """
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        try:
            return self._key.encrypt(content, PKCS1v15())
        except ValueError as error:
            raise WrongKey(f"the public key cannot be used: {error}") from None

    def __str__(self) -> str:
        """As it stands on the wire: the base64 of the whole PEM text."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        pem = self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(pem).decode("ascii")


class PrivateKey:
    """What an organization opens payloads with that are for it.

    Args:
        key: the key itself.
    """

    def __init__(self, key: "RSAPrivateKey") -> None:
        self._key = key

    @classmethod
    def new(cls) -> Self:
        """A new key, of the size that vantage6 makes; takes a good part of a second."""
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

        return cls(generate_private_key(_EXPONENT, _BITS))

    @classmethod
    def read(cls, pem: bytes) -> Self:
        """The key in a PEM text without password.

        Raises:
            WrongKey: there is none.
        """
        return cls(_read(pem))

    @classmethod
    def load(cls, file: Path) -> Self:
        """The key in a PEM file without password.

        Raises:
            WrongKey: there is none; names the file.
        """
        try:
            return cls.read(file.read_bytes())
        except OSError as error:
            raise WrongKey(f"{file} cannot be read: {error.strerror}") from None
        except WrongKey as error:
            raise WrongKey(f"{file} will not do: {error}") from None

    @property
    def pem(self) -> bytes:
        """The key as a PEM text of the traditional form, which all genuine clients read."""
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        form = PrivateFormat.TraditionalOpenSSL
        return self._key.private_bytes(Encoding.PEM, form, NoEncryption())

    @property
    def public_key(self) -> PublicKey:
        """What payloads for its owner are encrypted with."""
        return PublicKey(self._key.public_key())

    def decrypt(self, content: bytes) -> bytes:
        """What was encrypted with the public key.

        Where it was encrypted with another one, this may give random bytes instead of an error.

        Raises:
            ValueError: it cannot be decrypted.
        """
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        return self._key.decrypt(content, PKCS1v15())


@lru_cache(maxsize=256)
def _read(pem: bytes) -> "RSAPrivateKey":
    """The key in a PEM text; kept, as checking a key takes a tenth of a second and more."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise WrongKey("the private key has a password: expected one without") from None
    except (ValueError, UnsupportedAlgorithm):
        raise WrongKey(
            "it is no private key: expected a PEM text that begins with "
            "-----BEGIN RSA PRIVATE KEY-----"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise WrongKey("the private key is not an RSA key")
    return key
