"""Components that a test may lack: skipped with a word on how to get them, or failed in CI."""

import os
from typing import NoReturn

import pytest


def lacking(what: str, command: str) -> NoReturn:
    """Say that a component is missing; under V6SIM_CI=1 that is a failure.

    Args:
        what: the component.
        command: what provides it.
    """
    text = f"{what} is missing: `{command}` provides it"
    if os.environ.get("V6SIM_CI"):
        pytest.fail(text)
    pytest.skip(text)
