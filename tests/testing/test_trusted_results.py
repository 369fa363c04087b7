"""Results of an algorithm's own types: placeholders, or loaded by a process that knows them."""

import collections
import datetime as dt
import functools
import json
import os
import pickle
import sys
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import psutil
import pytest

from v6sim import ForeignObject, Sandbox
from v6sim.node.errors import NoPackage
from v6sim.sandbox import WrongArgument
from v6sim.sandbox.trusted_results import TrustedResults
from v6sim.testing import differences
from v6sim.views import RunView, TaskView
from v6sim.wire.limits import UnreadablePayload, to_use
from v6sim.wire.payload import read, serialize, to_text
from v6sim.wire.plain import plain
from v6sim.wire.printing import as_json
from v6sim.world import Algorithm

ALGORITHM = '''
import collections, dataclasses, enum, os, subprocess, sys, time
import pandas as pd

print("imported")

class Colour(enum.Enum):
    RED = 1

@dataclasses.dataclass
class Fit:
    slope: float
    colour: Colour

Range = collections.namedtuple("Range", "low high")

class Slots:
    __slots__ = ("a", "__b")
    def __init__(self):
        self.a = self.__b = 1

class Tree:
    def __init__(self):
        self.me = self

class Slow:
    def __reduce__(self):
        return sleep, ()

def sleep():
    children()
    time.sleep(600)

class Parent:
    def __reduce__(self):
        return children, ()

def children():
    """A child that stays, in a session of its own, with output of its own."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                             start_new_session=True)
    with open(os.path.join(os.path.dirname(__file__), "child"), "w") as file:
        file.write(str(child.pid))
    return child.pid

class Dies:
    def __reduce__(self):
        return os.abort, ()

class Raises:
    def __reduce__(self):
        return int, ("no number",)

class Many:
    def __reduce__(self):
        return list, (range(1_000_000),)

class Rows(list):
    pass

class Entries(dict):
    pass

class Named:
    def __getnewargs_ex__(self):
        return (), {"a": 1}
    def __new__(cls, a):
        return object.__new__(cls)

class Stateful:
    def __init__(self, number):
        pass
    def __reduce__(self):
        return Stateful, (1,), (1, 2)
    def __setstate__(self, state):
        pass

class Silent:
    def __init__(self):
        self.more = 1
    def __repr__(self):
        raise ValueError("no repr")

def make_rows():
    rows = Rows([1, 2])
    rows.more = 3
    return rows

def make_entries():
    return Entries(a=1)

def make_named():
    return Named(a=1)

def make_stateful():
    return Stateful(1)

def make_silent():
    one = Silent()
    return {"a": 1, "silent": [one, (one,)], "fit": Fit(0.5, one), "long": 10**5000, one: 2}

KINDS = {each.__name__: each for each in (Slow, Parent, Dies, Raises, Many)}

def RPC_model(data):
    return {
        "rows": len(data), "fit": Fit(0.5, Colour.RED), "range": Range(1, 2), "slots": Slots(),
        "tree": Tree(), "span": pd.Timedelta(days=3), "type": Fit,
        "table": pd.DataFrame({"a": [1.5, None]}), "by": {Colour.RED: 1},
    }

def RPC_of(data, kind):
    return {"rows": len(data), "it": KINDS[kind]()}
'''


def object_of(type_: str, **fields: Any) -> Any:
    return {"Object": {"type": type_, "module": "own_types", "fields": fields}}


LOADED = {
    "rows": 4,
    "fit": object_of("Fit", slope=0.5, colour=object_of("Colour", name="RED", value=1)),
    "range": object_of("Range", low=1, high=2),
    "slots": object_of("Slots", a=1, _Slots__b=1),
    "tree": object_of("Tree", me="(the Tree again)"),
    "span": "P3DT0H0M0S",
    "type": object_of("Fit"),
    "table": {"a": {"0": 1.5, "1": None}},
    "by": {"Colour.RED": 1},
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("of") / "own_types"
    folder.mkdir()
    (folder / "__init__.py").write_text(ALGORITHM)
    return folder


@pytest.fixture(scope="module", params=["inline", "process"])
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox("manual", executor=request.param) as made:
        yield made


def run(box: Sandbox, package: Path, method: str = "model", **options: Any) -> Any:
    return box.run(package, method, organizations=["example_org1"], **options)


def test_an_object_withholds_nothing_else(box: Sandbox, package: Path) -> None:
    found = run(box, package).result
    assert found["rows"] == 4
    assert found["span"].days == 3
    assert list(found["table"]) == ["a"]
    assert isinstance(found["fit"], ForeignObject)
    assert found["fit"].fields["slope"] == 0.5
    assert found["fit"].fields["colour"].type == "Colour"
    assert differences(found, found)
    with pytest.raises(TypeError, match="trust_results=True"):
        _ = found["fit"].slope


def test_trusted_results_show_the_fields_of_objects(box: Sandbox, package: Path) -> None:
    outcome = run(box, package, trust_results=True)
    assert outcome.result == LOADED
    [view] = outcome.task.runs
    assert "'slope': 0.5" in view.print().text
    assert '"slope": 0.5' in view.print(as_json).text


def test_a_trusted_result_is_printed_as_python_does(package: Path) -> None:
    loaded = loader(package).load(pickled("own_types", "Colour", b"K\x01"))
    assert loaded.text == "<Colour.RED: 1>"
    assert loaded.value == object_of("Colour", name="RED", value=1)


def pickled(module: str, name: str, args: bytes = b"") -> bytes:
    """A pickle of a call of something by its name."""
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + b"(" + args + b"tR."


def loader(package: Path, seconds: float = 60, values: int | None = None) -> TrustedResults:
    algorithms = {"image": Algorithm(package=str(package))}
    return TrustedResults("image", algorithms, to_use(values), seconds)


FIELDS_OF_RECORDS = [("a", int), ("b", float)]
VALUES: dict[str, Any] = {
    "NA": pd.NA, "NaT": pd.NaT, "timestamp": pd.Timestamp("2020-01-02", tz="Europe/Amsterdam"),
    "period": pd.Period("2020-01", "M"), "interval": pd.Interval(1, 2),
    "span": pd.Timedelta(days=1), "offset": pd.offsets.MonthEnd(),
    "categories": pd.Categorical(["a", None]), "integers": pd.array([1, None], dtype="Int64"),
    "texts": pd.array(["a", None], dtype="string"), "flags": pd.array([True, None], "boolean"),
    "sparse": pd.arrays.SparseArray([0, 1]), "spans": pd.to_timedelta([1, None]),
    "days": pd.date_range("2020-01-01", periods=2), "months": pd.period_range("2020", periods=1),
    "intervals": pd.interval_range(0, 2), "levels": pd.MultiIndex.from_tuples([(1, "a")]),
    "column": pd.Series([1.5, None], index=["a", "b"]),
    "table": pd.DataFrame({"a": [1, None], 1: ["x", pd.NaT]}),
    "half": np.float16(1.5), "long": np.longdouble(1.5), "no_number": np.float64("nan"),
    "byte": np.int8(3), "flag": np.bool_(True), "complex64": np.complex64(1 + 2j),
    "day": np.datetime64("2020-01-02"), "nanoseconds": np.datetime64("2020-01-02", "ns"),
    "seconds": np.timedelta64(3, "s"), "span_of_nanoseconds": np.timedelta64(3, "ns"),
    "no_day": np.datetime64("NaT"), "text": np.str_("x"), "some_bytes": np.bytes_(b"x"),
    "void": np.void(b"ab"), "records": np.array([(1, 2.5)], FIELDS_OF_RECORDS),
    "record": np.array([(1, 2.5)], FIELDS_OF_RECORDS)[0], "matrix": np.arange(2).view(np.matrix),
    "masked": np.ma.masked_array([1, 2, 3], [False, True, False]), "point": np.array(3),
    "point_of_time": np.array("2020-01-01", "M8[ns]"), "no_object": np.array(None, dtype=object),
    "times": np.array(["2020-01-01"], "M8[ns]"), "rows": np.arange(4).reshape(2, 2),
    "objects": np.array([1, "a", None], dtype=object), "long_ones": np.array([1.5], np.longdouble),
    "complexes": np.array([1j]), "empty": np.empty((2, 0)), "voids": np.array([b"ab"], "V2"),
    "ellipsis": Ellipsis, "not_implemented": NotImplemented, "range": range(3),
    "slice": slice(1, None), "bytes": b"x\xff", "bytearray": bytearray(b"x"), "complex": 1 + 2j,
    "infinite": float("inf"), "set": {1}, "frozenset": frozenset({2}), "tuple": (1,),
    "deque": collections.deque([1]), "ordered": collections.OrderedDict(a=1),
    "default": collections.defaultdict(list, {1: [2]}), "counter": collections.Counter("aab"),
    "date": dt.date(2020, 1, 2), "time": dt.time(1, 2), "delta": dt.timedelta(3, 5),
    "moment": dt.datetime(2020, 1, 2, tzinfo=ZoneInfo("Europe/Amsterdam")), "utc": dt.UTC,
    "zone": ZoneInfo("Europe/Amsterdam"), "fraction": Fraction(1, 3), "decimal": Decimal("1.50"),
    "uuid": uuid.UUID(int=3), "safe": uuid.SafeUUID.unknown, "path": Path("a/b"),
    "long_integer": 10**400,
    "keys": {
        (1, "a"): 1, None: 2, 1.5: 3, b"x": 4, pd.Timestamp("2020-01-01"): 5, pd.NaT: 6,
        np.int64(3): 7, True: 8, frozenset({4}): 9, pd.Interval(1, 2): 10, np.float32(0.1): 11,
        Decimal(2): 12,
    },
    "within": [pd.NA, {"b": (np.float64(2.5), np.ma.masked_array([1.5], [True]))}],
}  # fmt: skip


def test_what_is_shown_without_trust_is_the_same_with_it(package: Path) -> None:
    trusted = loader(package).load(pickle.dumps(VALUES)).value
    assert trusted == {name: plain(read(pickle.dumps(VALUES[name]))) for name in VALUES}


def trusting(value: Any) -> Any:
    """The plain form of a placeholder, as it is of what was loaded."""
    if isinstance(value, dict):
        value = {name: trusting(part) for name, part in value.items()}
        return {"Object": value["ForeignObject"]} if "ForeignObject" in value else value
    return list(map(trusting, value)) if isinstance(value, list) else value


def test_an_object_shows_what_its_pickle_has_of_it(package: Path) -> None:
    error = KeyError("boom", 2)
    error.add_note("more")
    objects = [
        error, functools.partial(json.dumps, indent=1), FileNotFoundError(2, "none", "file"),
        collections.UserList([1]),
    ]  # fmt: skip
    loads = loader(package)
    assert loads.load(pickle.dumps(objects)).value == trusting(plain(read(pickle.dumps(objects))))
    for name, fields in (
        ("Rows", {"items": [1, 2], "more": 3}), ("Entries", {"entries": {"a": 1}}),
        ("Named", {"kwargs": {"a": 1}}), ("Stateful", {"args": [1], "state": [1, 2]}),
    ):  # fmt: skip
        found = loads.load(pickled("own_types", f"make_{name.lower()}")).value
        assert found == object_of(name, **fields)


def test_what_fails_to_show_itself_is_shown_in_part(package: Path) -> None:
    loaded = loader(package).load(pickled("own_types", "make_silent"))
    silent = "<a Silent that cannot be shown: ValueError: no repr>"
    long = "<an integer of about 5,001 digits>"
    assert loaded.text == (
        f"{{'a': 1, 'silent': [{silent}, ({silent},)], 'fit': Fit(slope=0.5, colour={silent}), "
        f"'long': {long}, {silent}: 2}}"
    )
    fields = object_of("Silent", more=1)
    assert loaded.value == {
        "a": 1, "silent": [fields, [fields]], "fit": object_of("Fit", slope=0.5, colour=fields),
        "long": long, silent: 2,
    }  # fmt: skip


def test_what_cannot_be_loaded_says_why(package: Path) -> None:
    loads = loader(package)
    for content, words in (
        (pickled("own_types", "Nothing"), "AttributeError"),
        (pickled("nowhere", "X"), "ModuleNotFoundError"),
        (pickled("os", "abort"), "ended by signal 6"),
        (pickled("os", "_exit", b"K\x03"), "exit code 3"),
        (b"no pickle", "UnpicklingError"),
    ):
        with pytest.raises(UnreadablePayload, match=words):
            loads.load(content)


def test_what_takes_too_long_ends_with_all_it_has_started(package: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(UnreadablePayload, match="it took longer than 5 s"):
        loader(package, seconds=5).load(pickled("own_types", "sleep"))
    assert time.monotonic() - begun < 60
    assert not psutil.pid_exists(int((package / "child").read_text()))


def test_what_a_result_has_started_ends_with_it(package: Path) -> None:
    child = loader(package).load(pickled("own_types", "children")).value
    assert not psutil.pid_exists(child)


def test_a_trusted_result_has_the_usual_limits(package: Path) -> None:
    many = serialize(list(range(2_000)))
    assert len(loader(package).load(many).value) == 2_000
    with pytest.raises(UnreadablePayload, match="more than 1,000 values"):
        loader(package, values=1_000).load(many)


def test_nothing_of_a_trusted_result_is_loaded_here(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("class Model:\n    pass\n")
    loads = loader(tmp_path / "elsewhere.py")
    assert loads.load(pickled("os", "getpid")).value != os.getpid()
    assert loads.load(pickled("elsewhere", "Model")).value["Object"]["type"] == "Model"
    assert "elsewhere" not in sys.modules


def test_only_pickles_are_loaded(package: Path) -> None:
    def view(content: bytes) -> RunView:
        one = RunView(1, "a", "completed", None, None, "", to_text(content), lambda _: content)
        return loader(package).of(TaskView(1, "", "", "completed", True, (one,), ())).runs[0]

    assert view(b'json.{"a": [1]}').result == {"a": [1]}
    assert view(b"pickle." + serialize((1, 2))).result == [1, 2]
    assert view(b"").result is None


def test_where_there_is_no_package_trust_is_refused(box: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(NoPackage, match="there is only an image"):
        TrustedResults("image", {}, None)
    (tmp_path / "run.R").touch()
    program = Algorithm(package=str(tmp_path), command=["sh", "run.R"])
    with pytest.raises(NoPackage, match=r"it runs a program \(sh\)"):
        TrustedResults("image", {"image": program}, None)
    with pytest.raises(WrongArgument, match="trust_result"):
        box.run(tmp_path, "model", trust_result=True)
