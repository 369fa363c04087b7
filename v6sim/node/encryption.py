"""Whether and with which key a node encrypts (reference: node, sections 1 and 8)."""

from pathlib import Path
from typing import Any

from v6sim.node.errors import EncryptionMismatch, KeyMismatch, NoPrivateKey
from v6sim.node.link import Link
from v6sim.node.settings import NodeSettings
from v6sim.wire.cryptor import Cryptor, PlainCryptor, RSACryptor
from v6sim.wire.keys import PrivateKey, PublicKey, WrongKey


async def choose_cryptor(
    settings: NodeSettings, organization: dict[str, Any], collaboration: dict[str, Any], link: Link
) -> Cryptor:
    """How a node seals and opens payloads.

    An organization without a public key gets that of the node. The genuine node also replaces one
    that differs, by which all other parties lose what was encrypted before.

    Args:
        settings: of the node.
        organization: the node's, as the server shows it.
        collaboration: the node's, as the server shows it.
        link: the node's line to the server.

    Raises:
        EncryptionMismatch: the node's setting is not its collaboration's.
        NoPrivateKey: the collaboration encrypts, and the node has no key.
        KeyMismatch: its key is not that of its organization.
        ServerRefused: the server does not take its public key.
    """
    name, encrypted = collaboration["name"], collaboration["encrypted"] == 1
    if encrypted != settings.encrypted:
        raise EncryptionMismatch(name, encrypted=encrypted)
    if not encrypted:
        return PlainCryptor()
    try:
        if settings.private_key is None:
            raise WrongKey("this node has none")
        key = PrivateKey.load(settings.private_key)
    except WrongKey as problem:
        raise NoPrivateKey(name, organization["name"], str(problem)) from None
    if organization["public_key"]:
        _compare(settings.private_key, key.public_key, organization)
    else:
        path = f"organization/{organization['id']}"
        await link.ask("PATCH", path, {"public_key": str(key.public_key)})
    return RSACryptor(key)


def _compare(file: Path, own: PublicKey, organization: dict[str, Any]) -> None:
    try:
        fits = PublicKey.read(organization["public_key"]) == own
        problem = "the server has another public key of it"
    except WrongKey as error:
        fits, problem = False, f"what the server has of it is not one: {error}"
    if not fits:
        raise KeyMismatch(organization["name"], file, problem)
