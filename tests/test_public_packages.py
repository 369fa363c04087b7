"""Packages as people publish them run unmodified, in each executor."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.genuine.images import genuine_library
from tests.public_packages import PACKAGES, tables, write
from tests.wide import some
from v6sim import Sandbox, World
from v6sim.wire.plain import plain

CASES = [
    (name, *case)
    for name, package in PACKAGES.items()
    for case in zip(package.asked, package.answers, strict=True)
]


def federation(data: Mapping[str, Path]) -> World:
    """An organization for each file of data."""
    user = {"username": "someone", "password": "Password-1", "roles": ["Researcher"]}
    return World.of(
        {
            "organizations": [{"name": name, "users": [user] if name == "a" else []}
                              for name in data],
            "collaborations": [
                {
                    "name": "all",
                    "participants": [{"name": name, "databases": {"default": str(path)}}
                                     for name, path in data.items()],
                }
            ],
        }
    )  # fmt: skip


@pytest.mark.parametrize("executor", ["process", "inline"])
@pytest.mark.parametrize(
    ("name", "asked", "answer"), CASES, ids=[f"{name}-{asked[0]}" for name, asked, _ in CASES]
)
def test_a_public_package_runs_without_docker(
    name: str, asked: tuple[str, dict[str, Any]], answer: Any, executor: Any, tmp_path: Path
) -> None:
    project = write(name, tmp_path)
    with Sandbox(federation(tables(name, tmp_path)), executor=executor) as box:
        outcome = box.run(project, asked[0], kwargs=asked[1])
    assert plain(outcome.results if isinstance(answer, dict) else outcome.result) == answer


IN_DOCKER = [case for case in CASES if case[0] != "parquet-wrapper"]
"""The genuine library reads Parquet with pyarrow, which the image has not."""


@pytest.mark.parametrize(
    ("name", "asked", "answer"),
    some(IN_DOCKER, 3),
    ids=[f"{name}-{asked[0]}" for name, asked, _ in IN_DOCKER],
)
def test_a_public_package_runs_in_docker(
    name: str, asked: tuple[str, dict[str, Any]], answer: Any, tmp_path: Path
) -> None:
    project = write(name, tmp_path, genuine_library(), "ENV PYTHONPATH=/app")
    with Sandbox(federation(tables(name, tmp_path)), executor="docker") as box:
        outcome = box.run(project, asked[0], kwargs=asked[1])
    assert plain(outcome.results if isinstance(answer, dict) else outcome.result) == answer
