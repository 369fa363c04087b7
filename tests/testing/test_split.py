"""Cutting data into parts."""

import pytest

from tests.commands import v6sim
from v6sim.testing.split import CannotSplit, split

VALUES = ["3", "1", "2", "10", "1", "2", "x", "1"]


def test_random_parts_are_even_and_the_same_for_the_same_seed() -> None:
    parts = split(VALUES, 3, "random", seed=1)
    assert sorted(len(part) for part in parts) == [2, 3, 3]
    assert sorted(row for part in parts for row in part) == list(range(len(VALUES)))
    assert parts == split(VALUES, 3, "random", seed=1) != split(VALUES, 3, "random", seed=2)


def test_rows_of_one_value_stay_together() -> None:
    parts = split(VALUES, 3, "column")
    held = [{VALUES[row] for row in part} for part in parts]
    assert len(held[0] | held[1] | held[2]) == sum(map(len, held))
    assert [len(part) for part in parts] == [3, 3, 2]


def test_skewed_parts_shrink_and_are_sorted() -> None:
    first, second, third = split(VALUES, 3, "skew")
    assert len(first) > len(second) > len(third) >= 1
    assert {VALUES[row] for row in first} == {"1", "2"}
    assert [VALUES[row] for row in third] == ["x"]


@pytest.mark.parametrize("way", ["random", "column", "skew"])
def test_each_part_gets_a_row(way) -> None:
    assert all(split([str(n) for n in range(5)], 5, way))


def test_too_little_is_said() -> None:
    with pytest.raises(CannotSplit, match="2 rows are too few for 3 organizations"):
        split(["a", "b"], 3)
    with pytest.raises(CannotSplit, match="1 different values"):
        split(["a", "a"], 2, "column")


def test_files_keep_every_value_as_it_was_written(tmp_path) -> None:
    data = tmp_path / "all.csv"
    data.write_text('id,name\n007,"a, b"\n1.50,\n')
    said = v6sim("split", data, "--organizations", "2", "--by", "column", "--column", "id")
    assert said.returncode == 0, said.stderr
    written = [(tmp_path / f"all-{number}.csv").read_text() for number in (1, 2)]
    assert sorted(written) == ['id,name\n007,"a, b"\n', "id,name\n1.50,\n"]
    again = v6sim("split", data)
    assert again.returncode == 2
    assert "all-1.csv is there already" in again.stderr
    wrong = v6sim("split", data, "--by", "skew", "--column", "age", "--to", tmp_path / "new")
    assert wrong.returncode == 2
    assert "has no column 'age'; there are: id, name" in wrong.stderr
