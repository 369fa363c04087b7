"""What nodes tell of the environment of their runs."""

import httpx
import pytest

from tests.conftest import task_body
from v6sim.server.control.reset import reset
from v6sim.server.environments import Environments
from v6sim.server.events import Events, WorldReset

PATH = "http://localhost/_v6sim/runs/1/environment"


def test_only_the_last_thousand_runs_are_kept_and_none_over_a_reset() -> None:
    events = Events()
    environments = Environments(events)
    for run in range(1, 1102):
        environments.note(run, {"RUN": str(run)})
    assert environments.of(101) is None
    assert environments.of(102) == {"RUN": "102"}
    events.publish(WorldReset())
    assert environments.of(1101) is None


async def test_a_node_tells_of_its_own_runs_alone(calling, server) -> None:
    researcher, own, other = (
        await calling("researcher"), await calling(node=1), await calling(node=2)
    )  # fmt: skip
    body = {"variables": {"LEVEL": "3"}}
    assert (await own.ask("POST", PATH, body)).status_code == 404
    await researcher("POST", "/task", task_body(2))
    for stranger in (other, researcher):
        assert (await stranger.ask("POST", PATH, body)).status_code == 401
    assert server.core.environments.of(1) is None
    assert (await own.ask("POST", PATH, body)).status_code == 204
    assert server.core.environments.of(1) == {"LEVEL": "3"}
    reset(server.core)
    assert server.core.environments.of(1) is None


async def test_nodes_tell_of_their_runs_from_other_machines_too(calling, make_server) -> None:
    for control, status in ((True, 204), (False, 401)):
        server = make_server(control=control, allowed_hosts=["server"])
        node = await calling(node=1, to=server)
        await (await calling("researcher", to=server))("POST", "/task", task_body(2))
        transport = httpx.ASGITransport(server.app, client=("192.0.2.7", 9))
        async with httpx.AsyncClient(transport=transport, headers=node.http.headers) as http:
            for path, body in (
                ("environment", {"variables": {}}), ("log", {"text": "x", "offset": 0})
            ):  # fmt: skip
                answer = await http.post(f"http://server:5000/_v6sim/runs/1/{path}", json=body)
                assert answer.status_code == status
            assert (await http.get("http://server:5000/_v6sim/journal")).status_code == 401


@pytest.mark.parametrize(
    "variables",
    [
        None,
        "LEVEL=3",
        ["LEVEL"],
        {"LEVEL": 3},
        {"LEVEL": "3" * 10_001},
        dict.fromkeys(map(str, range(1001)), ""),
        dict.fromkeys(map(str, range(101)), "3" * 9_999),
        {"L" * 1_000_001: ""},
    ],
    ids=["none", "a text", "a list", "a number", "a long one", "many", "long", "a long name"],
)
async def test_what_is_no_environment_is_refused(calling, server, variables) -> None:
    await (await calling("researcher"))("POST", "/task", task_body(2))
    answer = await (await calling(node=1)).ask("POST", PATH, {"variables": variables})
    assert answer.status_code == 400
    assert "'variables' has to be an object" in answer.json()["msg"]
    assert server.core.environments.of(1) is None
