"""Large payloads, piece by piece: the same as in one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.keys import KEYS
from v6sim.wire import cryptor, long_payload, payload
from v6sim.wire.cryptor import PlainCryptor, RSACryptor
from v6sim.wire.keys import PrivateKey
from v6sim.wire.long_payload import EncodedPayload, decode_base64, payload_size
from v6sim.wire.long_text import LongText, OmittedText, text_size

KEY = PrivateKey.load(KEYS["example_org1"])
SEALED = RSACryptor(KEY)
TEXTS = st.text(st.sampled_from("AQgw0+/=\n$é"), max_size=40) | st.binary(max_size=30).map(
    lambda content: base64.b64encode(content).decode()
)
CUTS = st.lists(st.integers(1, 12), max_size=20)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_payload, "_PIECE", 6)
    for module in (cryptor, payload):
        monkeypatch.setattr(module, "LONG", 8)


def pieces(text: str, cuts: list[int]) -> LongText:
    found = []
    for cut in cuts:
        found.append(text[:cut])
        text = text[cut:]
    return LongText([*found, text])


@given(TEXTS, CUTS)
def test_base64_in_pieces_stands_for_the_same(text: str, cuts: list[int]) -> None:
    try:
        expected = base64.b64decode(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            decode_base64(pieces(text, cuts))
    else:
        assert decode_base64(pieces(text, cuts)) == expected


@given(st.binary(max_size=60))
def test_a_payload_is_encoded_and_decoded(content: bytes) -> None:
    text = PlainCryptor().encrypt(content)
    assert isinstance(text, LongText) == (len(content) > 8)
    assert str(text) == base64.b64encode(content).decode()
    assert text_size(text) == len(str(text))
    assert PlainCryptor().decrypt(text) == content
    for each in (text, str(text), pieces(str(text), [1] * len(str(text)))):
        assert payload_size(each) == len(content)


@given(st.binary(max_size=60), CUTS)
def test_a_payload_is_sealed_and_opened(content: bytes, cuts: list[int]) -> None:
    sealed = SEALED.encrypt(content, str(KEY.public_key))
    text = str(sealed)
    assert text == str(sealed)  # each time the same
    assert text_size(sealed) == len(text)
    for each in (sealed, text, pieces(text, [len(text) - 20, *cuts]), pieces(text, [*cuts, 1])):
        assert SEALED.decrypt(each) == content
        assert payload_size(each) == len(content)


def test_of_a_text_that_is_not_here_the_size_is_known() -> None:
    assert payload_size(OmittedText(4 * 2**30 // 3)) == 2**30 - 1
    assert EncodedPayload(b"x" * 100).size <= long_payload.longest_text(100)
