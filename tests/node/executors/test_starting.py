"""What a Dockerfile's CMD and ENTRYPOINT are without Docker: read, not executed."""

# Lines of a Dockerfile are long:
# ruff: noqa: E501, ISC004

from pathlib import Path

import pytest

from v6sim.node.executors.dockerfile import read
from v6sim.node.executors.inside.entry import Entry
from v6sim.node.executors.starting import NotUnderstood, Start, understand

LIBRARY = "from vantage6.tools.docker_wrapper import"
PLAIN = Entry(module="pkg")


def start_of(tmp_path: Path, *lines: str) -> Start:
    """How the image of a Dockerfile with these lines starts."""
    file = tmp_path / "Dockerfile"
    file.write_text("\n".join(["FROM base", *lines]) + "\n")
    stage = read(file)
    return understand(stage.command, stage.env)


@pytest.mark.parametrize(
    ("lines", "entry"),
    [
        ([f"CMD python -c \"{LIBRARY} docker_wrapper; docker_wrapper('pkg')\""], PLAIN),
        ([f"CMD python3.8 -u -c '{LIBRARY} docker_wrapper; docker_wrapper(\"pkg\")'"], PLAIN),
        ([f'CMD ["python", "-c", "{LIBRARY} docker_wrapper; docker_wrapper(\'pkg\')"]'], PLAIN),
        (
            ["ARG NAME=pkg", "ENV PKG_NAME=${NAME}",
             f"CMD python -c \"{LIBRARY} docker_wrapper; docker_wrapper('${{PKG_NAME}}')\""],
            PLAIN,
        ),
        (
            ["ENV PKG_NAME pkg",
             f"CMD python -c \"{LIBRARY} docker_wrapper; docker_wrapper('$PKG_NAME')\""],
            PLAIN,
        ),
        (
            ["CMD python -c \\", f"    \"{LIBRARY} docker_wrapper; \\", "# why", "",
             "    docker_wrapper('pkg')\""],
            PLAIN,
        ),
        (
            ['ENTRYPOINT ["python", "-c"]',
             f'CMD ["{LIBRARY} parquet_wrapper; parquet_wrapper(\'pkg\')"]'],
            PLAIN._replace(what="parquet_wrapper"),
        ),
        (
            [f'ENTRYPOINT python -c "{LIBRARY} csv_wrapper as w; w(\'pkg\')"', "CMD ignored"],
            PLAIN._replace(what="csv_wrapper"),
        ),
        (
            [f'CMD ["sh", "-c", "exec python -c \\"{LIBRARY} sparql_docker_wrapper; '
             'sparql_docker_wrapper(\'pkg\')\\""]'],
            PLAIN._replace(what="sparql_docker_wrapper"),
        ),
        (
            ["CMD cd /app && export A=b; echo starting && A=1 conda run -n env --no-capture-output "
             f"python -c \"{LIBRARY} docker_wrapper; docker_wrapper('pkg', use_new_client=True)\""],
            PLAIN._replace(new_client=True),
        ),
        (
            ["CMD python -c 'import vantage6.tools.wrapper as w; "
             'w.docker_wrapper(module="pkg", load_data=False, use_new_client=True)\''],
            PLAIN._replace(new_client=True, load_data=False),
        ),
        (
            ["ENV PKG_NAME=pkg", "CMD python -c 'import os; "
             f"{LIBRARY} multidb_wrapper; multidb_wrapper(os.environ[\"PKG_NAME\"])'"],
            PLAIN._replace(what="multidb_wrapper"),
        ),
        (
            ['CMD ["python", "-c", "from pkg import wrapper; wrapper(\'pkg\')"]'],
            Entry("code", "from pkg import wrapper; wrapper('pkg')"),
        ),
        (['CMD ["python", "-m", "pkg.start", "a", "b"]'],
         Entry("module", "pkg.start", arguments=("a", "b"))),
        (["ENTRYPOINT [\"python\"]", "CMD [\"/app/run.py\"]"], Entry("script", "/app/run.py")),
        (["CMD ignored", 'CMD ["python", "run.py"]'], Entry("script", "run.py")),
    ],
)  # fmt: skip
def test_what_is_understood(lines: list[str], entry: Entry, tmp_path: Path) -> None:
    assert start_of(tmp_path, *lines).entry == entry


def test_a_program_of_another_language_is_that_program(tmp_path: Path) -> None:
    start = start_of(tmp_path, "ENV PKG_NAME=vtg", "CMD Rscript -e \"vtg::wrapper('$PKG_NAME')\"")
    assert start == Start(None, ("Rscript", "-e", "vtg::wrapper('vtg')"))


def test_what_is_set_on_the_way_is_set(tmp_path: Path) -> None:
    start = start_of(tmp_path, "CMD export A=b && cd /app/sub && C=d python run.py")
    assert (dict(start.environment), start.folder) == ({"A": "b", "C": "d"}, "/app/sub")


@pytest.mark.parametrize(
    "line",
    [
        "CMD python",
        "CMD python -c",
        "CMD python -c 'no python'",
        "CMD ./start.sh && python run.py",
        'CMD ["bash", "start.sh"]',
        "CMD python run.py | tee log",
        "CMD python -c 'unclosed",
        "CMD python -c 'from vantage6.algorithm.tools.wrap import wrap_algorithm; wrap_algorithm()'",
    ],
)
def test_what_is_not_understood_says_so(line: str, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood):
        start_of(tmp_path, line)


def test_only_the_last_stage_counts_with_what_it_is_made_from(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(
        "ARG PKG_NAME=one\nFROM a AS base\nARG PKG_NAME\nENV PKG_NAME=$PKG_NAME A='b c' D=e\\ f\n"
        "WORKDIR /app\nCOPY . .\nCMD base\nFROM b\nCMD other\nFROM base\nWORKDIR sub\n"
        "RUN <<EOF\nCMD not this\nEOF\nCOPY --from=b /x /y\nCOPY one.py two.py /tools/\n"
    )
    stage = read(file, {"PKG_NAME": "two"})
    assert stage.env == {"PKG_NAME": "two", "A": "b c", "D": "e f"}
    assert (str(stage.folder), stage.text, stage.line) == ("/app/sub", "CMD base", 7)
    assert [(str(place), source) for place, source in stage.copies] == [
        ("/app", "."), ("/tools/one.py", "one.py"), ("/tools/two.py", "two.py"),
    ]  # fmt: skip


def test_paths_of_an_image_are_found_where_they_were_copied_from(tmp_path: Path) -> None:
    (tmp_path / "algo").mkdir()
    (tmp_path / "algo" / "run.py").touch()
    file = tmp_path / "Dockerfile"
    file.write_text("FROM a\nWORKDIR /app\nCOPY ./algo /app/code/\n")
    stage = read(file)
    found = list(stage.sources(stage.folder / "code" / "run.py", tmp_path))
    assert found == [tmp_path / "algo" / "run.py"]
