"""Many like cases: `make test` plays some of them, and `make full` all."""

from collections.abc import Iterable
from typing import Any

import pytest


def some(cases: Iterable[Any], each: int) -> list[Any]:
    """Return cases as parameters, of which only some are not marked as wide.

    Args:
        cases: the cases, such as names, or tuples of arguments.
        each: of how many one is played by `make test` too, the first one included.
    """
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=() if number % each == 0 else pytest.mark.wide,
        )
        for number, case in enumerate(cases)
    ]
