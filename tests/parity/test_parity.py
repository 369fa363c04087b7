"""Our answers against recorded ones of the genuine server 3.7.3, scenario by scenario."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.databases import new_database
from tests.parity.comparable import Json, canonical
from tests.parity.player import HERE, Player, Step
from v6sim.server.app import Server
from v6sim.server.control.reset import reset
from v6sim.server.settings import Settings
from v6sim.world import World

SCENARIOS = sorted((HERE / "scenarios").glob("*.json"))
DIFFERENCES = json.loads((HERE / "differences.json").read_text())
CLIP = 300


@cache
def server() -> Server:
    """One server for all scenarios; it is reset before each."""
    world = World.load(HERE / "world.json")
    return Server(Settings.of(world.settings, hold_seconds=0, database_url=new_database()), world)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # a forged token
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_a_scenario_is_answered_as_by_the_genuine_server(path: Path) -> None:
    recorded = json.loads((HERE / "recordings" / path.name).read_text())
    reset(server().core)
    differences = []
    player = Player(server().app, json.loads(path.read_text()))
    number = 0
    async for step, answer in player.answers():
        genuine = {key: value for key, value in recorded[number].items() if key != "step"}
        assert recorded[number]["step"] == step.label
        number += 1
        found = list(_differences(genuine, answer))
        if found and not _is_declared(path.stem, step):
            differences += [step.label, *(f"    {line}" for line in found)]
    assert number == len(recorded)
    assert not differences, "\n".join(differences)


def _differences(genuine: dict[str, Json], ours: dict[str, Json]) -> Iterator[str]:
    if "problem" in ours:
        yield f"cannot be played: {ours['problem']}"
    elif ours["status"] >= 500 and ours["status"] != genuine["status"]:
        yield f"genuine {genuine['status']}, ours fails with {ours['status']}"
    elif genuine["status"] >= 500 and ours["status"] >= 400:
        return  # the genuine server broke down: any refusal will do
    elif genuine["type"] != "application/json":
        if genuine["status"] != ours["status"]:
            yield f"status: genuine {genuine['status']}, ours {ours['status']}"
    else:
        yield from _walk("answer", genuine, ours)


def _walk(path: str, genuine: Json, ours: Json) -> Iterator[str]:
    if isinstance(genuine, dict) and isinstance(ours, dict):
        for key in sorted(genuine.keys() | ours.keys()):
            if key not in ours or key not in genuine:
                yield f"{path}.{key}: only {'genuine' if key in genuine else 'ours'} has it"
            else:
                yield from _walk(f"{path}.{key}", genuine[key], ours[key])
    elif isinstance(genuine, list) and isinstance(ours, list) and len(genuine) == len(ours):
        for number, pair in enumerate(zip(genuine, ours, strict=True)):
            yield from _walk(f"{path}[{number}]", *pair)
    elif canonical(genuine) != canonical(ours):
        yield f"{path}: genuine {canonical(genuine)[:CLIP]}, ours {canonical(ours)[:CLIP]}"


def _is_declared(scenario: str, step: Step) -> bool:
    parts = [
        step.label,
        *(canonical(step.data[key]) for key in ("query", "body") if key in step.data),
    ]
    text = " ".join(parts)
    return any(
        re.fullmatch(entry.get("scenario", ".*"), scenario) and re.search(entry["step"], text)
        for entry in DIFFERENCES
    )
