"""Sizes as people write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v6sim.wire.log_excerpt import shorten_log
from v6sim.wire.long_text import LongText, OmittedText
from v6sim.wire.sizes import describe_excess, format_size, parse_size


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (1000, 1000),
        ("1000", 1000),
        ("256 MiB", 256 * 2**20),
        ("256MiB", 256 * 2**20),
        (" 1.5 gib ", 3 * 2**29),
        ("500 kB", 500_000),
        ("2 GB", 2 * 10**9),
        ("1 byte", 1),
        ("7 bytes", 7),
        ("7 B", 7),
    ],
)
def test_a_size_is_a_number_of_bytes_or_a_text(written: object, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    "written",
    ["", "MiB", "x", "5 XiB", "1..5 MiB", "1e5", "nan", "-1 MiB", "5 b i", "\u0663 MiB", "9" * 30,
     0, -1, True, None, 1.5, [1]],
)  # fmt: skip
def test_what_is_no_size_is_refused_with_an_example(written: object) -> None:
    with pytest.raises(ValueError, match="expected a size of one byte or more, such as"):
        parse_size(written)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (2**20 - 1, "1.0 MiB"),
        (10 * 2**20, "10 MiB"),
        (256 * 2**20, "256 MiB"),
        (2**30, "1.0 GiB"),
        (3 * 2**29, "1.5 GiB"),
    ],
)
def test_a_size_is_shown_in_the_unit_that_suits_it(size: int, shown: str) -> None:
    assert format_size(size) == shown


@given(st.integers(1, 2**50))
def test_what_is_shown_is_nearly_what_is_meant(size: int) -> None:
    assert parse_size(format_size(size)) == pytest.approx(size, rel=0.06)


def test_an_excess_is_told_so_that_the_two_sizes_differ() -> None:
    limit = 256 * 2**20
    told = "result is 1.0 GiB; limit is 256 MiB (max_result)"
    assert describe_excess("result", 2**30, limit, "max_result") == told
    assert describe_excess("result", limit + 1, limit, "max_result") == (
        "result is 268435457 bytes; limit is 268435456 bytes (max_result)"
    )


def test_of_a_long_log_the_beginning_and_the_end_are_kept() -> None:
    log = "begin" + "x" * 2000 + "end"
    for given_as in (log, LongText([log[:7], log[7:]])):
        cut = shorten_log(given_as, 1024)
        assert isinstance(cut, str)
        assert cut.startswith("begin")
        assert cut.endswith("end")
        assert "the log is 2.0 KiB; limit is 1.0 KiB (max_log): its middle is left out here" in cut
        assert len(cut) < 1200
    assert shorten_log(log, 2008) == log
    assert "limit is 1.0 KiB (max_log)" in shorten_log(OmittedText(2**21), 1024)
