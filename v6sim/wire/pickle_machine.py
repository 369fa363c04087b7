"""A reader of pickles that counts what it does: protocols 0 to 5.

A pickle is a program. The unpickler of the standard library carries it out in C, where nothing can
stop it: seven bytes make a memo of 34 GB, a list is doubled as often as there are bytes, a key is
hashed for ever. This one knows the same instructions, each of which does a bounded amount of work:
it calls only stand-ins (`v6sim.wire.sealed`), and only lists, dicts and sets can be filled.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

from v6sim.wire.budget import Budget
from v6sim.wire.hash_check import HashCheck
from v6sim.wire.limits import PayloadTooLarge
from v6sim.wire.sealed import Sealed, SealedType

_STRIDE = 1000
"""Instructions between two looks at the budget."""

_INSTRUCTIONS_OF_A_VALUE = _BYTES_OF_A_VALUE = 4
_SLACK = 1_000
"""Values in arguments of calls, which are none of the payload's."""

_CONTAINER, _SET = 80, 240
"""Bytes that an empty container takes, with its place in another one."""

_FILLED, _ENTRY = 120, 32
"""Bytes that the first item of a dict takes, and each item of a dict or set."""

RECONSTRUCTOR = Sealed(lambda *_: None)
"""What stands for `copyreg._reconstructor`."""

_UNSHARED = (str, bytes, int, float, Sealed, SealedType)
"""Types of what counts once however often it is referred to, or is no value at all."""

_SIZED = (list, tuple, set, frozenset, dict)
_MAPPINGS = (dict, OrderedDict, Counter, defaultdict)


class PickleMachine:
    """Carries out one pickle.

    Args:
        data: the pickle.
        find_global: gives the stand-in for a module and a name.
        budget: what it may make.
    """

    def __init__(self, data: bytes, find_global: Callable[[str, str], Any], budget: Budget) -> None:
        self.data, self.at = data, 0
        self.find_global, self.budget = find_global, budget
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        """The stacks below the marks, the outermost first."""
        self.memo: dict[int, Any] = {}
        self.has_shared = False
        """Whether a container may be in the value more than once, or in itself."""
        self.containers = self.placed = 0
        """Containers on the stack so far, and values that were put into others."""
        self.has_names = False
        """Whether the pickle has named something, which may be in the value."""
        left = budget.limits.values - budget.values
        self._most_placed = _SLACK + left * (2 if budget.limits.must_be_whole else 1)
        self._hashes = HashCheck(budget)
        budget.allow_hashing(len(data))
        self._unmade: dict[int, Any] = {}
        """Instances whose state has not come yet, by their ids."""

    def load(self) -> Any:
        """Return the value of the pickle.

        Raises:
            PayloadTooLarge: it goes beyond the budget; what there was is kept as `partial`.
            Exception: it is damaged; such pickles fail in every way there is.
        """
        from v6sim.wire.pickle_instructions import INSTRUCTIONS

        most = _INSTRUCTIONS_OF_A_VALUE * self.budget.limits.values + _STRIDE
        try:
            for _ in range(0, most, _STRIDE):
                for _ in range(_STRIDE):
                    code = self.data[self.at]
                    self.at += 1
                    INSTRUCTIONS[code](self)
                self.budget.check_time()
            raise self.budget.too_many_values()
        except End:
            return self._ended()
        except PayloadTooLarge as error:
            error.partial = self._so_far()
            raise
        finally:  # what is left of the budget is for other payloads in the same value
            self.budget.values += max(self.placed, self.at // _BYTES_OF_A_VALUE)

    def _ended(self) -> Any:
        if self._unmade:
            kind = type(next(iter(self._unmade.values()))).__name__
            raise ValueError(f"{kind} without its content")
        return self.stack.pop()

    def _so_far(self) -> list[Any]:
        """The outermost container, filled with what was about to be put into it."""
        stacks = [*self.marks, self.stack]
        while len(stacks) > 1:
            items, below = stacks.pop(), stacks[-1]
            match below[-1] if below else None:
                case list() as found:
                    found.extend(items)
                case dict() as found if len(items) > 1:
                    for key, value in zip(items[::2], items[1::2], strict=False):
                        if isinstance(key, str):
                            found[key] = value
                case _:
                    below.extend(items)
        return [] if self._unmade else stacks[0][:1]

    # --- reading ---

    def take(self, size: int) -> bytes:
        """Return the next bytes of the pickle."""
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise ValueError("it ends too early")
        found = self.data[self.at : end]
        self.at = end
        return found

    def number(self, size: int) -> int:
        """Return the next integer without a sign, in so many bytes."""
        return int.from_bytes(self.take(size), "little")

    def line(self) -> bytes:
        """Return the bytes up to the end of the line."""
        end = self.data.index(b"\n", self.at)
        found = self.data[self.at : end]
        self.at = end + 1
        return found

    def pop_mark(self) -> list[Any]:
        """Return what stands above the last mark, and drop both."""
        items = self.stack
        self.stack = self.marks.pop()
        return items

    # --- making ---

    def find(self, module: str, name: str) -> Any:
        """Return the stand-in for a name."""
        self.has_names = True
        return self.find_global(module, name)

    def place(self, count: int) -> None:
        """Count values that are put into a container; those of arguments of calls are among them.

        Raises:
            PayloadTooLarge: there are more than the value can have.
        """
        self.placed += count
        if self.placed > self._most_placed:
            raise self.budget.too_many_values()

    def _place_all(self, values: tuple[Any, ...]) -> None:
        """Count what is handed to a stand-in: it may look at each item, again and again."""
        for value in values:
            if type(value) in _SIZED:
                self.place(len(value))

    def push_container(self, value: Any) -> None:
        """Put a new container on the stack."""
        self.containers += 1
        self.budget.take_bytes(_SET if isinstance(value, set | frozenset) else _CONTAINER)
        self.stack.append(value)

    def push_containers(self, kind: type[Any], count: int) -> None:
        """Put empty containers on the stack."""
        self.containers += count
        self.budget.take_bytes((_SET if kind is set else _CONTAINER) * count)
        self.stack.extend([kind() for _ in range(count)])

    def push_again(self, value: Any) -> None:
        """Put a value on the stack that is there or was there already."""
        self.has_shared = self.has_shared or type(value) not in _UNSHARED
        self.stack.append(value)

    def extend(self, items: list[Any]) -> None:
        """Append to the list on the stack."""
        target = self.stack[-1]
        if type(target) is not list:
            raise ValueError(f"items for a {type(target).__name__}")
        self.place(len(items))
        target.extend(items)

    def set_items(self, items: list[Any]) -> None:
        """Put keys and values, one after the other, into the dict on the stack."""
        target = self.stack[-1]
        if type(target) not in _MAPPINGS:
            raise ValueError(f"keys for a {type(target).__name__}")
        keys = items[::2]
        self.place(len(items))
        self.budget.take_bytes(_ENTRY * len(keys) + (0 if target else _FILLED))
        self._hashes.fill_mapping(target, keys, items[1::2])

    def add_items(self, items: list[Any]) -> None:
        """Add to the set on the stack."""
        target = self.stack[-1]
        if type(target) is not set:
            raise ValueError(f"members for a {type(target).__name__}")
        self.place(len(items))
        self.budget.take_bytes(_ENTRY * len(items))
        self._hashes.fill_set(target, items)

    def frozen(self, items: list[Any]) -> frozenset[Any]:
        """Return a frozen set."""
        self.place(len(items))
        self.budget.take_bytes(_ENTRY * len(items))
        return self._hashes.frozen(items)

    def call(self, function: Any, args: Any) -> Any:
        """Return what a stand-in makes."""
        if not hasattr(type(function), "call_with") or type(args) is not tuple:
            raise ValueError(f"a call of {type(function).__name__}")
        self._place_all(args)
        if function is RECONSTRUCTOR:
            return self._reconstruct(*args)
        return type(function).call_with(function, self.budget, *args)

    def _reconstruct(self, kind: Any, _base: Any, state: Any) -> Any:
        """How protocols 0 and 1 make an object."""
        if state is not None:
            raise ValueError("an object with a value of its base class")
        return self.new(kind, ())

    def new(self, kind: Any, args: Any) -> Any:
        """Return an instance of a stand-in class, whose state is still to come."""
        if not isinstance(kind, SealedType) or type(args) is not tuple or args:
            raise ValueError(f"an object of {type(kind).__name__}")
        self.budget.take_bytes(_CONTAINER)
        anything: Any = kind
        made = anything.__new__(anything)
        if hasattr(kind, "set_state"):
            self._unmade[id(made)] = made
        return made

    def build(self, state: Any) -> None:
        """Give the object on the stack its state."""
        target = self.stack[-1]
        if not hasattr(type(target), "set_state"):
            raise ValueError(f"a state for a {type(target).__name__}")
        self._place_all((state, *(state if type(state) is tuple else ())))
        target.set_state(self.budget, state)
        self._unmade.pop(id(target), None)


class End(Exception):
    """The pickle has ended in order."""
