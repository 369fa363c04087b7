"""Encodings of JSON: bytes are counted and cut in UTF-8, but Python reads others too (RFC 4627)."""

import json


def is_in_utf8(document: bytes) -> bool:
    """Return whether Python reads a document as UTF-8."""
    return json.detect_encoding(document).startswith("utf-8")


def in_utf8(document: bytes) -> bytes:
    """Return the same document in UTF-8.

    Raises:
        UnicodeDecodeError: it is not what its first bytes say.
    """
    if is_in_utf8(document):
        return document
    encoding = json.detect_encoding(document)
    return document.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
