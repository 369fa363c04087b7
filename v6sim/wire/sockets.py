"""Socket.IO as server and nodes use it: the libraries its clients need are imported when used.

`socketio` imports aiohttp and requests for its clients, which is a good part of the time that a
server needs to start.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a module, which is imported when something of it is wanted."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _later(*names: str) -> Iterator[None]:
    """Who imports one of these modules meanwhile gets it when it is used.

    Afterwards they are imported as ever, by everybody else.
    """
    stand_ins = {name: _Later(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            sys.modules.pop(name, None)


with _later("aiohttp", "requests"):
    import socketio

__all__ = ["socketio"]
