"""The worlds and algorithms that come with v6sim."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from v6sim.world import DEFAULT_ROLES, World, builtin_algorithms, builtin_worlds

AGES = {"example_org1": 253, "example_org2": 173, "example_org3": 213}


def rows(file: str) -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def manual() -> World:
    return World.load("manual")


def test_there_are_two_built_in_worlds() -> None:
    assert builtin_worlds() == ["empty", "manual"]


def test_the_empty_world_holds_only_what_the_server_makes() -> None:
    world = World.load("empty")
    assert (world.organizations, world.collaborations) == ([], [])


def test_the_manuals_world_has_its_organizations_in_the_order_of_their_ids(manual: World) -> None:
    assert [each.name for each in manual.organizations] == list(AGES)


def test_the_manuals_world_has_one_collaboration_with_a_node_for_each(manual: World) -> None:
    (collaboration,) = manual.collaborations
    assert (collaboration.name, collaboration.encrypted) == ("example_collab1", False)
    assert [each.name for each in collaboration.participants] == list(AGES)
    assert all(each.has_node for each in collaboration.participants)


def test_the_manuals_figures_follow_from_its_data(manual: World) -> None:
    ages = {
        each.name: [int(row["age"]) for row in rows(each.databases["default"])]
        for each in manual.collaborations[0].participants
    }
    assert {name: (sum(each), len(each)) for name, each in ages.items()} == {
        name: (total, 4) for name, total in AGES.items()
    }
    everybody = [age for each in ages.values() for age in each]
    assert sum(everybody) / len(everybody) == 53.25


def test_the_manuals_other_database_differs_but_has_ages_too(manual: World) -> None:
    for each in manual.collaborations[0].participants:
        first, second = rows(each.databases["default"]), rows(each.databases["my_other_database"])
        assert set(first[0]) & set(second[0]) == {"age"}
        assert sum(int(row["age"]) for row in second) != sum(int(row["age"]) for row in first)


def test_the_manuals_data_have_dates_texts_and_missing_values(manual: World) -> None:
    for each in manual.collaborations[0].participants:
        for file in each.databases.values():
            values = [value for row in rows(file) for value in row.values()]
            assert "" in values
            assert any(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in values)
            assert any(value.isalpha() for value in values)


def test_the_manuals_world_has_users_for_the_roles_that_people_try(manual: World) -> None:
    users = [user for each in manual.organizations for user in each.users]
    assert {role for user in users for role in user.roles} == {
        role for role in DEFAULT_ROLES if role not in ("Root", "container", "node")
    }


def test_passwords_of_built_in_users_satisfy_the_servers_rules(manual: World) -> None:
    for user in (user for each in manual.organizations for user in each.users):
        password = user.password or ""
        assert len(password) >= 8
        assert all(re.search(kind, password) for kind in ("[0-9]", "[A-Z]", "[a-z]", r"\W"))


def test_built_in_algorithms_are_packages_at_hand() -> None:
    assert list(builtin_algorithms()) == [
        "harbor2.vantage6.ai/demo/average",
        "harbor2.vantage6.ai/demo/summary",
    ]
    for algorithm in builtin_algorithms().values():
        assert (Path(str(algorithm.package)) / f"{algorithm.module}" / "__init__.py").is_file()
        assert (Path(str(algorithm.package)) / "Dockerfile").is_file()


def test_worlds_are_imported_without_what_only_files_need() -> None:
    code = "import sys, v6sim.world; print({'yaml', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
