"""Whatever anybody asks in whatever order: the server keeps its promises.

Where the address of a genuine server is given (V6SIM_GENUINE=http://..., which goes back to the
starting world at POST /_reset), the same requests have to get the same statuses there.
"""

import asyncio
import os
import re
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings

from tests.properties.players import COUNTED, TASK, Players
from tests.properties.requests import SEQUENCES, Asked
from tests.properties.seen import Rows, viewer_of, visible

LISTS = ("task", "organization", "collaboration", "node", "user", "role")
NOTES = {"identity", "job"}  # when somebody was last seen; job numbers, spent on refused tasks too
QUICK = settings(
    max_examples=int(os.environ.get("V6SIM_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def rows_of(players: Players) -> Rows:
    return players.core.store.snapshot()


@QUICK
@given(SEQUENCES)
def test_promises_are_kept_whatever_is_asked(sequence: list[Asked]) -> None:
    async def play() -> None:
        players = Players()
        await players.begin()
        for asked in sequence:
            before = rows_of(players)
            response = await players.play(asked)
            after = rows_of(players)
            assert response.status_code < 500, f"{asked}: {response.text}"
            check_refusal(asked, response, before, after)
            check_ids(players, before, after)
            check_references(after)
            check_list(players, asked, response, before)

    asyncio.run(play())


def check_refusal(asked: Asked, response: httpx.Response, before: Rows, after: Rows) -> None:
    """A refused request, and one that only looks, change nothing but notes nobody can read."""
    if response.status_code >= 400 or asked.method == "GET":
        for table in before.keys() - NOTES:
            assert after[table] == before[table], f"{asked} changed {table}"


def check_ids(players: Players, before: Rows, after: Rows) -> None:
    """Ids count up, and none is ever used twice."""
    for name in COUNTED:
        known = {row["id"] for row in before[name]}
        fresh = [row["id"] for row in after[name] if row["id"] not in known]
        assert all(key > players.highest[name] for key in fresh), name
        players.highest[name] = max([players.highest[name], *fresh])


def check_references(rows: Rows) -> None:
    """Nothing refers to what is gone."""
    ids = {name: {row["id"] for row in table} for name, table in rows.items() if _has_ids(table)}
    for table, column, target in REFERENCES:
        values = {row[column] for row in rows[table]} - {None}
        assert values <= ids.get(target, set()), f"{table}.{column}"


def _has_ids(table: list[dict[str, Any]]) -> bool:
    return bool(table) and "id" in table[0]


REFERENCES = [
    ("user", "id", "identity"), ("node", "id", "identity"),
    ("user", "organization_id", "organization"), ("node", "organization_id", "organization"),
    ("node", "collaboration_id", "collaboration"), ("role", "organization_id", "organization"),
    ("member", "organization_id", "organization"), ("member", "collaboration_id", "collaboration"),
    ("role_rule", "role_id", "role"), ("user_role", "role_id", "role"),
    ("user_role", "user_id", "user"), ("user_rule", "user_id", "user"),
    ("task", "collaboration_id", "collaboration"), ("task", "parent_id", "task"),
    ("task", "init_user_id", "user"), ("task", "initiator_id", "organization"),
    ("run", "task_id", "task"), ("run", "organization_id", "organization"),
    ("port", "run_id", "run"),
]  # fmt: skip


def check_list(players: Players, asked: Asked, response: httpx.Response, rows: Rows) -> None:
    """A list shows what the caller may see: no more, and no less."""
    resource = asked.path.strip("/")
    if asked.method != "GET" or resource not in LISTS or asked.caller is None:
        return
    kind, key = players.identity(asked.caller)
    if not any(row["id"] == key for row in rows["user" if kind == "user" else "node"]):
        return
    expected = visible(rows, viewer_of(rows, kind, key), resource)
    if response.status_code == 200:
        assert {row["id"] for row in response.json()} == expected, str(asked)
    elif expected is not None:  # the caller may see some, but is of a kind that may not ask
        assert kind != "user", str(asked)


if "V6SIM_GENUINE" in os.environ:

    @QUICK
    @given(SEQUENCES)
    def test_the_genuine_server_gives_the_same_statuses(sequence: list[Asked]) -> None:
        with httpx.Client(base_url=os.environ["V6SIM_GENUINE"], timeout=60) as genuine:
            play_both(sequence, genuine)


def play_both(sequence: list[Asked], genuine: httpx.Client) -> None:
    """Ask ours and the genuine server the same; their statuses agree."""
    players = Players()
    genuine.post("/_reset").raise_for_status()
    for asked in [Asked("ha_res", "POST", "/task", TASK), *sequence]:
        ours = asyncio.run(players.play(asked)).status_code
        token = players.token(asked.caller) if asked.caller else None
        answer = genuine.request(
            asked.method,
            f"/api{asked.path}",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            json=asked.body,
        )
        if answer.status_code >= 500 and ours >= 400:
            return  # from here on the two may be in different states
        if not is_declared(asked):
            assert ours == answer.status_code, f"{asked}: {answer.text}"


def is_declared(asked: Asked) -> bool:
    """Whether the two differ here on purpose (docs/fidelity.md)."""
    return bool(re.search("kill/node|role/.*/rule|/port", asked.path))
