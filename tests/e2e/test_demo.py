"""`v6sim demo`: the main job, as a user sees it."""

from tests.commands import v6sim


def test_the_demo_shows_both_answers_and_what_to_do_next() -> None:
    said = v6sim("demo")
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert "example_org1: {'average': 53.25}" in lines
    assert "example_org1: {'sum': 253, 'count': 4}" in lines
    assert "example_org2: {'sum': 173, 'count': 4}" in lines
    assert any(line.startswith("    ") and line.endswith("v6sim up") for line in lines)
    assert any(line.endswith("v6sim demo --server http://127.0.0.1:5000/api") for line in lines)
    assert any(line.endswith("v6sim new algorithm my-algorithm") for line in lines)
    assert "    from vantage6.client import Client" in lines
    assert not said.stderr


def test_the_demo_shows_the_tree_of_tasks() -> None:
    lines = v6sim("demo", "--executor", "inline").stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("task 1 "))
    assert lines[start].split() == ["task", "1", "average:", "a", "master", "task", "completed"]
    assert lines[start + 2].split()[1:4] == ["task", "2", "subtask"]
    names = [line.split("── ")[1].split()[0] for line in lines[start + 3 : start + 6]]
    assert names == ["example_org1", "example_org2", "example_org3"]
