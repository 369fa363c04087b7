"""What a test that imports an algorithm needs of vantage6, where nothing of that is installed."""

import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any


def offer() -> None:
    """Have `import vantage6` find stand-ins for what is not installed; nothing is imported yet."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


class _Finder(MetaPathFinder):
    """Calls for the stand-ins once somebody asks for one."""

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Where a module comes from, as the import system asks it."""
        if fullname.partition(".")[0] == "vantage6":
            from v6sim.node.executors.inside import stand_ins

            stand_ins.provide(_mocks)
            return stand_ins.find(fullname)
        return None


def _mocks() -> Mapping[str, Any]:
    from v6sim.testing import mock

    return {name: getattr(mock, name) for name in ("ClientMockProtocol", "MockAlgorithmClient")}
