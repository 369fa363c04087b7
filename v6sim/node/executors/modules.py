"""The modules of algorithms that run in this process, kept in line with their files."""

import importlib
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from v6sim import garbage
from v6sim.node.errors import NoPackage
from v6sim.node.executors.inside import stand_ins
from v6sim.node.executors.packages import Location
from v6sim.node.executors.sources import Sources

_lock = threading.Lock()


@dataclass(frozen=True)
class _Loaded:
    folder: Path
    sources: Sources


_loaded: dict[str, _Loaded] = {}


def load(location: Location) -> None:
    """Import an algorithm's module, anew if its files have changed since the last time.

    What importing it raises is left for those to find who import it next.

    Raises:
        NoPackage: something else of the same name is loaded already.
    """
    if location.folder is None:
        return
    with _lock:
        _unload_other(location, location.folder)
        stand_ins.provide()
        written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            with garbage.unsought():
                importlib.import_module(location.module)
        except BaseException:  # noqa: S110  the run's own import says what is wrong
            pass
        finally:
            sys.dont_write_bytecode = written


def renew(location: Location) -> None:
    """Have an algorithm's module imported anew if its files have changed; it is not imported here.

    Raises:
        NoPackage: something else of the same name is loaded already.
    """
    if location.folder is not None:
        with _lock:
            _unload_other(location, location.folder)


def _unload_other(location: Location, folder: Path) -> None:
    name = location.module.partition(".")[0]
    known = _loaded.get(name)
    if known is not None and known.folder == folder and not known.sources.changed():
        return
    if known is None and name in sys.modules:
        origin = getattr(sys.modules[name], "__file__", None)
        if origin is None or not Path(origin).is_relative_to(folder):
            raise NoPackage(
                f"a module {name!r} is loaded in this process already, from {origin}; "
                "run the algorithm in a process of its own"
            )
    else:
        for each in [each for each in sys.modules if each.partition(".")[0] == name]:
            del sys.modules[each]
    if str(folder) in sys.path:
        sys.path.remove(str(folder))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    _loaded[name] = _Loaded(folder, Sources(location.files))
