"""Placeholders for objects of a result whose types v6sim does not load.

A reader that shows everything else puts one in the place of each object that a pickle makes of
something outside the allow-list. It says what the pickle holds of the object, and nothing more.
"""

from collections.abc import Callable
from typing import Any, NoReturn

_LONGEST = 200_000
"""Characters of a text that shows one."""

_PARTS = ("type", "module", "fields")

ARGUMENTS, NAMED_ARGUMENTS, ITEMS, ENTRIES, STATE = "args", "kwargs", "items", "entries", "state"
"""Fields that have no names in a pickle: the arguments an object is made of, what is put into a
list or a dict, and a state that is no dict of attributes."""


class ForeignObjectError(TypeError, AttributeError):
    """Somebody uses an object of which v6sim has only a placeholder.

    It is an AttributeError too, so that `hasattr` and `getattr` with a default work.

    Args:
        found: the placeholder.
        use: what it is used for, such as `+`.
    """

    def __init__(self, found: "ForeignObject", use: str) -> None:
        super().__init__(
            f"cannot use a {found.type} of {found.module} ({use}): v6sim does not load types of "
            "strangers, and has only a placeholder with its `fields`. Return plain values from the "
            "algorithm, or give --trust-results (in Python: trust_results=True) to load the "
            "algorithm's own types"
        )
        self.type, self.module = found.type, found.module


class ForeignObject:
    """The place of an object whose type v6sim does not load.

    It can be shown, copied and pickled. It equals nothing, not even itself; any other use raises
    `ForeignObjectError`.

    Args:
        type: the name of the type, function or class, as the pickle has it.
        module: the module it comes from.
        fields: what the pickle holds of the object: its attributes by their names; `args` and
            `kwargs` with which it is made, `items` or `entries` of a list or dict, and `state` for
            a state that is none of attributes.
    """

    __slots__ = ("_content", "_is_key")
    _content: dict[str, Any]
    _is_key: bool

    def __init__(self, type: str, module: str, fields: dict[str, Any] | None = None) -> None:  # noqa: A002
        content = {"type": type, "module": module, "fields": {} if fields is None else fields}
        object.__setattr__(self, "_content", content)
        object.__setattr__(self, "_is_key", False)

    @property
    def type(self) -> str:
        """The name of its type."""
        found: str = self._content["type"]
        return found

    @property
    def module(self) -> str:
        """The module of its type."""
        found: str = self._content["module"]
        return found

    @property
    def fields(self) -> dict[str, Any]:
        """What the pickle holds of it."""
        found: dict[str, Any] = self._content["fields"]
        return found

    def __repr__(self) -> str:
        from v6sim.wire.limits import TO_SHOW
        from v6sim.wire.printing import Printer
        from v6sim.wire.text_styles import Python

        return str(Printer(Python(), TO_SHOW, _LONGEST).print(self))

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        if self._is_key:
            return object.__hash__(self)
        raise ForeignObjectError(self, "hash()")

    def __format__(self, spec: str) -> str:
        if spec:
            raise ForeignObjectError(self, f"format {spec!r:.60}")
        return repr(self)

    def __getattr__(self, name: str) -> NoReturn:
        raise ForeignObjectError(self, f"its attribute {name!r:.100}")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise ForeignObjectError(self, f"setting {name!r:.100}")

    def __delattr__(self, name: str) -> NoReturn:
        raise ForeignObjectError(self, f"deleting {name!r:.100}")

    def __copy__(self) -> "ForeignObject":
        return ForeignObject(self.type, self.module, dict(self.fields))

    def __reduce__(self) -> Any:
        return ForeignObject, (self.type, self.module), (self.fields, self._is_key)

    def __setstate__(self, state: tuple[dict[str, Any], bool]) -> None:
        self._content["fields"], is_key = state
        object.__setattr__(self, "_is_key", is_key)


def content_of(found: ForeignObject) -> dict[str, Any]:
    """Return type, module and fields of a placeholder by these names, as JSON has them."""
    return found._content  # noqa: SLF001 - the one dict that walkers know it by


def make_key(found: ForeignObject) -> None:
    """Let a placeholder have a hash, that of its identity: it is a key, or a member of a set."""
    object.__setattr__(found, "_is_key", True)


def _refusing(use: str) -> Callable[..., NoReturn]:
    def refuse(self: ForeignObject, *_: object, **__: object) -> NoReturn:
        raise ForeignObjectError(self, use)

    return refuse


_USES = {
    "()": ("call",),
    "len()": ("len", "length_hint"),
    "iteration": ("iter", "reversed"),
    "bool()": ("bool",),
    "in": ("contains",),
    "[]": ("getitem", "setitem", "delitem"),
    "a comparison by order": ("lt", "le", "gt", "ge"),
    "a conversion into a number": (
        "int", "float", "complex", "index", "round", "trunc", "floor", "ceil",
    ),
    "bytes()": ("bytes",),
    "a path": ("fspath",),
    "with": ("enter", "exit"),
    **{
        sign: (name, f"r{name}", f"i{name}")
        for sign, name in (
            ("+", "add"), ("-", "sub"), ("*", "mul"), ("@", "matmul"), ("/", "truediv"),
            ("//", "floordiv"), ("%", "mod"), ("**", "pow"), ("<<", "lshift"), (">>", "rshift"),
            ("&", "and"), ("^", "xor"), ("|", "or"),
        )
    },
    "divmod()": ("divmod", "rdivmod"),
    "an operator": ("neg", "pos", "invert"),
    "abs()": ("abs",),
}  # fmt: skip

for _use, _names in _USES.items():
    for _name in _names:
        setattr(ForeignObject, f"__{_name}__", _refusing(_use))
