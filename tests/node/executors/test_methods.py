"""Whether a method is a master: read, and where that does not tell, imported."""

from pathlib import Path

import psutil
import pytest

from tests.commands import until
from v6sim.node.executors.methods import has_partial, is_master
from v6sim.world.algorithm import Algorithm


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("def master(client, data): ...\ndef RPC_part(data): ...\n")
    return folder


def algorithm(package: Path, **options: str) -> Algorithm:
    return Algorithm(package=str(package), **options)


def test_what_is_read_is_not_imported(package: Path) -> None:
    with (package / "__init__.py").open("a") as file:
        file.write("raise SystemExit\n")
    assert is_master(algorithm(package), "master")
    assert not is_master(algorithm(package), "part")
    assert has_partial(algorithm(package), "part")


@pytest.mark.parametrize(
    "source",
    [
        "from .work import *\n",
        "from . import work\nglobals().update(vars(work))\n",
        "try:\n    from .work import total, RPC_part\nexcept ImportError:\n    pass\n",
        "from vantage6.tools.util import info\nfrom .work import *\nprint('loaded')\n",
    ],
)
def test_where_reading_does_not_tell_the_module_is_imported(package: Path, source: str) -> None:
    (package / "__init__.py").write_text(source)
    (package / "work.py").write_text("def total(client, data): ...\ndef RPC_part(data): ...\n")
    assert is_master(algorithm(package), "total")
    assert not is_master(algorithm(package), "part")
    assert not is_master(algorithm(package), "nothing")


def test_a_change_counts(package: Path) -> None:
    (package / "__init__.py").write_text("from .work import *\n")
    (package / "work.py").write_text("def total(client, data): ...\n")
    assert is_master(algorithm(package), "total")
    (package / "work.py").write_text("def RPC_total(data): ...\n")
    assert not is_master(algorithm(package), "total")


def test_a_module_that_cannot_be_imported_tells_nothing_and_leaves_nothing(
    package: Path, tmp_path: Path
) -> None:
    (package / "__init__.py").write_text(
        "import os, subprocess\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        "raise RuntimeError\n"
    )
    assert not is_master(algorithm(package), "total")
    assert is_master(algorithm(package), "master")
    child = int((tmp_path / "child").read_text())
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")


def test_of_what_has_no_package_only_master_is_known() -> None:
    for nothing in (None, Algorithm(build={"context": "."})):
        assert is_master(nothing, "master")
        assert not is_master(nothing, "total")
