"""Small payloads that grow when they are looked at: to be read, walked through, printed, compared.

`python -m tests.bombs` lists them with their sizes.
"""

import collections
import datetime as dt
import decimal
import functools
import gzip
import itertools
import json
import pickle
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy._core.multiarray import _reconstruct


class Calls:
    """Pickles as a call, and a state for what it returns.

    Args:
        function: what is called.
        arguments: with what.
        state: given to what it returns; None for none.
    """

    def __init__(self, function: Any, *arguments: Any, state: Any = None) -> None:
        self.reduced = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self) -> Any:
        return self.reduced


def laughs(depth: int, width: int, kind: Any = list) -> Any:
    """Containers in containers, each the same object `width` times."""
    inner = kind(["ha"])
    for _ in range(depth):
        inner = kind([inner] * width)
    return inner


def named_laughs(depth: int, kind: Any = dict) -> Any:
    inner = kind(a="ha")
    for _ in range(depth):
        inner = kind(a=inner, b=inner)
    return inner


def parallel_sets(depth: int) -> Any:
    """Frozen sets that differ, and share their members."""
    left, right = frozenset[Any]([1]), frozenset[Any]([2])
    for _ in range(depth):
        left, right = frozenset([left]), frozenset([left, right])
    return left, right


def cycle(kind: type) -> Any:
    made = kind()
    made.append(made) if kind is list else made.update(self=made)
    return made


def opcodes(*parts: bytes | str | int) -> bytes:
    """A pickle of protocol 4, instruction by instruction."""
    return b"\x80\x04" + b"".join(
        part if isinstance(part, bytes) else str(part).encode("latin-1") for part in parts
    )


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def text(value: str) -> bytes:
    content = value.encode()
    return b"X" + struct.pack("<I", len(content)) + content


def long(number: int) -> bytes:
    content = pickle.encode_long(number)
    return b"\x8a" + bytes([len(content)]) + content


def calls(module: str, name: str, content: bytes, times: int) -> bytes:
    """A list of what one function makes of one thing."""
    return opcodes(
        content, b"q\x00", b"0", named(module, name), b"q\x01", b"0",
        b"](", b"h\x01h\x00\x85R" * times, b"e.",
    )  # fmt: skip


def doubled(container: bytes, times: int) -> bytes:
    """A container into whose beginning it is put itself, again and again, as items of a dict."""
    no_slice = named("builtins", "slice") + b"K\x00K\x00N\x87R"
    return opcodes(container, b"q\x00", no_slice, b"q\x01", b"0", b"h\x01h\x00s" * times, b".")


@functools.cache
def probing(bits: int, dense: int, count: int) -> list[int]:
    """Integers whose hashes differ, and whose ways through a table of a dict are all alike.

    The first ones lie where the ways lead, so that each of the others meets most of them.
    """
    mask = (1 << bits) - 1
    places, at = {}, 12345
    for number in range(dense):
        places[at] = number
        at = (5 * at + 1) & mask
    chosen = random.Random(1)
    found: list[int] = []
    while len(found) < count:
        key = chosen.getrandbits(31)
        shifted, at = key, key & mask
        while at in places and shifted:
            shifted >>= 5
            at = (5 * at + shifted + 1) & mask
        if key > mask and places.get(at, dense) < dense // 4:
            found.append(key)
    return [*places, *found]


def integers(numbers: list[int], after: bytes = b"") -> bytes:
    return b"".join(b"J" + struct.pack("<i", number) + after for number in numbers)


def deep_in(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def body(value: Any) -> bytes:
    """The instructions that make a value, to be put into another pickle before any memo."""
    return pickle.dumps(value, 4)[2:-1]


def made(module: str, name: str, state: Any) -> bytes:
    """A pickle of an object that is given a state."""
    return opcodes(named(module, name), b")\x81", body(state), b"b.")


def array(content: Any, shape: tuple[int, ...], kind: str) -> Calls:
    """An array as its pickle describes it, whether or not it could be."""
    return Calls(
        _reconstruct, np.ndarray, (0,), b"b",
        state=(1, shape, np.dtype(kind), False, content),
    )  # fmt: skip


def series(values: Any, index: Any, name: Any = None) -> bytes:
    from pandas._libs.internals import _unpickle_block  # type: ignore[import-untyped,unused-ignore]
    from pandas.core.internals.managers import SingleBlockManager

    block = Calls(_unpickle_block, values, slice(0, 1, 1), 1)
    manager = Calls(SingleBlockManager, (block,), [index])
    state = {"_mgr": manager, "_typ": "series", "_metadata": ["_name"], "_name": name}
    return made("pandas", "Series", state)


def table(values: Any, places: Any, columns: Any, index: Any) -> bytes:
    from pandas._libs.internals import _unpickle_block
    from pandas.core.internals.managers import BlockManager

    block = Calls(_unpickle_block, values, places, 2)
    manager = Calls(BlockManager, (block,), [columns, index])
    state = {"_mgr": manager, "_typ": "dataframe", "_metadata": [], "attrs": {}, "_flags": {}}
    return made("pandas", "DataFrame", state)


def index_of(labels: Any, name: Any = None) -> Calls:
    from pandas.core.indexes.base import _new_Index

    return Calls(_new_Index, pd.Index, {"data": labels, "name": name})


def levels_of(levels: Any, codes: Any) -> Calls:
    from pandas.core.indexes.base import _new_Index

    parts = {"levels": levels, "codes": codes, "sortorder": None, "names": [None] * 2}
    return Calls(_new_Index, pd.MultiIndex, parts)


def objects(*items: Any) -> Any:
    made = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        made[place] = item
    return made


def zero_dimensional(item: Any) -> Any:
    made = np.empty((), dtype=object)
    made[()] = item
    return made


# --- R ---

_NIL, _SYMBOL, _PAIRS, _CHARACTERS, _INTEGERS, _TEXTS, _LIST, _REFERENCE, _COMPACT = (
    254, 1, 2, 9, 13, 16, 19, 255, 238,
)  # fmt: skip
_ATTRIBUTES, _TAG = 0x200, 0x400


def i(number: int) -> bytes:
    return struct.pack(">i", number)


def r(content: bytes) -> bytes:
    """What R's `serialize()` writes, version 2."""
    return b"X\n" + i(2) + i(0x00040203) + i(0x00020300) + content


def r_text(value: str) -> bytes:
    return i(0x00040000 | _CHARACTERS) + i(len(value)) + value.encode()


def r_texts(*values: str) -> bytes:
    return i(_TEXTS) + i(len(values)) + b"".join(map(r_text, values))


def r_integers(*values: int, more: int = 0) -> bytes:
    return i(_INTEGERS | more) + i(len(values)) + b"".join(map(i, values))


def r_list(*items: bytes, more: int = 0) -> bytes:
    return i(_LIST | more) + i(len(items)) + b"".join(items)


def r_attributes(**values: bytes) -> bytes:
    cells = [
        i(_PAIRS | _TAG) + i(_SYMBOL) + r_text(name.replace("_", ".")) + value
        for name, value in values.items()
    ]
    return b"".join(cells) + i(_NIL)


def r_matrix(rows: int, columns: int, *elements: int) -> bytes:
    return r(r_integers(*elements, more=_ATTRIBUTES) + r_attributes(dim=r_integers(rows, columns)))


def r_references(depth: int, width: int) -> bytes:
    """Symbols whose names are lists of the symbols before, again and again."""
    content = i(_SYMBOL) + r_list(r_integers(1))
    parts = [content]
    for number in range(1, depth):
        again = i(_REFERENCE | number << 8)
        parts.append(i(_SYMBOL) + r_list(*[again] * width))
    return r(r_list(*parts))


def r_frames(depth: int) -> bytes:
    """Data frames in data frames."""
    inner = r_integers(1, 2)
    for _ in range(depth):
        about = r_attributes(names=r_texts("x"), **{"class": r_texts("data.frame")})
        inner = r_list(inner, more=_ATTRIBUTES) + about
    return r(inner)


def r_deep(depth: int) -> bytes:
    return r((i(_LIST) + i(1)) * depth + i(_NIL))


def r_compact(count: float, kind: str = "compact_intseq", step: float = 1.0) -> bytes:
    state = i(14) + i(3) + struct.pack(">ddd", count, step, step)
    form = i(_PAIRS) + i(_SYMBOL) + r_text(kind) + i(_NIL)
    return i(_COMPACT) + form + state + i(_NIL)


def r_deferred(numbers: bytes) -> bytes:
    """Numbers that R has not yet turned into texts."""
    form = i(_PAIRS) + i(_SYMBOL) + r_text("deferred_string") + i(_NIL)
    return i(_COMPACT) + form + r_list(numbers, r_integers(0)) + i(_NIL)


def r_factor(levels: bytes, *codes: int) -> bytes:
    about = r_attributes(levels=levels, **{"class": r_texts("factor")})
    return r(r_integers(*codes, more=_ATTRIBUTES) + about)


def r_zeros(count: int) -> bytes:
    return gzip.compress(r(i(_INTEGERS) + i(count) + bytes(4 * count)), 9)


# --- all of them ---

P = functools.partial(pickle.dumps, protocol=4)
_LISTED = b"](" + b"N" * 50_000 + b"e"
_MEMOIZED_TEXT = text("x" * 50_000)

CASES: dict[str, Callable[[], bytes]] = {
    "laughs-7x10": lambda: P(laughs(7, 10)),
    "laughs-9x10": lambda: P(laughs(9, 10)),
    "laughs-40x2-tuples": lambda: P(laughs(40, 2, tuple)),
    "range": lambda: P(range(10**10)),
    "empty-array": lambda: P(np.empty((10**7, 0))),
    "long-integer-json": lambda: b"json.[" + b"9" * 5000 + b"]",
    "long-integer-pickle": lambda: P(10**5000),
    "r-matrix": lambda: r_matrix(2**31 - 1, 0),
    "r-zeros": lambda: r_zeros(60_000_000),
}
"""Those that were seen first."""

OF_PICKLES: dict[str, Callable[[], bytes]] = {
    "laughs of dicts": lambda: P(named_laughs(40)),
    "laughs of ordered dicts": lambda: P(named_laughs(40, collections.OrderedDict)),
    "laughs in a defaultdict": lambda: P(collections.defaultdict(list, a=laughs(40, 2))),
    "laughs in a counter": lambda: P(collections.Counter({"a": laughs(40, 2), "b": 1})),
    "sets that share members": lambda: P(parallel_sets(60)),
    "a list in itself": lambda: P(cycle(list)),
    "a dict in itself": lambda: P(cycle(dict)),
    "a tuple of tuples as a key": lambda: opcodes(b"}N\x85", b"2\x86" * 45, b"Ns."),
    "a tuple of tuples in a set": lambda: opcodes(b"\x8f(N\x85", b"2\x86" * 45, b"\x90."),
    "a tuple of tuples in a frozen set": lambda: opcodes(b"(N\x85", b"2\x86" * 45, b"\x91."),
    "a list doubled by slices": lambda: doubled(b"](NNNNe", 60),
    "a bytearray doubled by slices": lambda: doubled(
        named("builtins", "bytearray") + b"C\x0812345678\x85R", 60
    ),
    "a memo of two billion": lambda: opcodes(b"Nr\xff\xff\xff\x7f."),
    "a memo of a number of many digits": lambda: opcodes(b"Np" + b"9" * 4000 + b"\n."),
    "lists of a list": lambda: calls("builtins", "list", _LISTED, 20_000),
    "tuples of a list": lambda: calls("builtins", "tuple", _LISTED, 20_000),
    "dicts of a dict": lambda: calls(
        "builtins",
        "dict",
        b"}(" + b"".join(b"M" + struct.pack("<H", n) + b"N" for n in range(9999)) + b"u",
        20_000,
    ),
    "sets of numbers": lambda: calls(
        "builtins",
        "set",
        b"](" + b"".join(b"M" + struct.pack("<H", n) for n in range(9999)) + b"e",
        20_000,
    ),
    "bytes of bytes": lambda: calls("builtins", "bytearray", P(bytes(50_000))[11:-2], 20_000),
    "bytes of a text": lambda: opcodes(
        _MEMOIZED_TEXT,
        b"q\x00",
        b"0",
        named("_codecs", "encode"),
        b"q\x01",
        b"0",
        b"](",
        (b"h\x01h\x00" + text("latin1") + b"\x86R") * 5_000,
        b"e.",
    ),
    "punycode": lambda: opcodes(
        named("builtins", "bytes"), text("\u00e9x" * 20_000), text("punycode"), b"\x86R."
    ),
    "numbers with one hash": lambda: opcodes(
        b"}(", b"".join(long(n * (2**61 - 1)) + b"N" for n in range(60_000)), b"u."
    ),
    "decimals with one hash": lambda: opcodes(
        named("decimal", "Decimal"),
        b"q\x00",
        b"0",
        b"\x8f(",
        b"".join(b"h\x00" + text(str(n * (2**61 - 1))) + b"\x85R" for n in range(40_000)),
        b"\x90.",
    ),
    "a long integer as a key": lambda: P({10**5000: 1}),
    "a long integer that is deep in": lambda: P({"a": [1, {"b": -(10**5000)}]}),
    "a very long integer": lambda: P(1 << 8_000_000),
    "many long integers": lambda: P([10**4299 + n for n in range(100)]),
    "a written integer": lambda: opcodes(b"L" + b"9" * 100_000 + b"L\n."),
    "a decimal without end": lambda: P(decimal.Decimal("1e999999999")),
    "a decimal of many digits": lambda: P([decimal.Decimal("9" * 50_000)] * 100),
    "a signaling decimal": lambda: P({"mean": decimal.Decimal("sNaN")}),
    "a decimal of a long integer": lambda: P(Calls(decimal.Decimal, 1 << 4_000_000)),
    "a range of long integers": lambda: P(range(10**4000, 10**5000)),
    "a slice of laughs": lambda: P(slice(laughs(40, 2), None, None)),
    "times at the ends": lambda: P(
        [dt.datetime.max, dt.timedelta.max, dt.timedelta.min, dt.time.max]
    ),
    "a UUID without its number": lambda: opcodes(named("uuid", "UUID"), b")\x81."),
    "a UUID that is no integer": lambda: made("uuid", "UUID", {"int": 1.5}),
    "bytes that are not there": lambda: opcodes(b"\x8e" + struct.pack("<Q", 2**40) + b"x."),
    "a bytearray that is not there": lambda: opcodes(b"\x96" + struct.pack("<Q", 2**40) + b"x."),
    "a frame that is not there": lambda: opcodes(b"\x95" + struct.pack("<Q", 2**60) + b"N."),
    "a number that is not there": lambda: opcodes(b"\x8b" + struct.pack("<i", 2**31 - 1) + b"x."),
    "deep lists": lambda: opcodes(b"]" * 100_000, b"a" * 99_999, b"."),
    "deep tuples": lambda: opcodes(b")", b"\x85" * 100_000, b"."),
    "deep dicts": lambda: opcodes(b"}K\x01" * 50_000, b"}", b"s" * 50_000, b"."),
    "many sets": lambda: opcodes(b"](", b"\x8f" * 1_000_000, b"e."),
    "many marks": lambda: opcodes(b"(" * 1_000_000, b"."),
    "a text of surrogates": lambda: P(["\ud800" * 10] * 10),
    "a key of surrogates": lambda: P({"\ud800": "\udfff"}),
    "bytes that are a payload": lambda: P([P(laughs(40, 2))] * 1000),
    "bytes in bytes": lambda: functools.reduce(lambda inner, _: P([inner, inner]), range(12), P(1)),
    "one long text again and again": lambda: P(["word " * 20_000] * 10_000),
    "one long name": lambda: P({"n" * 100_000: list(range(50_000))}),
    "a tuple of a long text as a key": lambda: opcodes(
        b"}", text("a" * 400_000), b"q\x00", b"0(", b"h\x00" * 20_000, b"tK\x01s."
    ),
    "tuples of long bytes as keys": lambda: opcodes(
        b"B" + struct.pack("<I", 400_000) + bytes(400_000),
        b"q\x00",
        b"0",
        b"](",
        b"".join(b"}h\x00" + b"K\x01s" for _ in range(3_000)),
        b"e.",
    ),
    "a tuple of a long integer as a key": lambda: P({(10**5000, 1): 1}),
    "keys with one name": lambda: P({1: 1, "1": 2, ("a",): 3, "('a',)": 4}),
    "lists of one list twice": lambda: P(laughs(23, 2)),
    "lists of one list twice, deep in": lambda: P(deep_in(laughs(18, 2), 440)),
    "many numbers deep in": lambda: P(deep_in([0] * 3_000_000, 440)),
    "many empty lists": lambda: opcodes(b"](", b"]" * 15_000_000, b"e."),
    "many empty dicts": lambda: opcodes(b"](", b"}" * 3_000_000, b"e."),
    "many dicts of one item": lambda: opcodes(b"](", b"}NNs" * 1_000_000, b"e."),
    "keys in each other's way": lambda: opcodes(
        b"}(", integers(probing(17, 70_000, 14_000), b"N"), b"u."
    ),
    "keys in each other's way, one by one": lambda: opcodes(
        b"}", integers(probing(17, 70_000, 14_000), b"Ns"), b"."
    ),
    "keys in each other's way in a counter": lambda: opcodes(
        named("collections", "Counter"),
        b"}(",
        integers(probing(17, 70_000, 14_000), b"N"),
        b"u\x85R.",
    ),
    "members in each other's way": lambda: opcodes(
        b"\x8f(", integers(probing(17, 70_000, 14_000)[::-1]), b"\x90."
    ),
    "members in each other's way, frozen": lambda: opcodes(
        b"(", integers(probing(17, 70_000, 14_000)), b"\x91."
    ),
    "long integers as keys, again and again": lambda: opcodes(
        b"\x8b" + struct.pack("<i", 9_000) + b"\x7f" * 9_000,
        b"q\x00",
        b"0",
        b"](",
        b"}h\x00Ns" * 100_000,
        b"e.",
    ),
    "long bytes again and again": lambda: P([bytes(range(128, 256)) * 100_000] * 150_000),
    "two long bytes again and again": lambda: P(
        [bytes(range(128, 256)) * 50_000, bytes(range(129, 256)) * 50_000] * 50_000
    ),
    "a type": lambda: b"cbuiltins\nlist\n.",
    "types in a list": lambda: P([list, {"a": (dict,)}]),
    "a table in a text again and again": lambda: P(["a,b\n" + "1,2\n" * 20_000] * 10_000),
    "JSON in a text again and again": lambda: P(["[" + "1," * 50_000 + "1]"] * 10_000),
    "records of many fields": lambda: P([dict.fromkeys(map(str, range(5_000)))] * 5_000),
    "names of people": lambda: P(
        {f"patient{''.join(between)}id": 1 for between in itertools.product("_-./", repeat=6)}
    ),
    "e-mail addresses": lambda: P([f"a{n}@example.org" for n in range(50_000)]),
    "an address without end": lambda: P("a@" + "a." * 200_000 + "1 " + "+1 1 1" * 10_000),
    "a text of one word": lambda: P("a" * 900_000),
}
OF_NUMPY: dict[str, Callable[[], bytes]] = {
    "no rows": lambda: P(np.empty((0, 10**7))),
    "no bytes": lambda: P(np.empty((2**20, 0, 2**20))),
    "a large type of nothing": lambda: P(array(b"", (0,), "S999999999")),
    "elements without bytes": lambda: P(array(b"", (10**9,), "S0")),
    "a shape of long integers": lambda: P(array(b"", (0, 10**400), "f8")),
    "a shape of many dimensions": lambda: P(array(b"", (1,) * 63 + (0,), "f8")),
    "objects that are laughs": lambda: P(objects(laughs(40, 2), laughs(40, 2, tuple))),
    "one object without dimensions": lambda: P(zero_dimensional(laughs(40, 2))),
    "a number that Python has not": lambda: P([np.longdouble(1), np.array([1], "g")]),
    "one array again and again": lambda: P([np.zeros(100_000)] * 10_000),
    "an array built again and again": lambda: opcodes(
        P(np.zeros(10_000))[2:-1].split(b"t\x94b")[0] + b"t\x94q\x63b" + b"h\x63b" * 10_000 + b"."
    ),
    "many dimensions": lambda: P(np.zeros((2,) * 22, bool)),
    "many dimensions of objects": lambda: P(np.full((2,) * 16, None)),
    "many dimensions of one element": lambda: P(np.zeros((300_000, *[1] * 30), "u1")),
    "many dimensions of none": lambda: P(np.zeros((100_000, *[1] * 30, 0))),
    "one long element again and again": lambda: P([np.array([b"\xff" * 15_000_000])] * 10_000),
    "one long scalar again and again": lambda: P([np.bytes_(b"\xff" * 15_000_000)] * 10_000),
    "one long text of NumPy again and again": lambda: P([np.str_("x" * 4_000_000)] * 10_000),
    "a type of NumPy": lambda: P(np.dtype("f8")),
    "times that no calendar has": lambda: P(np.array([2**62], "M8[Y]")),
}
OF_PANDAS: dict[str, Callable[[], bytes]] = {
    "a table without columns": lambda: P(pd.DataFrame(index=pd.RangeIndex(10**9))),
    "a range of labels": lambda: P([pd.RangeIndex(10**9), pd.RangeIndex(-(2**61), 2**61)]),
    "a series of one value": lambda: series(np.array(5), pd.RangeIndex(10**9)),
    "a series of no rows": lambda: series(np.empty((10**6, 0)), pd.RangeIndex(0)),
    "a table of one value": lambda: table(
        np.array([[5]]), slice(0, 1, 1), pd.Index(["a"]), pd.RangeIndex(10**9)
    ),
    "a table of many columns": lambda: table(
        np.empty((10**6, 0)), slice(0, 10**6, 1), pd.RangeIndex(10**6), pd.RangeIndex(0)
    ),
    "places that are laughs": lambda: table(
        np.array([[5]]), laughs(40, 2), pd.Index(["a"]), pd.RangeIndex(1)
    ),
    "labels that are laughs": lambda: P(index_of(objects(laughs(40, 2, tuple), "a"))),
    "a name that is laughs": lambda: series(
        np.array([1]), pd.RangeIndex(1), name=laughs(40, 2, tuple)
    ),
    "cells that are laughs": lambda: P(pd.DataFrame({"a": [laughs(40, 2), 1], "b": [1, 2]})),
    "a long name of a column": lambda: P(pd.DataFrame({"n" * 300_000: range(100)})),
    "a set of a table": lambda: opcodes(
        P(pd.DataFrame(index=pd.RangeIndex(10**9)))[2:-1], text("a"), b"K\x01s."
    ),
    "a table without its content": lambda: opcodes(named("pandas", "DataFrame"), b")\x81."),
    "a table of a range": lambda: P(Calls(pd.DataFrame, range(10**10))),
    "levels of a range": lambda: P(
        levels_of([pd.RangeIndex(10**9), pd.Index(["a"])], [np.array([0, 1]), np.array([0, 0])])
    ),
    "levels of laughs": lambda: P(levels_of(laughs(40, 2), [np.array([0, 1])] * 2)),
    "codes that are laughs": lambda: P(levels_of([pd.Index(["a"])], [laughs(40, 2)])),
    "one table again and again": lambda: P([pd.DataFrame({"a": range(1_000)})] * 5_000),
}


def instance(*state: bytes, args: bytes = b")", name: str = "Model") -> bytes:
    """An object of a stranger's type."""
    return named("strange", name) + args + b"\x81" + (b"".join(state) + b"b" if state else b"")


def objects_in_objects(depth: int, width: int) -> bytes:
    """Objects that have the same object in several fields."""
    content = instance() + b"\x940"
    for number in range(depth):
        fields = b"".join(text(f"f{n}") + b"h" + bytes([number]) for n in range(width))
        content += instance(b"}(" + fields + b"u") + b"\x940"
    return opcodes(content, b"h" + bytes([depth]) + b".")


def records_in_records(depth: int) -> Any:
    """A type of NumPy with two fields of a type with two fields, and so on, all without bytes."""
    kind = np.dtype("V0")
    for _ in range(depth):
        kind = np.dtype({"names": ["a", "b"], "formats": [kind, kind], "offsets": [0, 0]})
    return np.zeros(1, kind)


_ONE, _SELF = named("strange", "One") + b"q\x000", b"h\x01"

OF_FOREIGN: dict[str, Callable[[], bytes]] = {
    "laughs of objects": lambda: objects_in_objects(40, 2),
    "an object of laughs": lambda: opcodes(
        named("strange", "One"), body(laughs(40, 2)), b"\x85\x81."
    ),
    "objects in objects, deep": lambda: opcodes(
        (named("strange", "One") + b")\x81}" + text("a")) * 50_000, b"N", b"sb" * 50_000, b"."
    ),
    "objects made of objects, deep": lambda: opcodes(
        named("strange", "One") * 50_000, b")", b"\x81\x85" * 49_999, b"\x81."
    ),
    "an object in itself": lambda: opcodes(
        named("strange", "One"), b")\x81q\x01}", text("me"), _SELF, b"sb."
    ),
    "a list of objects that have the list": lambda: opcodes(
        _ONE, b"]q\x01(", (b"h\x00)\x81}" + text("a") + _SELF + b"sb") * 50_000, b"e."
    ),
    "objects that lead back by tuples": lambda: opcodes(
        _ONE,
        b"h\x00)\x81q\x01}",
        text("a"),
        b"(",
        _SELF * 20_000,
        b"t",
        b"\x85" * 20_000,
        b"sb.",
    ),
    "objects that all lead to the first": lambda: opcodes(
        _ONE,
        b"h\x00)\x81q\x01",
        (b"}" + text("a") + b"h\x00)\x81") * 20_000,
        b"}(",
        text("a"),
        _SELF,
        b"ub",
        b"sb" * 20_000,
        b".",
    ),
    "objects as keys, of one list": lambda: opcodes(
        _ONE,
        body([0] * 50_000),
        b"q\x010}(",
        (b"h\x00h\x01\x85\x81" + b"N") * 20_000,
        b"u.",
    ),
    "tuples of objects as keys": lambda: opcodes(
        _ONE,
        body([0] * 50_000),
        b"q\x010}(",
        (b"h\x00h\x01\x85\x81\x85" + b"N") * 20_000,
        b"u.",
    ),
    "objects as keys, all alike": lambda: opcodes(_ONE, b"}(", b"h\x00)\x81N" * 50_000, b"u."),
    "members of a set that are objects": lambda: opcodes(
        _ONE, b"\x8f(", b"h\x00)\x81" * 100_000, b"\x90."
    ),
    "many objects": lambda: opcodes(_ONE, b"](", b"h\x00)\x81" * 400_000, b"e."),
    "many names": lambda: opcodes(b"](", *(named("m", f"n{n}") for n in range(100_000)), b"e."),
    "one name again and again": lambda: opcodes(_ONE, b"](", b"h\x00" * 1_000_000, b"e."),
    "names in names": lambda: opcodes(
        named("builtins", "getattr"),
        b"q\x000",
        named("strange", "One"),
        b"q\x010",
        b"h\x01",
        (text("a" * 200) + b"\x86q\x020h\x00h\x02Rq\x010h\x01") * 20_000,
        b".",
    ),
    "states again and again": lambda: opcodes(
        body(dict.fromkeys(map(str, range(9_000)))),
        b"q\x010",
        named("strange", "One"),
        b")\x81",
        b"h\x01b" * 20_000,
        b".",
    ),
    "a state of long names": lambda: opcodes(
        instance(body({f"{n}" * 2_000: n for n in range(1_000)})), b"."
    ),
    "a function of a stranger, called again": lambda: opcodes(
        named("strange", "f"), b"q\x000N", b"\x85q\x010h\x00h\x01R" * 20_000, b"."
    ),
    "a deque in itself": lambda: opcodes(named("collections", "deque"), b")Rq\x01", _SELF, b"a."),
    "a fraction of long integers": lambda: opcodes(
        named("fractions", "Fraction"),
        b"\x8b",
        struct.pack("<i", 400_000),
        b"\x7f" * 400_000,
        b"K\x03\x86R.",
    ),
    "a path of many parts": lambda: opcodes(
        named("pathlib", "PurePosixPath"), b"(", text("a" * 1_000) * 20_000, b"tR."
    ),
    "paths of one long text": lambda: opcodes(
        named("pathlib", "PurePosixPath"),
        b"q\x000",
        text("/a" * 50_000),
        b"\x85q\x010](",
        b"h\x00h\x01R" * 5_000,
        b"e.",
    ),
    "records in records": lambda: P(records_in_records(25)),
    "records of many fields": lambda: P(np.zeros(1, [(f"f{n}", "i1") for n in range(20_000)])),
    "arrays in records": lambda: P(np.zeros((1,), [("a", "i1", (1,) * 20 + (1000, 1000))])),
    "a masked array without a mask": lambda: made(
        "numpy.ma.core", "MaskedArray", {"data": b"", "mask": b""}
    ),
    "a sparse array of many": lambda: sparse(2**60),
    "a sparse array of millions": lambda: sparse(30_000_000),
    "categories of many numbers": lambda: P(pd.Categorical(range(60_000))),
    "categories in each other's way": lambda: P(
        pd.Categorical.from_codes(
            [0, 1], dtype=pd.CategoricalDtype(pd.Index([n * 2**32 for n in range(60_000)]))
        )
    ),
    "times with a zone of a path": lambda: opcodes(
        named("zoneinfo", "ZoneInfo._unpickle"), text("../../../../etc/passwd"), b"\x88\x86R."
    ),
}


def sparse(length: int) -> bytes:
    """A sparse array of so many places, of which one has a value."""
    from pandas._libs.sparse import IntIndex

    state = {
        "_sparse_index": Calls(IntIndex, length, np.array([0], "i4")),
        "_sparse_values": np.array([1.5]),
        "_dtype": pd.SparseDtype(float),
    }
    return made("pandas.arrays", "SparseArray", state)


OF_JSON: dict[str, Callable[[], bytes]] = {
    "deep arrays": lambda: b"json." + b"[" * 100_000 + b"]" * 100_000,
    "arrays somewhat deep": lambda: b"json." + b"[" * 900 + b"]" * 900,
    "many empty arrays": lambda: b"json.[" + b"[]," * 1_000_000 + b"[]]",
    "many empty objects": lambda: b"json.[" + b"{}," * 1_000_000 + b"[]]",
    "long integers": lambda: b"json." + json.dumps({"a": [10**4299] * 500}).encode(),
    "a long integer with a sign": lambda: b'json.{"mean": -' + b"1" * 100_000 + b"}",
    "a number without end": lambda: b"json.[1e999999999, -1e999999999]",
    "surrogates": lambda: b'json.{"\\ud800": "\\udc00"}',
    "JSON in UTF-16": lambda: b"json." + f'["\u2200"{",[]" * 3_000_000}]'.encode("utf-16-le"),
    "JSON in UTF-32": lambda: b"json." + f'["\u2200"{",[]" * 3_000_000}]'.encode("utf-32"),
    "a text that is JSON": lambda: b"json." + json.dumps("[" * 100_000).encode(),
    "JSON in JSON": lambda: b"json." + functools.reduce(
        lambda inner, _: json.dumps([inner]), range(15), "1"
    ).encode(),
}  # fmt: skip
OF_R: dict[str, Callable[[], bytes]] = {
    "rows without columns": lambda: r_matrix(10**6, 0),
    "dimensions that do not fit": lambda: r_matrix(3, 7, 1, 2, 3),
    "dimensions below zero": lambda: r_matrix(-1, -1, 1),
    "names that are lists": lambda: r_references(40, 2),
    "frames in frames": lambda: r_frames(40),
    "deep R lists": lambda: r_deep(50_000),
    "R lists somewhat deep": lambda: r_deep(95),
    "a compact sequence": lambda: r(r_compact(2.0e9)),
    "compact sequences": lambda: r(r_list(*[r_compact(900_000.0)] * 1_000)),
    "a compact sequence of long integers": lambda: r(r_compact(3.0e7, step=1e300)),
    "a compact sequence without end": lambda: r(r_compact(float("inf"))),
    "a compact sequence of doubles": lambda: r(r_compact(49_000_000.0, "compact_realseq")),
    "texts of a compact sequence": lambda: r(r_deferred(r_compact(15_000_000.0))),
    "many empty vectors": lambda: gzip.compress(r(r_list(*[r_integers()] * 500_000))),
    "many short texts": lambda: gzip.compress(r(r_texts(*["ab"] * 500_000))),
    "levels that are lists": lambda: r_factor(r_list(r_list(r_integers(1))), *[1] * 1_000),
    "codes without levels": lambda: r_factor(r_texts("a"), 1, 2, -1),
    "compressed twice": lambda: gzip.compress(r_zeros(1_000_000)),
    "compressed nothing": lambda: gzip.compress(bytes(50_000_000)),
    "compressed NULLs": lambda: gzip.compress(r(i(_LIST) + i(5_000_000) + i(_NIL) * 5_000_000)),
    "a compressed text": lambda: gzip.compress(
        r(i(_TEXTS) + i(1) + i(0x00040000 | _CHARACTERS) + i(40_000_000) + b"x" * 40_000_000)
    ),
}  # fmt: skip
ALL = {**CASES, **OF_PICKLES, **OF_NUMPY, **OF_PANDAS, **OF_FOREIGN, **OF_JSON, **OF_R}


if __name__ == "__main__":
    for name, make in ALL.items():
        print(f"{name:40} {len(make()):>10} bytes")
