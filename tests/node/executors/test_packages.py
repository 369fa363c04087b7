"""Where the module of an algorithm is found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from v6sim.node.errors import NoPackage
from v6sim.node.executors.inside.entry import Entry
from v6sim.node.executors.packages import Location, input_format, locate
from v6sim.world.algorithm import Algorithm
from v6sim.world.build import Build

Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Lay out files in a folder; returns the folder."""

    def make(*names: str, **contents: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents.get(path.name, ""))
        return tmp_path

    return make


def found(path: Path | str, module: str | None = None) -> Location:
    return locate(Algorithm(package=str(path), module=module))


def test_a_package_folder_is_the_package(lay: Lay) -> None:
    folder = lay("average/__init__.py")
    assert found(folder / "average") == Location("average", folder)


def test_a_file_is_a_module(lay: Lay) -> None:
    folder = lay("average.py")
    assert found(folder / "average.py") == Location("average", folder)


def test_any_other_word_is_an_installed_module() -> None:
    assert found("v6_average") == Location("v6_average", None)
    assert found("v6_average", "v6_average.main") == Location("v6_average.main", None)


def test_a_project_folder_has_its_only_package(lay: Lay) -> None:
    folder = lay("setup.py", "average/__init__.py", "tests/__init__.py", "data/file.csv")
    assert found(folder) == Location("average", folder)


def test_a_project_folder_may_keep_its_package_in_src(lay: Lay) -> None:
    folder = lay("pyproject.toml", "src/average/__init__.py")
    assert found(folder) == Location("average", folder / "src")


def test_a_project_folder_may_have_a_single_file(lay: Lay) -> None:
    folder = lay("setup.py", "average.py", "test_average.py", "conftest.py")
    assert found(folder) == Location("average", folder)


@pytest.mark.parametrize(
    "line",
    [
        'ARG PKG_NAME="second"',
        "ARG PKG_NAME=second",
        "ENV PKG_NAME second",
        "ENV PKG_NAME='second'",
    ],
)
def test_the_dockerfile_says_which_package_it_is(lay: Lay, line: str) -> None:
    dockerfile = f"FROM python\n{line}\nENV PKG_NAME=${{PKG_NAME}}\n"
    folder = lay("Dockerfile", "first/__init__.py", "second/__init__.py", Dockerfile=dockerfile)
    location = found(folder)
    assert (location.module, location.folder) == ("second", folder)
    assert location.entry == Entry(module="second")
    assert location.environment == (("PKG_NAME", "second"),)


def test_hyphens_of_a_distribution_are_underscores_of_its_module(lay: Lay) -> None:
    folder = lay("Dockerfile", "v6_first/__init__.py", "other/__init__.py",
                 Dockerfile="ARG PKG_NAME=v6-first\n")  # fmt: skip
    assert found(folder).module == "v6_first"


def test_a_dockerfile_that_names_no_package_of_the_folder_does_not_count(lay: Lay) -> None:
    folder = lay("Dockerfile", "average/__init__.py", Dockerfile="ARG PKG_NAME=elsewhere\n")
    assert found(folder).module == "average"


def test_a_module_that_is_named_is_looked_for(lay: Lay) -> None:
    folder = lay("first/__init__.py", "src/second/__init__.py")
    assert found(folder, "second") == Location("second", folder / "src")
    with pytest.raises(NoPackage, match="there is no module 'third' in"):
        found(folder, "third")


def test_several_packages_are_listed(lay: Lay) -> None:
    folder = lay("first/__init__.py", "second/__init__.py")
    with pytest.raises(NoPackage, match=r"several packages .*: first, second\. Say which"):
        found(folder)


def test_a_folder_without_a_package_says_what_was_expected(lay: Lay) -> None:
    with pytest.raises(NoPackage, match="no Python package"):
        found(lay("README.md"))


def test_a_path_that_is_not_there_is_no_installed_module(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", "some/where", "gone.py"):
        with pytest.raises(NoPackage, match="neither a folder nor a file"):
            found(path)


def test_a_command_is_run_in_its_folder(lay: Lay) -> None:
    folder = lay("run.sh")
    algorithm = Algorithm(package=str(folder), command=["sh", "run.sh"])
    assert locate(algorithm) == Location(folder.name, folder, ("sh", "run.sh"))


@pytest.mark.parametrize("program", ["no-such-program", "./no-such-script"])
def test_a_program_that_is_not_there_is_named(lay: Lay, program: str) -> None:
    with pytest.raises(NoPackage, match=f"there is no program .*{program.lstrip('./')}"):
        locate(Algorithm(package=str(lay("run.sh")), command=[program]))


def call(name: str, wrapper: str = "docker_wrapper") -> str:
    """Python that hands a module to a wrapper."""
    return f"from vantage6.tools.docker_wrapper import {wrapper} as w; w('{name}')"


def cmd(name: str, wrapper: str = "docker_wrapper") -> str:
    return f'CMD python -c "{call(name, wrapper)}"\n'


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("v6-dash", ["v6-dash/__init__.py", "helpers/__init__.py"]),
        ("org_lab.algo", ["org_lab/__init__.py", "org_lab/algo/__init__.py"]),
        ("lab.algo", ["lab/algo/__init__.py", "other/__init__.py"]),
        ("start", ["start.py", "other.py"]),
    ],
)
@pytest.mark.parametrize("line", ["ENV PKG_NAME={}\n", cmd("{}")])
def test_a_name_need_not_be_an_identifier(lay: Lay, name: str, files: list[str], line: str) -> None:
    folder = lay("Dockerfile", *files, Dockerfile=line.format(name))
    location = found(folder)
    assert (location.module, location.folder) == (name, folder)
    assert location.entry == Entry(module=name)


def test_a_package_is_also_looked_for_where_the_dockerfile_copies_from(lay: Lay) -> None:
    dockerfile = f"WORKDIR /app\nCOPY lib/python /app\n{cmd('average')}"
    folder = lay("Dockerfile", "lib/python/average/__init__.py", Dockerfile=dockerfile)
    assert found(folder).folder == folder / "lib" / "python"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("setup.py", "setup(package_dir={'': 'lib'}, packages=find_packages('lib'))\n"),
        ("setup.cfg", "[options]\npackage_dir =\n    = lib\n"),
        ("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'),
        ("pyproject.toml", '[tool.poetry]\npackages = [{include = "average", from = "lib"}]\n'),
    ],
)
def test_a_package_is_also_looked_for_where_it_is_installed_from(
    lay: Lay, file: str, text: str
) -> None:
    folder = lay("Dockerfile", file, "lib/average/__init__.py",
                 Dockerfile=cmd("average"), **{file: text})  # fmt: skip
    assert found(folder).folder == folder / "lib"


@pytest.mark.parametrize(
    ("line", "how", "what"),
    [
        ("CMD python -c 'from own.wrapping import wrap; wrap()'", "code",
         "from own.wrapping import wrap; wrap()"),
        ("CMD python -m own.wrapping", "module", "own.wrapping"),
        ("CMD own-command", "code", "import sys; from own.wrapping import wrap; sys.exit(wrap())"),
    ],
)  # fmt: skip
def test_a_wrapper_of_the_packages_own_is_what_is_run(
    lay: Lay, line: str, how: str, what: str
) -> None:
    setup = "setup(entry_points={'console_scripts': ['own-command = own.wrapping:wrap']})\n"
    folder = lay("Dockerfile", "setup.py", "own/__init__.py", "own/wrapping.py",
                 Dockerfile=line, **{"setup.py": setup})  # fmt: skip
    location = found(folder)
    assert location.module.partition(".")[0] == "own"
    assert (location.entry.how, location.entry.what) == (how, what)
    assert location.takes_json


def test_an_own_wrapper_that_reads_pickles_is_given_one(lay: Lay) -> None:
    source = "import pickle\n"
    folder = lay("Dockerfile", "own/wrapping.py", "own/__init__.py",
                 Dockerfile="CMD python -m own.wrapping", **{"wrapping.py": source})  # fmt: skip
    assert not found(folder).takes_json


def test_a_script_is_found_where_it_was_copied_from(lay: Lay) -> None:
    folder = lay("Dockerfile", "own/__init__.py", "start.py",
                 Dockerfile="WORKDIR /app\nCOPY . .\nCMD python start.py a")  # fmt: skip
    entry = found(folder).entry
    assert entry == Entry("script", str(folder / "start.py"), arguments=("a",))


def test_a_program_of_another_language_runs_in_the_folder(lay: Lay) -> None:
    folder = lay("Dockerfile", "run.sh",
                 Dockerfile='ENV A=b PATH=/x\nCOPY . /app\nCMD ["cat", "/app/run.sh"]')  # fmt: skip
    location = found(folder)
    assert location.command == ("cat", str(folder / "run.sh"))
    assert location.environment == (("A", "b"),)
    assert location.takes_json


@pytest.mark.parametrize(
    "line",
    ["CMD bash run.sh", "CMD python gone.py", "CMD no-such-program", f"ARG X=average\n{cmd('$X')}"]
)  # fmt: skip
def test_what_is_not_understood_is_one_warning_that_names_the_option(
    lay: Lay, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = lay("Dockerfile", "average/__init__.py", Dockerfile=line)
    assert [found(folder).entry for _ in range(3)] == [Entry(module="average")] * 3
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert "--command" in record.getMessage()
    assert str(folder / "Dockerfile") in record.getMessage()


def test_a_module_that_is_elsewhere_is_told_once(
    lay: Lay, caplog: pytest.LogCaptureFixture
) -> None:
    folder = lay("Dockerfile", "average/__init__.py", Dockerfile=cmd("elsewhere"))
    assert [found(folder).module for _ in range(3)] == ["average"] * 3
    [record] = caplog.records
    assert "'elsewhere'" in record.getMessage()


def test_a_packages_own_folder_heeds_the_dockerfile_beside_it(lay: Lay) -> None:
    folder = lay("Dockerfile", "average/__init__.py", "other/__init__.py",
                 Dockerfile=cmd("average", "parquet_wrapper"))  # fmt: skip
    assert found(folder / "average").entry.what == "parquet_wrapper"
    assert found(folder / "other").entry == Entry(module="other")


def test_a_command_wins_over_the_dockerfile(lay: Lay) -> None:
    folder = lay("Dockerfile", "average/__init__.py", "start.py", Dockerfile=cmd("average"))
    words = ["python", "-c", call("average", "csv_wrapper")]
    assert locate(Algorithm(package=str(folder), command=words)).entry.what == "csv_wrapper"
    script = locate(Algorithm(package=str(folder), command=["python3", "start.py"]))
    assert script.entry == Entry("script", str(folder / "start.py"))
    with pytest.raises(NoPackage, match=r"no file 'gone\.py'"):
        locate(Algorithm(package=str(folder), command=["python3", "gone.py"]))


def test_variables_of_the_algorithm_win_over_the_dockerfiles(lay: Lay) -> None:
    folder = lay("Dockerfile", "average/__init__.py", Dockerfile="ENV A=1 B=2 PYTHONPATH=/app\n")
    algorithm = Algorithm(package=str(folder), env={"B": "3", "C": "4"})
    assert dict(locate(algorithm).environment) == {"A": "1", "B": "3", "C": "4"}


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("CMD Rscript -e 'vtg::docker.wrapper()'", "json"),
        (cmd("gone"), "legacy"),
        ("CMD cat <x", "legacy"),
        ("RUN true", "legacy"),
    ],
)
def test_an_image_in_another_language_is_sent_json(lay: Lay, line: str, form: str) -> None:
    folder = lay("Dockerfile", "README.md", Dockerfile=line)
    for package in (None, str(folder)):
        algorithm = Algorithm(package=package, build=Build(context=str(folder)))
        assert input_format(algorithm) == form
    assert input_format(None) == "legacy"


def test_a_script_that_reads_pickles_is_sent_one(lay: Lay) -> None:
    folder = lay("Dockerfile", "own/__init__.py", "start.py",
                 Dockerfile="CMD python start.py", **{"start.py": "import pickle\n"})  # fmt: skip
    assert input_format(Algorithm(package=str(folder))) == "legacy"
    (folder / "start.py").write_text("import json\n")
    assert input_format(Algorithm(package=str(folder))) == "json"


LIBRARY_CALL = """\
python -u -c "from vantage6.tools.docker_wrapper import parquet_wrapper; \\
    parquet_wrapper('$PKG_NAME')" "$@"
"""


@pytest.mark.parametrize(
    "line",
    ['ENTRYPOINT ["./run.sh"]', "CMD bash run.sh", 'CMD ["sh", "/app/run.sh"]', "CMD /app/run.sh"],
)
@pytest.mark.parametrize("last", ["exec ", ""])
def test_a_script_of_shell_is_read_to_its_last_line(lay: Lay, line: str, last: str) -> None:
    folder = lay(
        "algo/__init__.py", "run.sh", "Dockerfile",
        **{"run.sh": "#!/usr/bin/env bash\nset -e\n# why\n\nexport PKG_NAME=algo\n"
                     f"echo starting\n{last}{LIBRARY_CALL}",
           "Dockerfile": f"FROM a\nWORKDIR /app\nCOPY . /app\n{line}\n"},
    )  # fmt: skip
    (folder / "run.sh").chmod(0o755)
    location = found(folder)
    assert location.entry == Entry(what="parquet_wrapper", module="algo")
    assert dict(location.environment)["PKG_NAME"] == "algo"


def test_a_script_of_shell_that_does_more_is_a_program(
    lay: Lay, caplog: pytest.LogCaptureFixture
) -> None:
    text = "#!/bin/sh\nfor each in 1 2; do echo $each; done | cat > $OUTPUT_FILE\n"
    folder = lay(
        "algo/__init__.py", "run.sh", "Dockerfile",
        **{"run.sh": text, "Dockerfile": "FROM a\nCOPY . .\nCMD ./run.sh\n"},
    )  # fmt: skip
    (folder / "run.sh").chmod(0o755)
    assert found(folder).command == (str(folder / "run.sh"),)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("ENV PKG_NAME=algo\n" + cmd("nosuch").replace("CMD", "ENTRYPOINT"), "'nosuch'"),
        ("ARG PKG_NAME=algo\nENV PKG_NAME=[${PKG_NAME}]\n" + cmd("${PKG_NAME}"), "'[algo]'"),
    ],
)
def test_a_module_that_the_image_would_not_find_is_told(
    lay: Lay, caplog: pytest.LogCaptureFixture, lines: str, named: str
) -> None:
    folder = lay("algo/__init__.py", "Dockerfile", Dockerfile=f"FROM a\n{lines}\n")
    assert found(folder).module == "algo"
    [record] = caplog.records
    assert f"names the module {named}" in record.getMessage()


@pytest.mark.parametrize("module", ["nosuch", "a b", "algo.nosuch"])
def test_a_module_that_is_wanted_has_to_be_there(lay: Lay, module: str) -> None:
    folder = lay("algo/__init__.py", "algo/sub.py")
    for path in (folder, folder / "algo"):
        assert found(path, "algo.sub").module == "algo.sub"
        with pytest.raises(NoPackage, match=module):
            found(path, module)


def test_packages_that_the_dockerfile_does_not_name_are_told_with_its_name(lay: Lay) -> None:
    folder = lay("a/__init__.py", "b/__init__.py", "Dockerfile", Dockerfile="ARG PKG_NAME=c\n")
    with pytest.raises(NoPackage, match=r"PKG_NAME is 'c', which is none of them.*--module"):
        found(folder)


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["python", "-m", "nosuch.start"], "no module 'nosuch.start'"),
        (["python", "-c", "print(1"], "the code after -c is no Python"),
    ],
)
def test_a_command_that_cannot_be_run_in_python_is_told(
    lay: Lay, command: list[str], named: str
) -> None:
    folder = lay("algo/__init__.py", "algo/__main__.py")
    wanted = Algorithm(package=str(folder), command=["python", "-m", "algo"])
    assert locate(wanted).entry.what == "algo"
    with pytest.raises(NoPackage, match=named):
        locate(wanted.model_copy(update={"command": command}))
