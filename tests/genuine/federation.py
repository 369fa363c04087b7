"""The federation of these tests: two organizations of the manual, in two collaborations."""

import json
import uuid
from pathlib import Path
from typing import Any

from tests.keys import KEYS
from v6sim.wire.payload import serialize, to_text
from v6sim.world.builtins import builtin_file

PLAIN, SEALED = 1, 2
"""The collaborations' ids; the second one encrypts."""
NORTH, SOUTH = 2, 3
"""The organizations' ids."""
ORGANIZATIONS = {NORTH: "example_org1", SOUTH: "example_org2"}
PARTS = {NORTH: {"sum": 253, "count": 4}, SOUTH: {"sum": 173, "count": 4}}
AVERAGE = {"average": 53.25}
LOGIN = ("researcher", "Researcher-1")
PLACES = [(c, o) for c in (PLAIN, SEALED) for o in ORGANIZATIONS]
API_KEYS = {place: str(uuid.UUID(int=number)) for number, place in enumerate(PLACES, 1)}
"""Keys of nodes, by collaboration and organization."""
GATE = Path(__file__).parent / "algorithms" / "gate"


def node_name(collaboration: int, organization: int) -> str:
    """What a server calls a node."""
    return f"{ORGANIZATIONS[organization]} - collaboration {collaboration} Node"


def manual() -> dict[str, Any]:
    """The manual's own world, as one may write it down anywhere."""
    file = builtin_file("manual")
    assert file is not None
    world: dict[str, Any] = json.loads(file.read_text())
    for participant in world["collaborations"][0]["participants"]:
        of_label = participant["databases"]
        participant["databases"] = {
            label: str(file.parent / place) for label, place in of_label.items()
        }
    return world


def data_of(organization: int) -> Path:
    """A table of an organization."""
    world = builtin_file("manual")
    assert world is not None
    return world.parent / "data" / f"org{organization - 1}.csv"


def key_of(organization: int) -> Path:
    """The private key of an organization."""
    return KEYS[ORGANIZATIONS[organization]]


def description(**fields: Any) -> dict[str, Any]:
    """The federation as a world, which is also what the genuine server imports.

    Args:
        fields: further fields of the user.
    """
    user = {"username": LOGIN[0], "password": LOGIN[1], "firstname": "Rosa", "lastname": "R"}
    return {
        "organizations": [
            {
                "name": name, "domain": f"{name}.example", "address1": "", "address2": "",
                "zipcode": "", "country": "", "public_key": "",
                "users": [{**user, **fields}] if organization == NORTH else [],
            }
            for organization, name in ORGANIZATIONS.items()
        ],
        "collaborations": [
            {
                "name": f"collaboration {collaboration}",
                "encrypted": collaboration == SEALED,
                "participants": [
                    {"name": name, "api_key": API_KEYS[collaboration, organization]}
                    for organization, name in ORGANIZATIONS.items()
                ],
            }
            for collaboration in (PLAIN, SEALED)
        ],
    }  # fmt: skip


def averages(collaboration: int, image: str, key: Path | None = None) -> dict[str, Any]:
    """For the script `tasks.py`: the partial averages of both organizations, then the average."""
    kwargs = {"column_name": "age"}
    common = {"collaboration": collaboration, "image": image}
    return {
        "username": LOGIN[0],
        "password": LOGIN[1],
        "private_key": str(key) if key else None,
        "tasks": [
            {
                **common,
                "organizations": list(ORGANIZATIONS),
                "input": {"method": "average_partial", "master": False, "kwargs": kwargs},
            },
            {
                **common,
                "organizations": [NORTH],
                "input": {"method": "master", "master": True, "kwargs": kwargs},
            },
        ],
    }


def waiting(folder: str, image: str = "gate", organization: int = NORTH) -> dict[str, Any]:
    """The body of a task that waits at a gate in a folder."""
    return gate_task("wait", image, organization, folder=folder)


def gate_task(
    method: str, image: str = "gate", organization: int = NORTH, **kwargs: Any
) -> dict[str, Any]:
    """The body of a task for the algorithm `gate`."""
    given = {"method": method, "output_format": "json", "kwargs": kwargs}
    return {
        "name": "gate",
        "description": "",
        "image": image,
        "collaboration_id": PLAIN,
        "organizations": [{"id": organization, "input": to_text(serialize(given, "json"))}],
    }
