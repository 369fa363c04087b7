"""The lowest versions that are allowed work."""

import pytest

from tests.release import lowest

pytestmark = [pytest.mark.wide, pytest.mark.xdist_group("release"), pytest.mark.timeout(1800)]


def test_a_part_of_the_tests_passes_with_the_lowest_versions() -> None:
    lowest.make()
    assert lowest.run() == 0
