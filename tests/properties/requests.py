"""Random requests by random callers, as hypothesis strategies."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

USERS = (
    "root", "ha_collab", "ha_admin", "ha_res", "ha_view", "ha_none", "ha_taskmake", "ha_nodes",
    "ha_roles", "me_admin", "me_res", "su_admin", "su_collab", "la_res", "is_admin",
)  # fmt: skip
NODES = ("Harbor Clinic/Cardio", "Meadow Hospital/Onco", "Lakeside Registry/Rare")
CALLERS = (*USERS, *(f"node:{name}" for name in NODES), "container", None)

IDS = st.integers(1, 9) | st.integers(35, 48) | st.sampled_from([0, 99])
TEXTS = st.sampled_from(["a", "b", "Viewer", "Root", "x y", "", "ü✓"])
ODD = st.none() | st.booleans() | st.lists(st.integers(), max_size=1) | st.just({"a": 1})


@dataclass(frozen=True)
class Asked:
    """A request by somebody."""

    caller: str | None
    method: str
    path: str
    body: Any = None

    def __str__(self) -> str:
        return f"{self.caller}: {self.method} {self.path} {self.body}"


def _fields(required: dict[str, Any], **optional: Any) -> Any:
    """A body: its fields mostly of the right kind, now and then of an odd one."""
    some = {name: strategy | ODD for name, strategy in {**required, **optional}.items()}
    good = st.fixed_dictionaries(required, optional=optional)
    return st.one_of(good, good, good, st.fixed_dictionaries({}, optional=some))


_ORDER = st.fixed_dictionaries({"id": IDS, "input": st.just("aW4=")})
_TIME = st.sampled_from(["2023-01-01T10:00:00.000000", "2023-01-01", ""])
BODIES: dict[str, Any] = {
    "POST /organization": _fields({"name": TEXTS}, country=TEXTS, public_key=st.just("cHVi")),
    "PATCH /organization/{}": _fields({}, name=TEXTS, domain=TEXTS),
    "POST /collaboration": _fields(
        {"name": TEXTS, "organization_ids": st.lists(IDS, min_size=1, max_size=3)},
        encrypted=st.integers(0, 1),
    ),
    "PATCH /collaboration/{}": _fields(
        {}, name=TEXTS, organization_ids=st.lists(IDS, max_size=3), encrypted=st.booleans()
    ),
    "POST /collaboration/{}/organization": _fields({"id": IDS}),
    "DELETE /collaboration/{}/organization": _fields({"id": IDS}),
    "POST /collaboration/{}/node": _fields({"id": IDS}),
    "DELETE /collaboration/{}/node": _fields({"id": IDS}),
    "POST /node": _fields({"collaboration_id": IDS}, organization_id=IDS, name=TEXTS),
    "PATCH /node/{}": _fields({}, name=TEXTS, organization_id=IDS, collaboration_id=IDS),
    "POST /role": _fields(
        {"name": TEXTS, "description": TEXTS},
        rules=st.lists(st.integers(1, 54), max_size=3), organization_id=IDS,
    ),
    "PATCH /role/{}": _fields({}, name=TEXTS, rules=st.lists(st.integers(1, 54), max_size=3)),
    "POST /user": _fields(
        {
            "username": TEXTS, "firstname": TEXTS, "lastname": TEXTS, "email": TEXTS,
            "password": st.just("Str0ng-pass!"),
        },
        organization_id=IDS, roles=st.lists(IDS, max_size=2),
        rules=st.lists(st.integers(1, 54), max_size=2),
    ),
    "PATCH /user/{}": _fields(
        {}, firstname=TEXTS, organization_id=IDS, roles=st.lists(IDS, max_size=2),
        rules=st.lists(st.integers(1, 54), max_size=2),
    ),
    "POST /task": _fields(
        {"collaboration_id": st.integers(1, 4), "organizations": st.lists(_ORDER, max_size=3)},
        name=TEXTS, image=st.sampled_from(["algo/one", "other"]), master=st.booleans(),
    ),
    "PATCH /result/{}": _fields(
        {}, status=st.sampled_from(["active", "completed", "crashed"]), finished_at=_TIME,
        result=TEXTS, log=TEXTS,
    ),
    "POST /port": _fields({"port": st.integers(1, 9), "result_id": IDS}, label=TEXTS),
    "POST /kill/task": _fields({"id": IDS}),
    "POST /kill/node/tasks": _fields({"id": IDS}),
    "POST /recover/node": _fields({"id": IDS}),
    "POST /token/container": _fields({"task_id": IDS, "image": st.just("algo/one")}),
}  # fmt: skip
BARE = (
    *(f"GET /{kind}{rest}" for kind in ("organization", "collaboration", "node", "role", "rule",
                                        "user", "task", "result", "port") for rest in ("", "/{}")),
    "GET /organization/{}/collaboration", "GET /organization/{}/node", "GET /task/{}/result",
    "GET /collaboration/{}/organization", "GET /collaboration/{}/node", "GET /role/{}/rule",
    "GET /collaboration/{}/task", "DELETE /collaboration/{}", "DELETE /node/{}",
    "DELETE /role/{}", "DELETE /user/{}", "DELETE /task/{}", "DELETE /port?result_id={}",
    "POST /role/{}/rule/{}", "DELETE /role/{}/rule/{}",
)  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    """A request: whoever, whatever, about anything."""
    route = draw(st.sampled_from(BARE) | st.sampled_from(sorted(BODIES)))
    method, path = route.split(" ", 1)
    while "{}" in path:
        path = path.replace("{}", str(draw(IDS)), 1)
    body = draw(BODIES[route]) if route in BODIES else None
    return Asked(draw(st.sampled_from(CALLERS)), method, path, body)


SEQUENCES = st.lists(requests(), min_size=5, max_size=30)
