"""Results of an algorithm's own types: placeholders, or loaded by a process that knows them."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from v6sim import ForeignObject, Sandbox
from v6sim.node.errors import NoPackage
from v6sim.sandbox import WrongArgument
from v6sim.sandbox.trusted_results import TrustedResults
from v6sim.testing import differences
from v6sim.views import RunView, TaskView
from v6sim.wire.limits import UnreadablePayload, to_use
from v6sim.wire.payload import serialize, to_text
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
