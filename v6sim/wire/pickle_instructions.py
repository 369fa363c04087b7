"""The instructions of pickles, by their codes; `pickletools` describes each."""

import codecs
import struct
from collections.abc import Callable
from typing import Any

from v6sim.wire.pickle_machine import End, PickleMachine

_HIGHEST_PROTOCOL = 5
_LARGEST_INDEX = 2**32
"""Of the memo: indexes beyond could be chosen to have one hash."""

_MEMOIZE = 0x94
_RUN = 10_000
"""Numbers, or empty containers, that are read at once."""

Instruction = Callable[[PickleMachine], None]


def _push(read: Callable[[PickleMachine], Any]) -> Instruction:
    def push(machine: PickleMachine) -> None:
        machine.stack.append(read(machine))

    return push


def _push_container(make: Callable[[PickleMachine], Any]) -> Instruction:
    def push(machine: PickleMachine) -> None:
        machine.push_container(make(machine))

    return push


def _empty(code: bytes, kind: type[Any]) -> Instruction:
    """An empty container; those of the same kind that follow are made with it."""

    def push(machine: PickleMachine) -> None:
        data, begin = machine.data, machine.at
        count = 1
        if data[begin : begin + 1] == code:
            following = data[begin : begin + _RUN]
            count += len(following) - len(following.lstrip(code))
        machine.push_containers(kind, count)
        machine.at += count - 1

    return push


# --- numbers and texts ---


def _numbers(code: bytes, layout: str) -> Instruction:
    """A number of a fixed size; those of the same kind that follow are read with it."""
    one = struct.Struct(layout)
    size = one.size

    def push(machine: PickleMachine) -> None:
        data, begin = machine.data, machine.at - 1
        end = begin + size
        if data[end : end + 1] == code:
            codes = data[begin : begin + size * _RUN : size]
            end = begin + size * (len(codes) - len(codes.lstrip(code)))
        if end > len(data):
            raise ValueError("it ends too early")
        machine.at = end
        machine.stack.extend([number for (number,) in one.iter_unpack(data[begin:end])])

    return push


def _written_integer(machine: PickleMachine) -> Any:
    text = machine.line()
    if text in (b"00", b"01"):
        return text == b"01"
    return _integer(machine, text)


def _integer(machine: PickleMachine, text: bytes) -> int:
    if len(text) > machine.budget.limits.digits:
        raise machine.budget.too_many_digits()
    return int(text.rstrip(b"L"), 0)


def _long(machine: PickleMachine, size: int) -> int:
    length = int.from_bytes(machine.take(size), "little", signed=size > 1)
    return int.from_bytes(machine.take(length), "little", signed=True)


def _quoted(machine: PickleMachine) -> str:
    text = machine.line()
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
        raise ValueError("a text without quotes")
    unescaped: bytes = codecs.escape_decode(text[1:-1])[0]
    return unescaped.decode("ascii")


def _bytes(size: int) -> Callable[[PickleMachine], bytes]:
    return lambda machine: machine.take(machine.number(size))


def _text(size: int) -> Callable[[PickleMachine], str]:
    return lambda machine: machine.take(machine.number(size)).decode("utf-8", "surrogatepass")


def _short_text(machine: PickleMachine) -> None:
    """A text of up to 255 bytes, and the instruction to remember it: most of most pickles."""
    data, at = machine.data, machine.at
    end = at + 1 + data[at]
    if end >= len(data):
        raise ValueError("it ends too early")
    text = str(data[at + 1 : end], "utf-8", "surrogatepass")
    machine.stack.append(text)
    if data[end] == _MEMOIZE:
        machine.memo[len(machine.memo)] = text
        end += 1
    machine.at = end


def _ascii(size: int) -> Callable[[PickleMachine], str]:
    return lambda machine: machine.take(machine.number(size)).decode("ascii")


# --- stack, memo and containers ---


def _mark(machine: PickleMachine) -> None:
    machine.budget.take_bytes(64)
    machine.marks.append(machine.stack)
    machine.stack = []


def _pop(machine: PickleMachine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()


def _duplicate(machine: PickleMachine) -> None:
    machine.push_again(machine.stack[-1])


def _memoize(machine: PickleMachine) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _remember(machine: PickleMachine, index: int) -> None:
    if not 0 <= index < _LARGEST_INDEX:
        raise ValueError(f"a memo of {index} values")
    machine.memo[index] = machine.stack[-1]


def _list(machine: PickleMachine) -> list[Any]:
    items = machine.pop_mark()
    machine.place(len(items))
    return items


def _tuple(machine: PickleMachine) -> tuple[Any, ...]:
    return tuple(_list(machine))


def _last(count: int) -> Callable[[PickleMachine], tuple[Any, ...]]:
    """The values at the top of the stack as a tuple."""

    def take(machine: PickleMachine) -> tuple[Any, ...]:
        items = tuple(machine.stack[-count:])
        if len(items) < count:
            raise IndexError("the stack is empty")
        del machine.stack[-count:]
        machine.place(count)
        return items

    return take


def _append(machine: PickleMachine) -> None:
    machine.extend([machine.stack.pop()])


def _set_item(machine: PickleMachine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.set_items([key, value])


def _dictionary(machine: PickleMachine) -> None:
    items = machine.pop_mark()
    machine.push_container({})
    machine.set_items(items)


# --- objects ---


def _global(machine: PickleMachine) -> Any:
    module = machine.line().decode()
    return machine.find(module, machine.line().decode())


def _stack_global(machine: PickleMachine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise ValueError("a name that is no text")
    machine.stack.append(machine.find(module, name))


def _reduce(machine: PickleMachine) -> None:
    args = machine.stack.pop()
    machine.stack[-1] = machine.call(machine.stack[-1], args)


def _instance(machine: PickleMachine) -> None:
    kind = _global(machine)
    args = machine.pop_mark()
    machine.stack.append(machine.call(kind, tuple(args)))


def _object(machine: PickleMachine) -> None:
    kind, *args = machine.pop_mark()
    machine.stack.append(machine.call(kind, tuple(args)))


def _new(machine: PickleMachine) -> None:
    args = machine.stack.pop()
    machine.stack[-1] = machine.new(machine.stack[-1], args)


def _new_with_names(machine: PickleMachine) -> None:
    names, args = machine.stack.pop(), machine.stack.pop()
    if type(names) is not dict:
        raise ValueError("an object with arguments by name")
    machine.stack[-1] = machine.new(machine.stack[-1], args, names)


def _build(machine: PickleMachine) -> None:
    machine.build(machine.stack.pop())


# --- the rest ---


def _protocol(machine: PickleMachine) -> None:
    number = machine.number(1)
    if number > _HIGHEST_PROTOCOL:
        raise ValueError(f"protocol {number}")


def _frame(machine: PickleMachine) -> None:
    if machine.number(8) > len(machine.data) - machine.at:
        raise ValueError("it ends too early")


def _end(_machine: PickleMachine) -> None:
    raise End


def _refused(what: str) -> Instruction:
    def refuse(_machine: PickleMachine) -> None:
        raise ValueError(f"the pickle refers to {what} outside it")

    return refuse


def _named_outside(machine: PickleMachine) -> None:
    _refused(f"something called {machine.line()[:100].decode(errors='replace')!r}")(machine)


INSTRUCTIONS: dict[int, Instruction] = {
    ord(code): instruction
    for code, instruction in {
        "(": _mark,
        ".": _end,
        "0": _pop,
        "1": lambda machine: (machine.pop_mark(), None)[1],
        "2": _duplicate,
        "F": _push(lambda machine: float(machine.line())),
        "I": _push(_written_integer),
        "L": _push(lambda machine: _integer(machine, machine.line())),
        "J": _numbers(b"J", "<xi"),
        "K": _numbers(b"K", "<xB"),
        "M": _numbers(b"M", "<xH"),
        "G": _numbers(b"G", ">xd"),
        "N": _push(lambda _: None),
        "S": _push(_quoted),
        "T": _push(_ascii(4)),
        "U": _push(_ascii(1)),
        "V": _push(lambda machine: machine.line().decode("raw-unicode-escape")),
        "X": _push(_text(4)),
        "B": _push(_bytes(4)),
        "C": _push(_bytes(1)),
        "P": _named_outside,
        "Q": _refused("something"),
        "R": _reduce,
        "a": _append,
        "b": _build,
        "c": _push(_global),
        "d": _dictionary,
        "e": lambda machine: machine.extend(machine.pop_mark()),
        "g": lambda machine: machine.push_again(machine.memo[int(machine.line())]),
        "h": lambda machine: machine.push_again(machine.memo[machine.number(1)]),
        "i": _instance,
        "j": lambda machine: machine.push_again(machine.memo[machine.number(4)]),
        "l": _push_container(_list),
        "o": _object,
        "p": lambda machine: _remember(machine, int(machine.line())),
        "q": lambda machine: _remember(machine, machine.number(1)),
        "r": lambda machine: _remember(machine, machine.number(4)),
        "s": _set_item,
        "t": _push_container(_tuple),
        "u": lambda machine: machine.set_items(machine.pop_mark()),
        ")": _push(lambda _: ()),
        "]": _empty(b"]", list),
        "}": _empty(b"}", dict),
        "\x80": _protocol,
        "\x81": _new,
        "\x82": _refused("a registry of names"),
        "\x83": _refused("a registry of names"),
        "\x84": _refused("a registry of names"),
        "\x85": _push_container(_last(1)),
        "\x86": _push_container(_last(2)),
        "\x87": _push_container(_last(3)),
        "\x88": _push(lambda _: True),
        "\x89": _push(lambda _: False),
        "\x8a": _push(lambda machine: _long(machine, 1)),
        "\x8b": _push(lambda machine: _long(machine, 4)),
        "\x8c": _short_text,
        "\x8d": _push(_text(8)),
        "\x8e": _push(_bytes(8)),
        "\x8f": _empty(b"\x8f", set),
        "\x90": lambda machine: machine.add_items(machine.pop_mark()),
        "\x91": lambda machine: machine.push_container(machine.frozen(machine.pop_mark())),
        "\x92": _new_with_names,
        "\x93": _stack_global,
        "\x94": _memoize,
        "\x95": _frame,
        "\x96": _push(lambda machine: bytearray(machine.take(machine.number(8)))),
        "\x97": _refused("a buffer"),
        "\x98": _refused("a buffer"),
    }.items()
}
