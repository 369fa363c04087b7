"""What R's client and its algorithms need of answers, played with their headers and payloads."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads((Path(__file__).parents[1] / "wire" / "serialization.json").read_text())
PAYLOADS = {each["name"]: each["bytes_base64"] for each in VECTORS["of_r"]}
HEADERS = {
    "Accept": "application/json, text/xml, application/xml, */*",
    "Accept-Encoding": "deflate, gzip",
    "User-Agent": "libcurl/7.88.1 r-curl/5.0.0 httr/1.4.5",
}


class R:
    """Asks as R's client does; what it gives is the body, which has to be JSON."""

    def __init__(self, caller: Any, token: str = "") -> None:
        self._caller, self.token = caller, token
        self.tokens: dict[str, str] = {}

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        headers = {**HEADERS, "Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body)
        answer = await self._caller.ask(method, path, content=content, headers=headers)
        assert answer.status_code in (200, 201, 202), answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    async def set_collaboration(self, key: int) -> list[int]:
        """Look at a collaboration and the keys of its organizations; their ids."""
        collaboration = await self("GET", f"/collaboration/{key}")
        assert collaboration["encrypted"] is False
        ids = [each["id"] for each in collaboration["organizations"]]
        for each in ids:
            organization = await self("GET", f"/organization/{each}")
            base64.b64decode(organization["public_key"], validate=True)
        return ids

    async def send(self, ids: list[int], text: str, *, master: bool = False) -> Any:
        """Send a task in R's way: without a database, and with a word on whether it is a master."""
        body = {
            "name": "R task", "image": "r/image", "master": master, "collaboration_id": 1,
            "organizations": [{"id": key, "input": text} for key in ids], "description": "",
        }  # fmt: skip
        return await self("POST", "/task", body)


@pytest.fixture
async def r(calling) -> R:
    """R's client, logged in."""
    session = R(await calling())
    login = {"username": "researcher", "password": "Researcher-1"}
    tokens = await session("POST", "/token/user", login)
    session.token = tokens["access_token"]
    session.tokens = tokens
    return session


async def test_its_client_finds_its_collaborations_by_the_paths_of_answers(r) -> None:
    assert isinstance((await r("GET", "/version"))["version"], str)
    user = await r("GET", f"http://localhost{r.tokens['user_url']}")
    assert type(user["organization"]["id"]) is int
    [own] = (await r("GET", f"/organization/{user['organization']['id']}"))["collaborations"]
    collaboration = await r("GET", f"http://localhost{own['link']}")
    assert collaboration["name"] == "example_collab1"
    assert await r.set_collaboration(own["id"]) == [2, 3, 4]


async def test_its_client_refreshes_its_token_without_a_body(r) -> None:
    r.token = r.tokens["refresh_token"]
    refreshed = await r("POST", f"http://localhost{r.tokens['refresh_url']}")
    r.token = refreshed["access_token"]
    assert await r.set_collaboration(1) == [2, 3, 4]


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_its_payloads_pass_through_unchanged(r, calling, payload) -> None:
    task = await r.send([2, 3], payload)
    assert type(task["id"]) is int
    assert (await r("GET", f"/task/{task['id']}"))["complete"] is False
    for number in (1, 2):
        node = await calling(node=number)
        [run] = await node("GET", f"/result?state=open&include=task&node_id={7 + number}")
        assert run["input"] == payload
        done = {"result": payload, "status": "completed", "finished_at": "2026-01-01T10:00:00.1"}
        await node("PATCH", f"/result/{run['id']}", done)
    assert (await r("GET", f"/task/{task['id']}"))["complete"] is True
    rows = await r("GET", f"/task/{task['id']}/result")
    assert [(row["organization"], row["result"]) for row in rows] == [
        (2, payload),
        (3, payload),
    ]
    assert all({"node", "log"} <= row.keys() for row in rows)


async def test_its_master_asks_as_its_client_does_with_the_token_of_a_container(r, calling) -> None:
    task = await r.send([2], PAYLOADS["rds_legacy"], master=True)
    node = await calling(node=1)
    asked = {"task_id": task["id"], "image": "r/image"}
    token = (await node("POST", "/token/container", asked))["container_token"]
    middle = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert claims["sub"]["collaboration_id"] == 1
    master = R(await calling(), token)
    ids = await master.set_collaboration(claims["sub"]["collaboration_id"])
    subtask = await master.send(ids, PAYLOADS["rds_legacy"])
    assert subtask["parent"]["id"] == task["id"]
    assert (await master("GET", f"/task/{subtask['id']}"))["complete"] is False
    assert await master("GET", f"/task/{subtask['id']}/result")
