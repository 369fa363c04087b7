"""A reader of pickles that counts what it does: protocols 0 to 5.

A pickle is a program. The unpickler of the standard library carries it out in C, where nothing can
stop it: seven bytes make a memo of 34 GB, a list is doubled as often as there are bytes, a key is
hashed for ever. This one knows the same instructions, each of which does a bounded amount of work:
it calls only stand-ins (`v6sim.wire.sealed`), and only lists, dicts and sets can be filled.
"""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from v6sim.wire import pickled_foreign as foreign
from v6sim.wire.budget import Budget
from v6sim.wire.foreign import ForeignObject
from v6sim.wire.hash_check import HashCheck, OffendingKeys
from v6sim.wire.limits import PayloadTooLarge
from v6sim.wire.sealed import Constant, Reference, Sealed, SealedType, Unsupported

_STRIDE = 1000
"""Instructions between two looks at the budget."""

_INSTRUCTIONS_OF_A_VALUE = _BYTES_OF_A_VALUE = 4
_SLACK = 1_000
"""Values in arguments of calls, which are none of the payload's."""

_CONTAINER, _SET = 80, 240
"""Bytes that an empty container takes, with its place in another one."""

_REFERENCE = 500
"""Bytes that the placeholder of a name takes."""

_FILLED, _ENTRY = 120, 32
"""Bytes that the first item of a dict takes, and each item of a dict or set."""

RECONSTRUCTOR = Sealed(lambda *_: None)
"""What stands for `copyreg._reconstructor`."""

_UNSHARED = (str, bytes, int, float, Reference)
"""Types of what counts once however often it is referred to, or holds nothing."""

_SIZED = (list, tuple, set, frozenset, dict)
_LISTS = (list, deque)
_MAPPINGS = (dict, OrderedDict, Counter, defaultdict)


class PickleMachine:
    """Carries out one pickle.

    Args:
        data: the pickle.
        find_global: gives the stand-in for a module and a name; None for what has none.
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
        self.has_foreign = False
        """Whether a placeholder was made, which may be in the value."""
        left = budget.limits.values - budget.values
        self._most_placed = _SLACK + left * (2 if budget.limits.must_be_whole else 1)
        self._hashes = HashCheck(budget)
        budget.allow_hashing(len(data))
        self._unmade: dict[int, tuple[Any, Any]] = {}
        """Instances whose state has not come yet, and what they are of, by their ids."""
        self._begun: dict[int, tuple[Any, Any]] = {}
        """What was made by a call and may get a state yet, likewise."""
        self._replaced: dict[int, tuple[Any, Any]] = {}
        """What something else stands in the place of, since its state has come, by their ids."""
        self._references: dict[tuple[str, str], Reference] = {}

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
            _, kind = next(iter(self._unmade.values()))
            raise ValueError(f"{kind.type} without its content")
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
        """Return a reference to what a name means; or that itself, if it is a value."""
        found = self._references.get((module, name))
        if found is None:
            self.budget.take_bytes(_REFERENCE + len(module) + len(name))
            known = self.find_global(module, name)
            if type(known) is Constant:
                return known.value
            found = Reference(foreign.named(name, module), foreign.shown(module), known)
            self._references[module, name] = found
        return found

    def place(self, count: int) -> None:
        """Count values that are put into a container; those of arguments of calls are among them.

        Raises:
            PayloadTooLarge: there are more than the value can have.
        """
        self.placed += count
        if self.placed > self._most_placed:
            raise self.budget.too_many_values()

    def _place_all(self, values: tuple[Any, ...]) -> bool:
        """Count what is handed to a stand-in: it may look at each item, again and again.

        Returns:
            Whether references are among it.
        """
        has_references = False
        for value in values:
            if type(value) in _SIZED:
                self.place(len(value))
            elif type(value) is Reference:
                has_references = True
        return has_references

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
        if self._replaced and id(value) in self._replaced:
            _, value = self._replaced[id(value)]
        elif self._unmade and id(value) in self._unmade:
            raise ValueError(f"{self._unmade[id(value)][1].type} that contains itself")
        self.stack.append(value)

    def extend(self, items: list[Any]) -> None:
        """Append to the list on the stack."""
        target = self.stack[-1]
        if type(target) is ForeignObject:
            target = foreign.part_of(target, foreign.ITEMS, list)
        if type(target) not in _LISTS:
            raise ValueError(f"items for a {type(target).__name__}")
        self.place(len(items))
        target.extend(items)

    def set_items(self, items: list[Any]) -> None:
        """Put keys and values, one after the other, into the dict on the stack."""
        target = self.stack[-1]
        if type(target) is ForeignObject:
            target = foreign.part_of(target, foreign.ENTRIES, dict)
        if type(target) not in _MAPPINGS:
            raise ValueError(f"keys for a {type(target).__name__}")
        keys = items[::2]
        self.place(len(items))
        self.budget.take_bytes(_ENTRY * len(keys) + (0 if target else _FILLED))
        self._hashes.fill_mapping(target, keys, items[1::2])

    def add_items(self, items: list[Any]) -> None:
        """Add to the set on the stack."""
        target = self.stack[-1]
        if type(target) is ForeignObject:
            self.extend(items)
            return
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
        """Return what a stand-in makes; a placeholder for what has none, or cannot make it."""
        if type(args) is not tuple:
            raise ValueError(f"a call with a {type(args).__name__}")
        has_references = self._place_all(args)
        if type(function) is not Reference:
            return self._call_instance(function, args)
        stand_in = function.stand_in
        if stand_in is None:
            return self._call_foreign(function, args)
        if stand_in is RECONSTRUCTOR:
            return self._reconstruct(*args)
        given = tuple(map(_named_by, args)) if has_references else args
        try:
            made = type(stand_in).call_with(stand_in, self.budget, *given)
        except Exception as error:
            if not self._may_be_shown(error):
                raise
            return self.make_foreign(_kind_of_made(function, args), args)
        if type(type(made)) is SealedType:
            self._begun[id(made)] = made, _kind_of_made(function, args)
        return made

    def _call_instance(self, function: Any, args: tuple[Any, ...]) -> Any:
        """Return what an object that is called makes."""
        if hasattr(type(function), "call_with"):
            return type(function).call_with(function, self.budget, *args)
        if isinstance(function, ForeignObject):
            return self.make_foreign(function, args, of=function)
        raise ValueError(f"a call of a {type(function).__name__}")

    def _call_foreign(self, function: Reference, args: tuple[Any, ...]) -> Any:
        """Return a placeholder of what is called; what is looked up in a type has a name."""
        owner, name = args if foreign.is_look_up(function, args) else (None, "")
        if type(owner) is Reference and type(name) is str:
            self.budget.take_bytes(_REFERENCE + len(owner.type) + len(name))
            return self.find(owner.module, f"{owner.type}.{name}")
        return self.make_foreign(function, args)

    def make_foreign(
        self, kind: ForeignObject, args: tuple[Any, ...], kwargs: Any = None, *, of: Any = None
    ) -> ForeignObject:
        """Return a placeholder for an object that is made of arguments.

        Args:
            kind: its type, or the function that makes it.
            args: the arguments by position.
            kwargs: those by name.
            of: the object that is called, if that is none that has a name.
        """
        self.has_foreign = True
        self.containers += foreign.CONTAINERS
        self.place(foreign.VALUES)
        self.budget.take_bytes(foreign.BYTES)
        return foreign.made(kind, args, kwargs, of)

    def _may_be_shown(self, error: Exception) -> bool:
        """Whether a placeholder may be in the place of what raised an error."""
        if isinstance(error, Unsupported):
            return True
        is_limit = isinstance(error, MemoryError | PayloadTooLarge | OffendingKeys)
        return self.has_foreign and not is_limit  # for which there may be one in the arguments

    def _reconstruct(self, kind: Any, _base: Any, state: Any) -> Any:
        """How protocols 0 and 1 make an object."""
        if type(kind) is Reference and (kind.stand_in is None or state is not None):
            return self.make_foreign(kind, () if state is None else (state,))
        return self.new(kind, ())

    def new(self, kind: Any, args: Any, kwargs: Any = None) -> Any:
        """Return an instance of a stand-in class, whose state is still to come, or a placeholder.

        Args:
            kind: the class.
            args: arguments by position.
            kwargs: arguments by name; None for none.
        """
        if type(kind) is not Reference or type(args) is not tuple:
            raise ValueError(f"an object of {type(kind).__name__}")
        stand_in = kind.stand_in
        if args or kwargs or not isinstance(stand_in, SealedType):
            self._place_all((*args, kwargs))
            return self.make_foreign(kind, args, kwargs)
        self.budget.take_bytes(_CONTAINER)
        anything: Any = stand_in
        made = anything.__new__(anything)
        if getattr(stand_in, "needs_state", True):
            self._unmade[id(made)] = made, kind
        else:
            self._begun[id(made)] = made, kind
        return made

    def build(self, state: Any) -> None:
        """Give the object on the stack its state."""
        target = self.stack[-1]
        self._place_all((state, *(state if type(state) is tuple else ())))
        if type(target) is ForeignObject:
            foreign.set_state(self.budget, target, state)
            return
        if not hasattr(type(target), "set_state"):
            raise ValueError(f"a state for a {type(target).__name__}")
        _, kind = self._unmade.pop(id(target), self._begun.pop(id(target), (None, None)))
        try:
            found = target.set_state(self.budget, state)
        except Exception as error:
            if kind is None or not self._may_be_shown(error):
                raise
            found = self.make_foreign(kind, ())
            foreign.set_state(self.budget, found, state)
        if found is not None:
            self._replaced[id(target)] = target, found
            self.stack[-1] = found


def _kind_of_made(function: Reference, args: tuple[Any, ...]) -> Reference:
    """What a function makes: private ones are told by their first argument."""
    first = args[0] if args else None
    return first if function.type.startswith("_") and type(first) is Reference else function


def _named_by(value: Any) -> Any:
    """What a reference is to; all else is itself."""
    return value.stand_in or value if type(value) is Reference else value


class End(Exception):
    """The pickle has ended in order."""
