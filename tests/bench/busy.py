"""A busy server: twenty users poll and fifty nodes are connected while a hundred tasks run.

Run as a script it is the users: it reads `Users` from standard input as JSON, and prints what they
saw.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.bench.figures import Figures
from tests.bench.load import Answers
from tests.bench.programs import process
from tests.bench.running import IMAGE
from v6sim import tls
from v6sim.wire import payload

NODES, USERS, TASKS = 50, 20, 100
AT_ONCE = 3  # organizations of a task
PAUSE = 1.0  # seconds between two looks at a task, as of the genuine client
GIVEN = {"method": "average_partial", "kwargs": {"column_name": "age"}}


@dataclass(frozen=True)
class Users:
    """Who polls.

    Args:
        url: of the API.
        names: their names, which are their passwords too.
        organizations: ids of the organizations, by position.
    """

    url: str
    names: list[str]
    organizations: list[int]


@dataclass
class Seen:
    """What they saw.

    Args:
        durations: how long each answer took, in seconds.
        right: how many tasks completed with the right results.
        wrong: what else came of tasks.
        elapsed: how long all of it took.
    """

    durations: list[float] = field(default_factory=list)
    right: int = 0
    wrong: list[Any] = field(default_factory=list)
    elapsed: float = 0


def busy(figures: Figures) -> None:
    """How long answers take meanwhile, and whether all results are right."""
    for executor in ("inline", "process"):
        with tempfile.TemporaryDirectory() as folder:
            world = _world(Path(folder))
            options = ("--world", str(world), "--port", "0", "--executor", executor)
            # polls are answered at once, so that what is held back on purpose does not count
            with process("up", *options, V6SIM_HOLD_SECONDS="0") as (_, address, _):
                ids = list(range(2, NODES + 2))
                seen = _let_loose(Users(address, [_user(n) for n in range(USERS)], ids))
        assert (seen.right, seen.wrong) == (TASKS, []), seen.wrong[:3]
        answers = Answers(seen.durations, seen.elapsed)
        name = f"polls while {TASKS} tasks run at {NODES} nodes, {executor}"
        figures.rate(name, USERS, answers, most=0.1)
        figures.other(f"{TASKS} tasks, {executor}", f"all right, in {seen.elapsed:.1f} s")


def _user(number: int) -> str:
    return f"User-{number}"


def _values(place: int) -> list[int]:
    return [place, place + 1, 40]


def _world(folder: Path) -> Path:
    """A world file with its data."""
    users = [
        {"username": _user(n), "password": _user(n), "roles": ["Researcher"]} for n in range(USERS)
    ]
    for place in range(NODES):
        rows = "\n".join(map(str, _values(place)))
        (folder / f"{place}.csv").write_text(f"age\n{rows}\n")
    path = folder / "world.json"
    world = {
        "organizations": [{"name": f"o{n}", "users": [] if n else users} for n in range(NODES)],
        "collaborations": [
            {
                "name": "all", "encrypted": False,
                "participants": [
                    {"name": f"o{n}", "databases": {"default": f"{n}.csv"}} for n in range(NODES)
                ],
            }
        ],
    }  # fmt: skip
    path.write_text(json.dumps(world))
    return path


def _let_loose(users: Users) -> Seen:
    """The users in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.busy"], input=json.dumps(asdict(users)),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return Seen(**json.loads(done.stdout))


async def _work(users: Users) -> Seen:
    """All users at once, each with its share of the tasks."""
    seen, started = Seen(), time.perf_counter()
    share = TASKS // len(users.names)
    await asyncio.gather(
        *(
            _user_works(users, name, range(place * share, (place + 1) * share), seen)
            for place, name in enumerate(users.names)
        )
    )
    seen.elapsed = time.perf_counter() - started
    return seen


async def _user_works(users: Users, name: str, numbers: range, seen: Seen) -> None:
    async with httpx.AsyncClient(
        base_url=users.url, trust_env=False, timeout=60, verify=tls.context()
    ) as http:

        async def ask(method: str, path: str, body: Any = None) -> Any:
            begun = time.perf_counter()
            answer = await http.request(method, path, json=body)
            seen.durations.append(time.perf_counter() - begun)
            return answer.raise_for_status().json()

        tokens = await ask("POST", "/token/user", {"username": name, "password": name})
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        for number in numbers:
            places = [(number * AT_ONCE + each) % NODES for each in range(AT_ONCE)]
            given = payload.to_text(payload.serialize(GIVEN))
            task = await ask("POST", "/task", {
                "name": name, "image": IMAGE, "collaboration_id": 1,
                "organizations": [
                    {"id": users.organizations[place], "input": given} for place in places
                ],
            })  # fmt: skip
            while not (await ask("GET", f"/task/{task['id']}"))["complete"]:  # noqa: ASYNC110
                await asyncio.sleep(PAUSE)
            rows = await ask("GET", f"/task/{task['id']}/result")
            _compare(rows, {users.organizations[place]: _values(place) for place in places}, seen)


def _compare(rows: list[Any], expected: dict[int, list[int]], seen: Seen) -> None:
    """Whether a task gave at each organization what its rows give."""
    wanted = {key: {"sum": sum(rows), "count": len(rows)} for key, rows in expected.items()}
    given = {
        row["organization"]: payload.read(payload.to_bytes(row["result"] or "")) for row in rows
    }
    if given == wanted:
        seen.right += 1
    else:
        seen.wrong.append([repr(given), [row["log"] for row in rows]])


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_work(Users(**json.load(sys.stdin))))), sys.stdout)
