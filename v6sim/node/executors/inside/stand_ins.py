"""What algorithms import of vantage6, where no genuine library is installed.

A finder at the end of the import path makes these modules when they are asked for, so that whatever
is really there comes first. Same contract, own code: what needs more than an algorithm's process
has, such as a user's client, can be imported and named, and says at its first use what to install.
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# The genuine functions have such arguments:

import base64
import os
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional

from . import data, payloads, printing
from .algorithm_client import AlgorithmClient
from .client import ContainerClient

ORIGIN = "v6sim"
"""What the specification of a module that stands in says of its origin."""

_INSTALL = (
    "install the genuine library where the algorithm runs (pip install 'vantage6-client<4'), or "
    "name an interpreter that has it by --python"
)


def provide(mocks: Optional[Callable[[], Mapping[str, Any]]] = None) -> None:
    """Have `import vantage6` find stand-ins for what is not installed.

    Args:
        mocks: gives what stands in for `vantage6.tools.mock_client`; None: there is nothing here.
    """
    finder = _finder()
    if finder is None:
        sys.meta_path.append(_Finder(mocks))
    elif mocks is not None:
        finder.take(mocks)


def find(name: str) -> Optional[ModuleSpec]:
    """Where a module that stands in comes from; None if none of that name does."""
    finder = _finder()
    return None if finder is None else finder.find_spec(name)


def _finder() -> "Optional[_Finder]":
    return next((finder for finder in sys.meta_path if isinstance(finder, _Finder)), None)


def is_stand_in(spec: Optional[ModuleSpec]) -> bool:
    """Whether a specification is that of a stand-in."""
    return spec is not None and spec.origin == ORIGIN


def advice(problem: BaseException) -> str:
    """What to do about an import that no stand-in serves; empty if it is about something else."""
    name = getattr(problem, "name", None) or ""
    if not isinstance(problem, ImportError) or name.partition(".")[0] != "vantage6":
        return ""
    if not is_stand_in(getattr(sys.modules.get("vantage6"), "__spec__", None)):
        return ""
    if name.startswith("vantage6.algorithm"):
        return f"{name} is a library of vantage6 4, and v6sim speaks 3.7 alone so far"
    return f"v6sim stands in for a part of vantage6, and has no such thing in {name}: {_INSTALL}"


class _Finder(Loader):
    """Finds the stand-ins, and makes them."""

    def __init__(self, mocks: Optional[Callable[[], Mapping[str, Any]]]) -> None:
        self._contents = {**_CONTENTS, "vantage6.tools.mock_client": mocks or _no_mocks}

    def take(self, mocks: "_Contents") -> None:
        """Have something stand in for `vantage6.tools.mock_client`."""
        self._contents["vantage6.tools.mock_client"] = mocks

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """Where a module comes from, as the import system asks it."""
        del path, target
        if name not in self._contents:
            return None
        return ModuleSpec(name, self, origin=ORIGIN, is_package=True)

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        """Have the import system make it."""
        del spec
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        module.__doc__ = "Stand-in of v6sim for the library of this name."
        vars(module).update(self._contents[module.__name__]())


# --- vantage6.tools ------------------------------------------------------------------------------


def _util() -> Dict[str, Any]:
    return {"info": printing.info, "warn": printing.warn, "error": printing.error}


def _wrappers() -> Dict[str, Any]:
    functions = {name: _wrapper(name, reader) for name, reader in data.OF_WRAPPERS.items()}
    classes = {name: _class(name, reader) for name, reader in data.OF_CLASSES.items()}
    return {
        **functions, **classes, "load_input": payloads.read_input, "write_output": _write_output,
        "info": printing.info, "dispatch_rpc": dispatch_rpc, "dispact_rpc": dispatch_rpc,
        "DataFormat": payloads.DataFormat,
        "DeserializationException": payloads.DeserializationException,
    }  # fmt: skip


def _wrapper(name: str, reader: data.Reader) -> Callable[..., None]:
    def wrap(module: str, load_data: bool = True, use_new_client: bool = False) -> None:
        _wrap(module, reader if load_data else None, use_new_client)

    wrap.__name__ = wrap.__qualname__ = name
    return wrap


def _class(name: str, reader: Optional[data.Reader]) -> type:
    def load(database_uri: str, input_data: Mapping[str, Any]) -> Any:
        if reader is None:
            raise NotImplementedError("load_data of this wrapper is not written")
        return reader(database_uri, input_data)

    return type(name, (_WrapperBase,), {"load_data": staticmethod(load)})


class _WrapperBase:
    """What wrappers have in common; the algorithm's own ones say how they load their data."""

    load_data: Callable[..., Any]

    def wrap_algorithm(
        self, module: str, load_data: bool = True, use_new_client: bool = False
    ) -> None:
        """Do the run that the environment describes."""
        _wrap(module, self.load_data if load_data else None, use_new_client)


def _wrap(module: str, reader: Optional[data.Reader], new_client: bool) -> None:
    from . import wrapper

    try:
        wrapper.wrap(module, reader, new_client, os.environ)
    except wrapper.Stop as stop:
        raise SystemExit(1) from stop


def dispatch_rpc(
    data: Any, input_data: Mapping[str, Any], module: str, token: str, use_new_client: bool = False
) -> Any:
    """Call the function of a module that an input asks for, and return what it returns."""
    from . import wrapper

    try:
        return wrapper.dispatch(data, input_data, module, token, use_new_client, os.environ)
    except wrapper.Stop as stop:
        raise SystemExit(1) from stop


def _write_output(output_format: Optional[str], output: Any, output_file: str) -> None:
    payloads.write_output(output_file, output, output_format)


def _deserialize(file: Any, data_format: Any) -> Any:
    return payloads.deserialize(file if isinstance(file, bytes) else file.read(), data_format)


def _deserialization() -> Dict[str, Any]:
    return {
        "deserialize": _deserialize, "DataFormat": payloads.DataFormat,
        "deserialize_json": lambda file: _deserialize(file, "json"),
        "deserialize_pickle": lambda file: _deserialize(file, "pickle"),
    }  # fmt: skip


def _serialization() -> Dict[str, Any]:
    return {
        "serialize": payloads.serialize, "DataFormat": payloads.DataFormat,
        "serialize_to_json": lambda value: payloads.serialize(value, "json"),
        "serialize_to_pickle": lambda value: payloads.serialize(value, "pickle"),
    }  # fmt: skip


def _no_mocks() -> Dict[str, Any]:
    return _elsewhere("vantage6.tools.mock_client", "ClientMockProtocol", "MockAlgorithmClient")


# --- vantage6.client and vantage6.common ---------------------------------------------------------


def _client() -> Dict[str, Any]:
    users = _elsewhere("vantage6.client", "Client", "UserClient", "ClientBase")
    return {**users, "ContainerClient": ContainerClient}


def _elsewhere(module: str, *names: str) -> Dict[str, Any]:
    """Classes that can be imported, and have no place in an algorithm's process."""
    return {name: _absent(module, name) for name in names}


def _absent(module: str, name: str) -> type:
    def refuse(self: Any, *_: Any, **__: Any) -> None:
        del self
        raise RuntimeError(f"v6sim does not stand in for {module}.{name}: {_INSTALL}")

    return type(name, (), {"__init__": refuse, "__module__": module})


def _echo(msg: Any, level: str = "info") -> None:
    """Print a line as commands of vantage6 do."""
    print(f"{f'[{level}]':7} - {msg}", flush=True)


def _at_level(level: str) -> Callable[[Any], None]:
    return lambda msg: _echo(msg, level)


_info, _warning, _error, _debug = map(_at_level, ("info", "warn", "error", "debug"))


class _ClickLogger:
    """The same as methods."""

    info, warn = staticmethod(_info), staticmethod(_warning)
    error, debug = staticmethod(_error), staticmethod(_debug)


class _Singleton(type):
    """The type of classes that have one instance each."""

    _instances: Dict[type, Any] = {}  # noqa: RUF012 - a table that all share

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]


class _WhoAmI(NamedTuple):
    """What a client knows of itself."""

    type_: str
    id_: int
    name: str
    organization_name: str
    organization_id: int


def _common() -> Dict[str, Any]:
    return {
        "echo": _echo, "info": _info, "warning": _warning, "error": _error, "debug": _debug,
        "ClickLogger": _ClickLogger, "Singleton": _Singleton, "WhoAmI": _WhoAmI,
        "bytes_to_base64s": lambda bytes_: base64.b64encode(bytes_).decode(),
        "base64s_to_bytes": lambda bytes_string: base64.b64decode(bytes_string.encode()),
        "logger_name": lambda name: name.rpartition(".")[2],
    }  # fmt: skip


_Contents = Callable[[], Mapping[str, Any]]

_CONTENTS: Dict[str, _Contents] = {
    "vantage6": dict,
    "vantage6.tools": dict,
    "vantage6.tools.util": _util,
    "vantage6.tools.docker_wrapper": _wrappers,
    "vantage6.tools.wrapper": _wrappers,
    "vantage6.tools.dispatch_rpc": lambda: {
        "dispatch_rpc": dispatch_rpc, "dispact_rpc": dispatch_rpc,
    },
    "vantage6.tools.data_format": lambda: {"DataFormat": payloads.DataFormat},
    "vantage6.tools.exceptions": lambda: {
        "DeserializationException": payloads.DeserializationException
    },
    "vantage6.tools.serialization": _serialization,
    "vantage6.tools.deserialization": _deserialization,
    "vantage6.tools.container_client": lambda: {"ContainerClient": ContainerClient},
    "vantage6.client": _client,
    "vantage6.client.algorithm_client": lambda: {"AlgorithmClient": AlgorithmClient},
    "vantage6.client.exceptions": lambda: {
        "DeserializationException": payloads.DeserializationException
    },
    "vantage6.client.serialization": _serialization,
    "vantage6.client.deserialization": _deserialization,
    "vantage6.common": _common,
    "vantage6.common.globals": lambda: {"APPNAME": "vantage6", "STRING_ENCODING": "utf-8"},
    "vantage6.common.exceptions": lambda: {
        "AuthenticationException": type("AuthenticationException", (Exception,), {})
    },
}  # fmt: skip
"""What is in each module, made when it is imported."""
