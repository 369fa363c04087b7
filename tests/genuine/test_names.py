"""What stands in for the libraries that algorithms import has what the genuine ones have."""

import inspect
from typing import Any

import pytest

from tests.genuine.conftest import Play
from v6sim.node.executors.inside.contents import ALL, GENUINE, OF_MODULES


@pytest.fixture
def genuine(play: Play) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = play("names.py")
    assert "docker_wrapper" in found["vantage6.tools.docker_wrapper"]
    return found


def is_left_out(module: str) -> bool:
    return any(
        ALL in names and (module == part or module.startswith(part + "."))
        for part, names in GENUINE.items()
    )


def test_whatever_the_genuine_library_has_stands_in_or_is_left_out_by_name(
    genuine: dict[str, dict[str, Any]],
) -> None:
    lacking = {
        f"{module}.{name}"
        for module, names in genuine.items()
        if not is_left_out(module)
        for name in set(names)
        - set(OF_MODULES[module]() if module in OF_MODULES else ())
        - set(GENUINE.get(module, ()))
    }
    assert lacking == set()


def test_nothing_is_left_out_that_stands_in() -> None:
    for module, names in GENUINE.items():
        assert not set(names) & set(OF_MODULES.get(module, dict)())
        assert ALL not in names or not any(map(is_left_out, OF_MODULES))


def test_constants_are_the_same_and_functions_take_the_same(
    genuine: dict[str, dict[str, Any]],
) -> None:
    for module, names in genuine.items():
        ours = OF_MODULES.get(module, dict)()
        for name in set(names) & set(ours):
            expected, value = names[name], ours[name]
            if isinstance(expected, dict):  # versions have added some
                members = {key: member.value for key, member in value.__members__.items()}
                assert expected.items() <= members.items(), name
            elif inspect.isfunction(value):
                assert set(expected) <= set(inspect.signature(value).parameters), (module, name)
            elif isinstance(value, str | int | list):
                assert value == expected, (module, name)
