"""Placeholders for objects of strangers: they show what is known, and are good for no use."""

import collections
import copy
import dataclasses
import enum
import functools
import io
import json
import operator
import pickle
import subprocess
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from rich.pretty import Pretty

import v6sim
from tests import bombs
from v6sim.inspector.payloads import show_elsewhere
from v6sim.recording.asked import in_words
from v6sim.testing.result_comparison import differences, listed
from v6sim.wire import payload
from v6sim.wire.foreign import ForeignObject, ForeignObjectError
from v6sim.wire.limits import TO_SHOW, PayloadTooLarge, to_use
from v6sim.wire.pickles import UnreadablePickle, read_pickle
from v6sim.wire.plain import plain
from v6sim.wire.printing import as_json, as_python
from v6sim.wire.value_digest import digest_of

HERE = __name__
PROTOCOLS = range(2, 6)


class Model:
    def __init__(self, *coefficients: float) -> None:
        self.coefficients = list(coefficients)

    def describe(self) -> str:
        return f"{len(self.coefficients)} coefficients"


class Colour(enum.Enum):
    RED = 1
    BLUE = "b"


class Level(enum.IntEnum):
    LOW = 1


@dataclasses.dataclass
class Fit:
    slope: float
    model: Any = None


@dataclasses.dataclass(slots=True)
class Slotted:
    slope: float
    name: str = "x"


@dataclasses.dataclass(frozen=True)
class Frozen:
    slope: float


class Named(collections.namedtuple("Named", "low high")):
    __slots__ = ()


class Rows(list):  # type: ignore[type-arg]
    pass


class Table(dict):  # type: ignore[type-arg]
    pass


class WithState:
    def __getstate__(self) -> Any:
        return [1, 2]

    def __setstate__(self, state: Any) -> None:
        pass


class ByName:
    def __getnewargs_ex__(self) -> Any:
        return (1,), {"scale": 2}

    def __new__(cls, *_: Any, **__: Any) -> Any:
        return super().__new__(cls)


class Frame(pd.DataFrame):  # type: ignore[misc]
    pass


def function() -> None:
    raise AssertionError("a reader calls nothing")


def read(value: Any, protocol: int = 4) -> Any:
    return read_pickle(pickle.dumps(value, protocol))


def foreign() -> ForeignObject:
    found: ForeignObject = read(Model(1.5, -0.5))
    return found


# --- what they show ---


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("value", "type_", "fields"),
    [
        (Model(1.5), "Model", {"coefficients": [1.5]}),
        (Colour.BLUE, "Colour", {"args": ("b",)}),
        (Level.LOW, "Level", {"args": (1,)}),
        (Fit(0.5), "Fit", {"slope": 0.5, "model": None}),
        (Slotted(0.5), "Slotted", {"slope": 0.5, "name": "x"}),
        (Frozen(0.5), "Frozen", {"slope": 0.5}),
        (Named(1, 2), "Named", {"args": (1, 2)}),
        (Rows([1, 2]), "Rows", {"items": [1, 2]}),
        (Table(a=1), "Table", {"entries": {"a": 1}}),
        (WithState(), "WithState", {"state": [1, 2]}),
        (function, "function", {}),
        (Model, "Model", {}),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_an_object_shows_what_its_pickle_holds(
    value: Any, type_: str, fields: Any, protocol: int
) -> None:
    found = read({"before": 1, "it": value, "after": [2.5]}, protocol)
    assert (found["before"], found["after"]) == (1, [2.5])
    it = found["it"]
    assert isinstance(it, ForeignObject)
    assert (it.type, it.module) == (type_, HERE)
    assert {**it.fields} == fields


@pytest.mark.parametrize("protocol", [4, 5])  # those before write a partial of `__new__`
def test_arguments_have_their_names(protocol: int) -> None:
    found = read(ByName(), protocol)
    assert found.fields == {"args": (1,), "kwargs": {"scale": 2}}


@pytest.mark.parametrize(
    ("value", "type_", "module"),
    [
        (ValueError("x"), "ValueError", "builtins"),
        (len, "len", "builtins"),
        (np.add, "add", None),
        (np.dtype("f8"), "dtype", "numpy"),
        (pd.Int64Dtype(), "Int64Dtype", "pandas"),
        (types.SimpleNamespace(a=1), "SimpleNamespace", "types"),
        (functools.partial(len, []), "partial", "functools"),
        (collections.ChainMap({"a": 1}), "ChainMap", "collections"),
        (np.random.default_rng(1), "__generator_ctor", "numpy.random._pickle"),
        (np.poly1d([1, 2]), "poly1d", "numpy"),
        (Frame({"a": [1]}), "Frame", HERE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_libraries_have_beside_values_is_a_placeholder(
    value: Any, type_: str, module: str | None
) -> None:
    found = read([1, value])
    assert found[0] == 1
    assert isinstance(found[1], ForeignObject)
    assert found[1].type == type_
    assert module is None or found[1].module == module
    assert json.loads(json.dumps(plain(found)))[1]["ForeignObject"]["type"] == type_


def test_a_method_shows_its_object() -> None:
    found = read(Model(1.5).describe)
    owner, name = found.fields["args"]
    assert (found.type, name) == ("getattr", "describe")
    assert owner.fields == {"coefficients": [1.5]}


def test_fields_are_read_as_all_else_is() -> None:
    value = Fit(0.5, {"table": pd.DataFrame({"a": [1, 2]}), "inner": Model(1.0), "when": pd.NaT})
    found = read(value).fields["model"]
    assert isinstance(found["table"], pd.DataFrame)
    assert found["inner"].fields == {"coefficients": [1.0]}
    assert found["when"] is pd.NaT


def test_what_is_shared_is_one_object() -> None:
    model = Model(1.0)
    found = read([model, model, Fit(1.0, model)])
    assert found[0] is found[1] is found[2].fields["model"]


def test_attributes_and_what_has_no_name_are_both_kept() -> None:
    rows = Rows([1])
    rows.items = "its own"  # type: ignore[attr-defined]
    assert set(map(str, read(rows).fields.values())) == {"[1]", "its own"}


class Node:
    def __init__(self) -> None:
        self.parent: Any = None
        self.children: Any = []


def family(make: Callable[[], Any] = list) -> Node:
    parent, child = Node(), Node()
    child.parent = parent
    parent.children = make()
    parent.children.append(child)
    return parent


@pytest.mark.parametrize("limits", [None, TO_SHOW], ids=["used", "shown"])
@pytest.mark.parametrize("make", [list, collections.deque, Rows], ids=lambda make: make.__name__)
def test_an_object_that_leads_to_itself_has_an_end(limits: Any, make: Any) -> None:
    found = payload.read(pickle.dumps({"tree": family(make), "n": 1}), limits)
    text = json.dumps(plain(found))
    assert text.count('"Node"') == 2
    assert "(the Node again)" in text
    assert "(the Node again)" in as_python(found).text


def test_a_list_that_leads_to_itself_by_an_object_has_an_end() -> None:
    rows: list[Any] = []
    node = Node()
    node.children = (rows, {"deeper": rows})
    rows.append(node)
    keys = {Frozen(1.0): 1}
    object.__setattr__(next(iter(keys)), "slope", keys)
    for value in (rows, [rows, rows], keys):
        assert "again)" in json.dumps(plain(read(value)))


def test_a_list_in_itself_is_an_error_still() -> None:
    with pytest.raises(PayloadTooLarge, match="contains itself"):
        read([bombs.cycle(list), Model()])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_are_keys_and_members(protocol: int) -> None:
    value = {Colour.RED: 1, (Colour.BLUE, 2): 3, "n": {Colour.RED, 5}, Frozen(1.0): [1]}
    found = read(value, protocol)
    assert list(found.values())[1] == 3
    assert [found[key] for key in found] == list(found.values())
    assert found["n"] - {5} != {5}
    names = list(plain(found))
    assert len(names) == len(set(names)) == 4
    assert copy.deepcopy(found).keys() != found.keys()
    assert len(pickle.loads(pickle.dumps(found))) == 4


def test_keys_that_look_alike_are_all_shown() -> None:
    value = {object(): n for n in range(3)}
    for text in (as_json(read(value)).text, json.dumps(plain(read(value)))):
        assert sorted(json.loads(text).values()) == [0, 1, 2]


def test_a_foreign_column_leaves_the_rest_of_the_result() -> None:
    table = pd.DataFrame({"a": [1, 2]})
    table["b"] = pd.Series([Model(1.0), None], dtype=object)
    found = read({"rows": 2, "table": table})
    assert found["rows"] == 2
    assert found["table"]["a"].tolist() == [1, 2]
    assert found["table"]["b"][0].fields == {"coefficients": [1.0]}


def test_a_table_that_cannot_be_made_shows_its_parts() -> None:
    table = pd.DataFrame({"a": [7, 8]}, index=pd.Index([Colour.RED, Colour.BLUE], name="c"))
    found = read({"rows": 2, "table": table, "again": table})
    assert found["table"].type == "DataFrame"
    assert found["table"] is found["again"]
    text = json.dumps(plain(found))
    assert "[7, 8]" in text
    assert '"Colour"' in text


# --- that they are good for nothing else ---


def partial_of(name: str) -> Callable[[Any], Any]:
    return lambda it: getattr(operator, name)(it, 1)


USES: dict[str, Callable[[Any], Any]] = {
    "an attribute": lambda it: it.coefficients,
    "setting": lambda it: setattr(it, "x", 1),
    "deleting": lambda it: delattr(it, "type"),
    "call": lambda it: it(),
    "iteration": list,
    "len": len,
    "bool": bool,
    "not": operator.not_,
    "hash": hash,
    "int": int,
    "float": float,
    "complex": complex,
    "index": operator.index,
    "round": round,
    "bytes": bytes,
    "format": lambda it: f"{it:>10}",
    "abs": abs,
    "neg": operator.neg,
    "contains": lambda it: 1 in it,
    "item": lambda it: it[0],
    "setting an item": lambda it: operator.setitem(it, 0, 1),
    "reversed": reversed,
    "with": lambda it: it.__enter__(),
    "divmod": lambda it: divmod(1, it),
    "sum": lambda it: sum([1.0, it]),
    "open": open,
    **{
        name: partial_of(name)
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_",
                     "or_", "xor", "lshift", "rshift", "lt", "le", "gt", "ge")
    },
    "the other way round": lambda it: 1 + it,
    "in place": lambda it: operator.iadd(it, 1),
    "sorting": lambda it: sorted([it, it]),
    "NumPy": lambda it: np.float64(1) + it,
}  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_any_use_is_an_error_that_says_what_to_do(use: str) -> None:
    with pytest.raises(TypeError) as error:
        USES[use](foreign())
    assert isinstance(error.value, ForeignObjectError)
    for word in ("Model", HERE, "--trust-results", "plain values"):
        assert word in str(error.value)
    assert (error.value.type, error.value.module) == ("Model", HERE)


def test_it_equals_nothing() -> None:
    one, other = foreign(), foreign()
    assert not operator.eq(one, other)
    assert not operator.eq(one, one)
    assert operator.ne(one, one)
    assert one != other
    assert {"a": one} != {"a": other}


def test_it_can_be_looked_at() -> None:
    it = foreign()
    assert isinstance(it, v6sim.ForeignObject)
    assert type(it) is ForeignObject
    assert repr(it) == str(it) == f"{it}" == f"{it!r}"
    assert repr(it) == (
        f"ForeignObject(type='Model', module={HERE!r}, fields={{'coefficients': [1.5, -0.5]}})"
    )
    assert not hasattr(it, "coefficients")
    assert getattr(it, "__rich_repr__", None) is None


def test_it_can_be_made_by_hand_and_copied() -> None:
    it = v6sim.ForeignObject("Model", "m", {"inner": [1]})
    for made in (copy.copy(it), copy.deepcopy(it), pickle.loads(pickle.dumps(it)), *copies([it])):
        assert type(made) is ForeignObject
        assert (made.type, made.module, made.fields) == ("Model", "m", {"inner": [1]})
    assert copy.deepcopy(it).fields["inner"] is not it.fields["inner"]
    assert copy.deepcopy(read(Model)).type == "Model"
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(it)


def copies(container: list[Any]) -> list[Any]:
    return [copy.deepcopy(container)[0], pickle.loads(pickle.dumps(container))[0]]


def test_others_can_print_it() -> None:
    out = io.StringIO()
    Console(file=out, width=200).print(Pretty({"model": foreign()}), foreign())
    assert out.getvalue().count("coefficients") == 2
    assert "ForeignObject" in str(pd.Series([foreign()], dtype=object))
    assert "ForeignObject" in str(np.array([foreign(), None], dtype=object))


def test_pytest_explains_a_comparison_with_one(tmp_path: Any) -> None:
    (tmp_path / "test_it.py").write_text(
        "import v6sim\n"
        "def test_it():\n"
        "    found = {'a': [v6sim.ForeignObject('Model', 'm', {'c': [1.5]})], 'n': 2}\n"
        "    assert found == {'a': [1], 'n': 2}\n"
    )
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-vv", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert said.returncode == 1, said.stdout + said.stderr
    assert "ForeignObject(type='Model', module='m', fields={'c': [1.5]})" in said.stdout
    assert "INTERNALERROR" not in said.stdout + said.stderr


# --- what reads results ---

RESULT = {"rows": 3, "model": Model(1.5, -0.5), "accuracy": 0.875}
SHOWN = {
    "rows": 3,
    "model": {
        "ForeignObject": {
            "type": "Model", "module": HERE, "fields": {"coefficients": [1.5, -0.5]},
        }
    },
    "accuracy": 0.875,
}  # fmt: skip


def test_all_ways_to_show_a_result_show_all_else() -> None:
    found = read(RESULT)
    assert plain(found) == json.loads(as_json(found).text) == SHOWN
    assert as_python(found).text == str(found)
    page = json.loads(show_elsewhere(payload.to_text(pickle.dumps(RESULT)), iter(())))
    assert json.loads(page["text"]) == SHOWN
    assert not page["problem"]


def test_what_is_too_large_says_so_inside_an_object_too() -> None:
    with pytest.raises(PayloadTooLarge) as error:
        read_pickle(pickle.dumps(Model(*range(300_000))), TO_SHOW)
    assert error.value.stopped == "stopped after 200,000 values"
    with pytest.raises(PayloadTooLarge, match="more than 100 values"):
        read_pickle(pickle.dumps([Model(*range(120))]), to_use(100))
    with pytest.raises(PayloadTooLarge, match="more than 500 deep"):
        read(functools.reduce(lambda inner, _: Fit(1.0, inner), range(300), None))


def test_a_comparison_never_calls_two_the_same() -> None:
    one, other = read(RESULT), read(RESULT)
    for left, right in ((one, other), (one, one), ([one["model"]], [1]), (1, read(Model()))):
        found = differences(left, right)
        assert len(found) == 1
        assert "cannot be compared" in str(found[0])
        assert found[0].row()["problem"]
    assert [each.field for each in differences(one, other)] == ["model"]
    keys = {Colour.RED: 1}
    assert "cannot be compared" in listed(differences(read({"k": keys}), read({"k": keys})))
    assert differences(read({Colour}), read({Colour}))


def test_digests_and_recordings_tell_two_apart() -> None:
    one, same, other = (pickle.dumps({"args": [Model(n)]}) for n in (1.0, 1.0, 2.0))
    assert digest_of(read_pickle(one), TO_SHOW) == digest_of(read_pickle(same), TO_SHOW)
    assert digest_of(read_pickle(one), TO_SHOW) != digest_of(read_pickle(other), TO_SHOW)
    assert list(in_words(one)) == list(in_words(same)) != list(in_words(other))
    assert list(in_words(pickle.dumps({Colour.RED: 1}))) != list(
        in_words(pickle.dumps({Colour.BLUE: 1}))
    )


# --- what stays an error ---


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04\x8c\x01m\x8c\x01C\x93)\x81Psomewhere\nb.",
        b"\x80\x04\x8c\x01m\x8c\x01C\x93)\x81\x8c\x01xQb.",
        b"\x80\x02\x82\x01.",
        b"\x80\x04\x8c\x01m\x8c\x01C\x93K\x01\x81.",
        b"\x80\x04\x8c\x01m\x8c\x01C\x93K\x01R.",
        b"\x80\x04\x8c\x01m\x8c\x01C\x93}b.",
        b"\x80\x04\x8c\x01mK\x01\x93.",
        b"\x80\x04\x8c\x01m\x8c\x01C\x93)\x81](]K\x01ee.",
        b"\x80\x04\x8c\x01m\x8c\x01C\x93)\x81}(]K\x01ub.",
        pickle.dumps(Model(1.0))[:-3] + b".",
    ],
    ids=range(10),
)
def test_what_is_malformed_stays_an_error(content: bytes) -> None:
    with pytest.raises(UnreadablePickle):
        read_pickle(content)


def test_nothing_of_a_stranger_is_imported(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "a_stranger.py").write_text("raise AssertionError('it was imported')\n")
    found = read_pickle(b"\x80\x04\x8c\x0aa_stranger\x8c\x01C\x93)\x81}\x8c\x01aK\x01sb.")
    assert (found.module, found.fields) == ("a_stranger", {"a": 1})
    assert "a_stranger" not in sys.modules
