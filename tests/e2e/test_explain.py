"""`v6sim explain` and `v6sim permissions`: why, in words."""

import json

from tests.commands import running, v6sim


def test_a_refusal_is_explained_with_the_smallest_role_that_would_do() -> None:
    said = v6sim("explain", "viewer", "DELETE", "/user/3")
    assert said.returncode == 1
    assert "The answer would have the status 401." in said.stdout
    assert (
        "user DELETE ORGANIZATION, good for what belongs to one's own organization: not held"
        in (said.stdout)
    )
    assert "the smallest role that would allow it: Organization Admin" in said.stdout


def test_a_running_server_is_asked_without_changing_it() -> None:
    with running("server", "--port", "0") as (_, address):
        server = address.removesuffix("/api")
        body = json.dumps({"name": "new"})
        for _ in range(2):
            asked = ("explain", "root", "POST", "/organization", "--body", body, "--server", server)
            said = v6sim(*asked, "--json")
            assert said.returncode == 0, said.stderr
            assert json.loads(said.stdout)["body"]["id"] == 5


def test_mistakes_are_said_clearly() -> None:
    for words, expected in {
        ("ghost", "GET", "/task"): "user 'ghost' does not exist",
        ("viewer", "POST", "/task", "--body", "{"): "--body '{' is not JSON",
        ("viewer", "GET", "/task", "--server", "http://127.0.0.1:9"): "no v6sim answers",
    }.items():
        said = v6sim("explain", *words)
        assert said.returncode == 2
        assert expected in said.stderr


def test_the_matrix_has_a_line_for_each_action_and_a_column_for_each_role() -> None:
    said = v6sim("permissions", "--markdown").stdout
    line = next(line for line in said.splitlines() if line.startswith("| task.create "))
    assert line.split("|")[2:9] == [
        " collaborations ", "  ", "  ", "  ", " collaborations ", " collaborations ",
        " collaborations ",
    ]  # fmt: skip
    assert "task.create" in v6sim("permissions").stdout
