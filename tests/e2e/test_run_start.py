"""`v6sim run` of packages that start in ways of their own, and its options about that."""

from pathlib import Path

import pytest

from tests.commands import v6sim
from tests.public_packages import tables, write

SHOWS_ENV = "import os\n\n\ndef RPC_limit(data):\n    return os.environ.get('LIMIT')\n"


def run(folder: Path, *arguments: str):
    return v6sim("run", *arguments, "--data", "a.csv", cwd=folder)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    write("own-wrapper", tmp_path)
    tables("own-wrapper", tmp_path)
    return tmp_path


def test_what_the_dockerfile_starts_is_told_in_detail(own: Path) -> None:
    said = run(own, "own-wrapper", "--method", "kind", "-v")
    assert "a: list" in said.stdout
    assert (
        "Dockerfile starts python -c from v6_own import wrapper; wrapper('v6_own')" in said.stderr
    )


def test_a_command_wins_over_it(own: Path) -> None:
    code = "from vantage6.tools.docker_wrapper import docker_wrapper; docker_wrapper('v6_own')"
    said = run(own, "own-wrapper", "--method", "kind", "--command", f'python -c "{code}"')
    assert "a: DataFrame" in said.stdout, said.stdout + said.stderr


def test_a_command_may_be_any_program(own: Path) -> None:
    (own / "own-wrapper" / "rows.sh").write_text(
        'printf "json.%s" $(tail -n +2 "$DATABASE_URI" | wc -l) > "$OUTPUT_FILE"\n'
    )
    said = run(own, "own-wrapper", "--method", "any", "--command", "sh rows.sh", "--no-master")
    assert "a: 3" in said.stdout, said.stdout + said.stderr


def test_a_module_and_variables_are_chosen(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / "project" / name).mkdir(parents=True)
        (tmp_path / "project" / name / "__init__.py").write_text(SHOWS_ENV)
    tables("own-wrapper", tmp_path)
    given = ["project", "--method", "limit", "--module", "second", "--env", "LIMIT=a=b"]
    for executor in ([], ["--executor", "inline"], ["--cold"]):
        said = run(tmp_path, *given, *executor)
        assert "a: a=b" in said.stdout, said.stdout + said.stderr


def test_a_cmd_that_is_not_understood_is_one_warning(own: Path) -> None:
    with (own / "own-wrapper" / "Dockerfile").open("a") as file:
        file.write("CMD ./start.sh | tee log\n")
    said = run(own, "own-wrapper", "--method", "kind")
    assert "a: DataFrame" in said.stdout
    assert said.stderr.count("--command") == 1
    assert "'CMD ./start.sh | tee log'" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--command", "python -c 'x"], "--command"),
        (["--command", ""], "--command"),
        (["--command", "no-such-program x"], "'no-such-program'"),
        (["--module", "nowhere"], "'nowhere'"),
        (["--env", "LIMIT"], "'LIMIT'"),
        (["--env", "A-B=1"], "'A-B=1'"),
        (["--env", "A=1", "--env", "A=2"], "'A=2'"),
        (["--executor", "docker", "--command", "python x"], "--command"),
        (["--executor", "docker", "--module", "x"], "--module"),
    ],
)
def test_what_cannot_be_is_said(own: Path, arguments: list[str], named: str) -> None:
    said = run(own, "own-wrapper", "--method", "kind", *arguments)
    assert said.returncode == 2
    assert said.stderr.startswith("error: ")
    assert named in said.stderr.splitlines()[0]


def test_a_master_that_is_run_as_a_partial_is_told_the_option(tmp_path: Path) -> None:
    write("star-import", tmp_path)
    tables("star-import", tmp_path)
    said = run(tmp_path, "star-import", "--method", "total", "--no-master")
    assert said.returncode == 1
    assert "--master" in said.stdout
    found = run(tmp_path, "star-import", "--method", "total", "--kwarg", "column=age")
    assert "a: 127" in found.stdout


BOTH = "def count(client, data):\n    return 'master'\n\n\ndef RPC_count(data):\n    return 1\n"


def test_a_name_of_a_master_and_a_partial_is_told(tmp_path: Path) -> None:
    (tmp_path / "algo.py").write_text(BOTH)
    tables("own-wrapper", tmp_path)
    said = run(tmp_path, "algo.py", "--method", "count")
    assert "a: 1" in said.stdout
    assert [line for line in said.stderr.splitlines() if "--master" in line] != []
    for option, result in (("--master", "master"), ("--no-master", "1")):
        said = run(tmp_path, "algo.py", "--method", "count", option)
        assert f"a: {result}" in said.stdout
        assert "note: " not in said.stderr


ASKS = """\
def master(client, data):
    ask = getattr(client, "task", None)
    answer = client.request("task/99")
    made = ask.create(input_={"method": "n"}, organization_ids=[77])
    return [sorted(answer), made.get("id"), hasattr(client, "wait_for_results")]
"""


@pytest.mark.parametrize(("new", "status"), [("True", 0), ("False", 1)])
def test_a_refusal_is_returned_to_the_newer_client_alone(
    tmp_path: Path, new: str, status: int
) -> None:
    """As by the genuine ones (reference: algorithm-contract, section 7)."""
    (tmp_path / "asks").mkdir()
    (tmp_path / "asks" / "__init__.py").write_text(ASKS)
    tables("own-wrapper", tmp_path)
    code = (
        "from vantage6.tools.docker_wrapper import docker_wrapper; "
        f"docker_wrapper('asks', use_new_client={new})"
    )
    said = run(tmp_path, "asks", "--method", "master", "--command", f'python -c "{code}"')
    assert said.returncode == status, said.stdout
    assert ("a: [['msg'], None, False]" in said.stdout) is (new == "True"), said.stdout
    assert ("Containers cannot refresh!" in said.stdout) is (new == "False")
