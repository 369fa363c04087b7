"""Whatever anybody sends, the server does not fail, and answers as its OpenAPI document says.

V6SIM_EXAMPLES says how many requests to try for each operation and caller.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case

from tests.fuzz.check import put
from tests.fuzz.document import ROUTES, Operation, cases, operations
from tests.parity.asgi import ask
from tests.properties.players import Players, server

EXAMPLES = int(os.environ.get("V6SIM_EXAMPLES", "6"))
CALLERS = ("root", "ha_res", "node:Harbor Clinic/Cardio", "container", None)
BETWEEN = 40  # requests of a walk until it begins anew


class Play:
    """Requests in the starting world, one after the other, and what came of them.

    A failure is kept and told at the end: asked once more, as hypothesis would do, the same request
    meets another world.
    """

    def __init__(self, examples: int) -> None:
        self.players = Players()
        self.repeatable = settings(
            max_examples=examples, derandomize=True, database=None, deadline=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        self.statuses = Counter[int]()
        self._failures: list[Exception] = []

    def begin(self) -> None:
        """Go back to the starting world."""
        self.players = Players()
        asyncio.run(self.players.begin())

    def put(self, caller: str | None, case: Case[Any]) -> None:
        try:
            self.statuses[put(self.players, caller, case)] += 1
        except Exception as error:
            self._failures.append(error)

    def end(self) -> None:
        if self._failures:
            raise ExceptionGroup("answers that the document does not allow", self._failures)


def described() -> Mapping[str, Operation]:
    answer = asyncio.run(ask(server().app, "GET", "/apispec_1.json", {}, None))
    return operations(answer.content)


@pytest.mark.parametrize("caller", CALLERS, ids=str)
@pytest.mark.parametrize("route", ROUTES)
def test_an_operation_answers_as_described(route: str, caller: str | None) -> None:
    play = Play(EXAMPLES)
    play.begin()

    @play.repeatable
    @given(cases(described()[route]))
    def ask_it(case: Case[Any]) -> None:
        play.put(caller, case)

    ask_it()
    play.end()


def test_operations_answer_as_described_whatever_was_done_before() -> None:
    play = Play(EXAMPLES * 60)

    @play.repeatable
    @given(
        st.just("root") | st.sampled_from(CALLERS),
        st.one_of([cases(operation) for operation in described().values()]),
    )
    def walk(caller: str | None, case: Case[Any]) -> None:
        if play.statuses.total() % BETWEEN == 0:
            play.begin()
        play.put(caller, case)

    walk()
    play.end()
    assert {200, 400, 401, 404} <= play.statuses.keys()
