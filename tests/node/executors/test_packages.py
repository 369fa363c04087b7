"""Where the module of an algorithm is found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from v6sim.node.errors import NoPackage
from v6sim.node.executors.inside.entry import Entry
from v6sim.node.executors.packages import Location, locate
from v6sim.world.algorithm import Algorithm

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
