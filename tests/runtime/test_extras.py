"""Libraries that may be missing."""

import sys

import pytest

from v6sim.runtime.extras import DOCKER, Library, MissingLibrary, find_module


def library(*modules):
    return Library("a library", modules, "this test", "a-library>=1")


def test_a_library_that_is_there_is_imported() -> None:
    assert library("no_such_module", "json").load() is sys.modules["json"]


def test_what_is_missing_is_told_with_what_needs_it_and_how_to_get_it() -> None:
    with pytest.raises(MissingLibrary, match="this test needs: pip install 'a-library>=1'"):
        library("no_such_module").load()


def test_a_folder_on_the_import_path_is_no_library(tmp_path, monkeypatch) -> None:
    (tmp_path / "shadowing" / "part").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("shadowing", "shadowing.part"):
        assert find_module(name) is None
    import shadowing  # type: ignore[import-not-found]

    assert shadowing.__file__ is None
    assert not library("shadowing").is_installed


def test_a_real_package_in_such_a_folder_is_one(tmp_path, monkeypatch) -> None:
    (tmp_path / "shadowing_more" / "part").mkdir(parents=True)
    (tmp_path / "shadowing_more" / "part" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert find_module("shadowing_more.part") is not None
    assert find_module("shadowing_more.other") is None


def test_the_folder_docker_of_this_project_is_not_the_library() -> None:
    spec = find_module("docker")
    assert DOCKER.is_installed
    assert spec is not None
    assert spec.origin is not None
    assert "site-packages" in spec.origin
