"""Names of hosts and origins."""

import pytest

from v6sim.runtime.hosts import (
    fits_host,
    host_in,
    is_host_pattern,
    is_loopback,
    is_loopback_origin,
    is_origin,
    local_url,
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True), ("a.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True),
        ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False), ("0.0.0.0", False),
        ("::", False), ("localhost.evil.example", False), ("xlocalhost", False), ("", False),
        ("2130706433", False), ("0x7f.1", False), ("127.0.0.1.nip.io", False),
    ],
)  # fmt: skip
def test_only_literal_addresses_and_localhost_are_loopback(host, expected) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("LOCALHOST:5000", "localhost"), ("localhost.", "localhost"), ("[::1]:5000", "::1"),
        ("127.0.0.1", "127.0.0.1"), ("", None), (" evil.example:80 ", "evil.example"),
        ("evil.example:127.0.0.1", None), ("a@localhost", None),
        ("localhost:80@evil.example", None),
        ("[127.0.0.1].evil.example", None), ("[127.0.0.1", None), (".", None), (".localhost", None),
        ("a..localhost", None), ("evil.example/.localhost", None), ("[::1]x.localhost", None),
    ],
)  # fmt: skip
def test_a_host_header_names_a_host(header, host) -> None:
    assert host_in(header) == host


def test_a_pattern_is_a_name_or_all_below_one() -> None:
    for pattern in ("server", "*.example.org", "10.0.0.1", "::1", "[::1]", "a-b.c", "xn--bcher.ch"):
        assert is_host_pattern(pattern), pattern
    for pattern in ("", "*", "*.", "*.10.0.0.1", "a b", "http://x", "x:80", "a..b", "-a", "*x.org"):
        assert not is_host_pattern(pattern), pattern
    assert fits_host("*.Example.org", "a.example.org")
    assert fits_host("*.example.org", "a.b.example.org")
    assert not fits_host("*.example.org", "example.org")
    assert not fits_host("*.example.org", "evilexample.org")
    assert fits_host("[::1]", "::1")


def test_an_origin_is_scheme_and_host_alone() -> None:
    for origin in ("http://localhost:8080", "https://ui.example", "http://[::1]:1", "x://y"):
        assert is_origin(origin), origin
    for origin in ("", "null", "*", "localhost", "http://", "http://a/", "http://a/b", "http://a?b",
                   "http://u@a", "http://a:x", "http://a:99999", "http://a b"):  # fmt: skip
        assert not is_origin(origin), origin


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:8080", True), ("https://127.0.0.1", True), ("http://[::1]:7", True),
        ("http://ui.localhost", True), ("null", False), ("http://localhost.evil.example", False),
        ("http://localhost@evil.example", False), ("http://evil.example#localhost", False),
        ("file://localhost", False), ("chrome-extension://localhost", False),
    ],
)  # fmt: skip
def test_an_origin_of_loopback(origin, expected) -> None:
    assert is_loopback_origin(origin) is expected


def test_what_listens_everywhere_is_reached_by_loopback() -> None:
    assert local_url("0.0.0.0", 5) == "http://127.0.0.1:5"
    assert local_url("::", 5) == "http://[::1]:5"
    assert local_url("192.0.2.1", 5) == "http://192.0.2.1:5"
