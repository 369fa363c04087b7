"""HTTP to a server: its address, and patience with it."""

import itertools

import pytest

from v6sim.node.line import Address, Answer, backoff


@pytest.mark.parametrize(
    ("url", "root", "path"),
    [
        ("http://127.0.0.1:5000/api", "http://127.0.0.1:5000", "/api"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000", "/api"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000", ""),
        ("127.0.0.1:5000", "http://127.0.0.1:5000", "/api"),
        ("https://v6.example/a/b/", "https://v6.example", "/a/b"),
    ],
)
def test_one_address_says_where_the_api_and_the_events_are(url: str, root: str, path: str) -> None:
    assert Address.of(url) == Address(root, path)
    assert str(Address.of(url)) == root + path


def test_patience_grows_up_to_five_seconds() -> None:
    delays = list(itertools.islice(backoff(), 10))
    assert delays[:3] == [0.1, 0.2, 0.4]
    assert delays[-1] == 5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"msg": "no"}', "no"),
        (b'{"message": "neither"}', "neither"),
        (b'{"other": 1}', "{'other': 1}"),
        (b"<html>", "<html>"),
    ],
)
def test_the_words_of_a_refusal_are_found(body: bytes, said: str) -> None:
    assert Answer(400, {}, body).said == said
