"""What is in the modules that stand in for those of vantage6, and what only the genuine ones have.

Made when it is asked for. What has no place in an algorithm's process says so at its first use.
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# Some of what it reads is a pickle by contract:
# ruff: noqa: S301
# Lambdas name parameters as the genuine functions do:
# ruff: noqa: PLW0108

import base64
import logging
import os
import pickle
from enum import Enum
from typing import Any, Callable, Dict, Mapping, NamedTuple, NoReturn, Optional, Tuple

from . import data, payloads, printing
from .algorithm_client import AlgorithmClient
from .client import ContainerClient

ALL = "*"

GENUINE: Dict[str, Tuple[str, ...]] = {
    # of colorama, and for commands that write files of settings:
    "vantage6.common": (
        "Fore", "Style", "init", "check_config_writeable", "check_write_permissions",
        "generate_apikey", "get_database_config",
    ),
    # where the genuine library lies:
    "vantage6.common.globals": ("PACKAGE_FOLDER",),
    # for nodes, servers and commands, not for algorithms:
    "vantage6.common.colors": (ALL,),
    "vantage6.common.configuration_manager": (ALL,),
    "vantage6.common.context": (ALL,),
    "vantage6.common.docker": (ALL,),
    "vantage6.common.log": (ALL,),
    "vantage6.common.utest": (ALL,),
    # which version of it is installed: none
    "vantage6.client._version": (ALL,),
    "vantage6.common._version": (ALL,),
    # inner parts, and what is SPARQLWrapper's:
    "vantage6.client": ("module_name",),
    "vantage6.tools.mock_client": ("module_name",),
    "vantage6.tools.docker_wrapper": ("CSV", "SPARQLWrapper"),
    "vantage6.tools.wrapper": ("CSV", "SPARQLWrapper"),
}  # fmt: skip
"""What nothing stands in for, by the modules that the genuine library has it in."""

_PACKAGES = {
    "vantage6.server": "vantage6-server", "vantage6.node": "vantage6-node",
    "vantage6.cli": "vantage6",
}  # fmt: skip
"""What else of 3.x there is, which is no client's."""

_NEWER = ("vantage6.algorithm", "vantage6.tools.wrap")
_OLDER = "vantage6.tools.container_client"


def _install(package: str = "vantage6-client") -> str:
    return (
        f"install the genuine library where the algorithm runs (pip install '{package}<4'), or "
        "name an interpreter that has it by --python"
    )


def about(name: str) -> str:
    """What to do about something that an algorithm wants, and that no stand-in has.

    Args:
        name: of a module, or of something in one, with all that it is within.
    """
    module, _, own = name.rpartition(".")
    if any(_is_within(name, newer) for newer in _NEWER):
        return f"{name} is a library of vantage6 4, and v6sim speaks 3.7 alone so far"
    if _is_within(name, _OLDER) or own == "ClientContainerProtocol":
        return (
            f"{name} is of vantage6 before 3.0; since then the client of an algorithm is "
            "vantage6.client.ContainerClient"
        )
    for part, package in _PACKAGES.items():
        if _is_within(name, part):
            return f"v6sim does not stand in for {part}: {_install(package)}"
    if own in GENUINE.get(module, ()) or any(
        ALL in names and _is_within(name, part) for part, names in GENUINE.items()
    ):
        return f"v6sim stands in for a part of vantage6, and has no {name}: {_install()}"
    return (
        f"v6sim stands in for vantage6 3.x, and knows of no {name} in any (3.7.3 and 3.11.1 have "
        f"none): look at its name. If your version has it, {_install()}"
    )


def _is_within(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")


# --- vantage6.tools ------------------------------------------------------------------------------


def _util() -> Dict[str, Any]:
    return {"info": printing.info, "warn": printing.warn, "error": printing.error}


def _wrappers() -> Dict[str, Any]:
    return {
        **_FUNCTIONS, **_CLASSES, "load_input": _load_input, "write_output": _write_output,
        "select_wrapper": _select_wrapper,
        "info": printing.info, "error": printing.error,
        "dispatch_rpc": dispatch_rpc, "dispact_rpc": dispatch_rpc,
        "DataFormat": payloads.DataFormat,
        "DeserializationException": payloads.DeserializationException,
    }  # fmt: skip


def _wrapper(name: str, reader: data.Reader) -> Callable[..., None]:
    def wrap(
        module: str, load_data: bool = True, use_new_client: bool = False,
        log_traceback: bool = True,
    ) -> None:  # fmt: skip
        del log_traceback  # there always is one
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
        self, module: str, load_data: bool = True, use_new_client: bool = False,
        log_traceback: bool = True,
    ) -> None:  # fmt: skip
        """Do the run that the environment describes."""
        del log_traceback
        _wrap(module, self.load_data if load_data else None, use_new_client)


def _read_omop(database_uri: str, input_data: Mapping[str, Any]) -> NoReturn:
    del database_uri, input_data
    raise RuntimeError(f"v6sim does not read databases of type omop: {_install()}")


_FUNCTIONS = {name: _wrapper(name, reader) for name, reader in data.OF_WRAPPERS.items()}
_CLASSES = {
    name: _class(name, reader)
    for name, reader in {**data.OF_CLASSES, "OMOPWrapper": _read_omop}.items()
}
_BY_TYPE = {
    "csv": "CSVWrapper", "excel": "ExcelWrapper", "omop": "OMOPWrapper",
    "parquet": "ParquetWrapper", "sparql": "SparqlDockerWrapper", "sql": "SQLWrapper",
}  # fmt: skip


def _select_wrapper(database_type: str) -> Any:
    """Return a wrapper that reads a type of databases; None if none does."""
    name = _BY_TYPE.get(database_type)
    return None if name is None else _CLASSES[name]()


def _wrap(module: str, reader: Optional[data.Reader], new_client: bool) -> None:
    from . import wrapper

    try:
        wrapper.wrap(module, reader, new_client, os.environ)
    except wrapper.Stop as stop:
        raise SystemExit(1) from stop


def dispatch_rpc(
    data: Any, input_data: Mapping[str, Any], module: str, token: str,
    use_new_client: bool = False, log_traceback: bool = True,
) -> Any:  # fmt: skip
    """Call the function of a module that an input asks for, and return what it returns."""
    del log_traceback
    from . import wrapper

    try:
        return wrapper.dispatch(data, input_data, module, token, use_new_client, os.environ)
    except wrapper.Stop as stop:
        raise SystemExit(1) from stop


def _load_input(input_file: str) -> Any:
    return payloads.read_input(input_file)


def _write_output(output_format: Optional[str], output: Any, output_file: str) -> None:
    payloads.write_output(output_file, output, output_format)


def _dispatching() -> Dict[str, Any]:
    return {
        **_util(), "dispatch_rpc": dispatch_rpc, "dispact_rpc": dispatch_rpc,
        "AlgorithmClient": AlgorithmClient, "ContainerClient": ContainerClient,
    }  # fmt: skip


def _deserialize(file: Any, data_format: Any) -> Any:
    return payloads.deserialize(file if isinstance(file, bytes) else file.read(), data_format)


def _deserialization() -> Dict[str, Any]:
    return {
        "deserialize": _deserialize, "deserializer": payloads.deserializer,
        "DataFormat": payloads.DataFormat,
        "deserialize_json": lambda file: payloads.read_json(file.read()),
        "deserialize_pickle": lambda file: pickle.loads(file.read()),
    }  # fmt: skip


def _serialize(data: Any, data_format: Any) -> bytes:
    return payloads.serialize(data, data_format)


def _serialization() -> Dict[str, Any]:
    return {
        "serialize": _serialize, "serializer": payloads.serializer,
        "DataFormat": payloads.DataFormat, "info": printing.info,
        "serialize_to_json": lambda data: payloads.to_json(data),
        "serialize_to_pickle": lambda data: payloads.to_pickle(data),
    }  # fmt: skip


def _mock_client() -> Dict[str, Any]:
    mocks = "ClientMockProtocol", "MockAlgorithmClient"
    return {
        **_elsewhere("vantage6.tools.mock_client", *mocks), "select_wrapper": _select_wrapper,
    }  # fmt: skip


# --- vantage6.client -----------------------------------------------------------------------------


class _ServerInfo(NamedTuple):
    """Where a server is."""

    host: str
    port: int
    path: str


class _WhoAmI(NamedTuple):
    """What a client knows of itself."""

    type_: str
    id_: int
    name: str
    organization_name: str
    organization_id: int


class _AuthenticationException(Exception):
    """A server does not know who asks."""


class _LogLevel(Enum):
    """How much a client says."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


def _client() -> Dict[str, Any]:
    return {
        **_elsewhere(
            "vantage6.client", "Client", "UserClient", "ClientBase", "DummyCryptor", "RSACryptor",
            "post_filtering", "print_qr_code",
        ),
        "ContainerClient": ContainerClient, "APPNAME": "vantage6", "LEGACY": "legacy",
        "AuthenticationException": _AuthenticationException, "ServerInfo": _ServerInfo,
        "WhoAmI": _WhoAmI, "LogLevel": _LogLevel, **_base64(),
    }  # fmt: skip


def _algorithm_client() -> Dict[str, Any]:
    base = _elsewhere("vantage6.client.algorithm_client", "ClientBase")
    return {**base, **_base64(), "AlgorithmClient": AlgorithmClient}


def _client_utils() -> Dict[str, Any]:
    shown = _elsewhere("vantage6.client.utils", "print_qr_code", "show_qr_code_image")
    return {**shown, "LogLevel": _LogLevel}


def _client_filters() -> Dict[str, Any]:
    return _elsewhere(
        "vantage6.client.filter", "filter_dict_keys", "filter_dicts_by_values",
        "filter_dicts_from_results", "filter_dicts_keys", "filter_dicts_on_values",
        "filter_keys_from_result", "filter_keys_from_results", "post_filtering",
    )  # fmt: skip


_Codec = Callable[[Any], Any]
_READERS: Dict[Any, _Codec] = {"json": payloads.read_json, "pickle": pickle.loads}
_WRITERS: Dict[Any, _Codec] = {"json": payloads.write_json, "pickle": payloads.to_pickle}
"""What clients read and write results with: bytes, where `vantage6.tools` has files."""


def _deserialize_bytes(file: bytes, data_format: Any) -> Any:
    return payloads.codec_of(_READERS, data_format)(file)


def _serialize_by_clients(data: Any, data_format: Any) -> Any:
    return payloads.codec_of(_WRITERS, data_format)(data)


def _client_deserialization() -> Dict[str, Any]:
    return {
        "deserialize": _deserialize_bytes, "deserializer": payloads.registering(_READERS),
        "deserialize_json": lambda file: payloads.read_json(file),
        "deserialize_pickle": lambda file: pickle.loads(file),
        "load_data": lambda input_bytes: payloads.read_content(input_bytes, _deserialize_bytes),
        "unpack_legacy_results": lambda result: pickle.loads(result.get("result")),
        "DeserializationException": payloads.DeserializationException,
        "logger": logging.getLogger("vantage6.client.deserialization"),
    }  # fmt: skip


def _client_serialization() -> Dict[str, Any]:
    return {
        "serialize": _serialize_by_clients, "serializer": payloads.registering(_WRITERS),
        "serialize_json": lambda file: payloads.write_json(file),
        "serialize_pickle": lambda file: payloads.to_pickle(file),
    }  # fmt: skip


def _elsewhere(module: str, *names: str) -> Dict[str, Any]:
    """Classes that can be imported, and have no place in an algorithm's process."""
    return {name: _absent(module, name) for name in names}


def _absent(module: str, name: str) -> type:
    said = f"v6sim does not stand in for {module}.{name}: {_install()}"

    class Absent(type):
        """The type of what is not there: nothing that it has is there either."""

        def __getattr__(cls, attribute: str) -> NoReturn:
            raise AttributeError(attribute if attribute.startswith("__") else said)

    def refuse(self: Any, *_: Any, **__: Any) -> None:
        del self
        raise RuntimeError(said)

    return Absent(name, (), {"__init__": refuse, "__module__": module})


# --- vantage6.common -----------------------------------------------------------------------------


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


def _logger_name(special__name__: str) -> str:
    """The last part of a module's name, of a long one its beginning."""
    name = special__name__.rpartition(".")[2]
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3] + ".."


_LONGEST_NAME = 14


def _is_ip_address(ip: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(ip)
    except ValueError:
        return False
    return True


def _to_base64(bytes_: bytes) -> str:
    return base64.b64encode(bytes_).decode()


def _of_base64(bytes_string: str) -> bytes:
    return base64.b64decode(bytes_string.encode())


def _base64() -> Dict[str, Any]:
    return {"bytes_to_base64s": _to_base64, "base64s_to_bytes": _of_base64}


class _TaskStatus(str, Enum):  # noqa: UP042 - which Python 3.6 has not
    """The states of one run."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    START_FAILED = "start failed"
    NO_DOCKER_IMAGE = "non-existing Docker image"
    CRASHED = "crashed"
    KILLED = "killed by user"
    NOT_ALLOWED = "not allowed"
    UNKNOWN_ERROR = "unknown error"


_UNDER_WAY = ("pending", "initializing", "active")


def _has_failed(status: str) -> bool:
    return status != _TaskStatus.COMPLETED and status not in _UNDER_WAY


def _has_finished(status: str) -> bool:
    return status not in _UNDER_WAY


def _statuses() -> Dict[str, Any]:
    return {
        "TaskStatus": _TaskStatus, "has_task_failed": _has_failed,
        "has_task_finished": _has_finished,
    }  # fmt: skip


def _globals() -> Dict[str, Any]:
    name = "petronas"
    return {
        "APPNAME": "vantage6", "STRING_ENCODING": "utf-8", "DEFAULT_ENVIRONMENT": "application",
        "MAIN_VERSION_NAME": name, "DEFAULT_DOCKER_REGISTRY": "harbor2.vantage6.ai",
        "DEFAULT_NODE_IMAGE": f"infrastructure/node:{name}",
        "DEFAULT_SERVER_IMAGE": f"infrastructure/server:{name}",
        "DEFAULT_UI_IMAGE": f"infrastructure/ui:{name}",
        "DATABASE_TYPES": ["csv", "parquet", "sql", "sparql", "omop", "excel", "other"],
        "PING_INTERVAL_SECONDS": 60, "VPN_CONFIG_FILE": "vpn-config.ovpn.conf",
    }  # fmt: skip


def _encryption() -> Dict[str, Any]:
    cryptors = "CryptorBase", "DummyCryptor", "RSACryptor"
    return {
        **_elsewhere("vantage6.common.encryption", *cryptors), **_base64(), "SEPARATOR": "$",
        "Singleton": _Singleton, "logger_name": _logger_name,
    }  # fmt: skip


def _common() -> Dict[str, Any]:
    return {
        "echo": _echo, "info": _info, "warning": _warning, "error": _error, "debug": _debug,
        "ClickLogger": _ClickLogger, "Singleton": _Singleton, "WhoAmI": _WhoAmI,
        "STRING_ENCODING": "utf-8", **_base64(), "logger_name": _logger_name,
        "is_ip_address": _is_ip_address,
    }  # fmt: skip


for _name, _kind in (
    ("vantage6.client.ServerInfo", _ServerInfo), ("vantage6.common.WhoAmI", _WhoAmI),
    ("vantage6.client.utils.LogLevel", _LogLevel),
    ("vantage6.common.exceptions.AuthenticationException", _AuthenticationException),
    ("vantage6.common.task_status.TaskStatus", _TaskStatus),
):  # fmt: skip
    _kind.__module__, _, _kind.__name__ = _name.rpartition(".")  # by which pickles know them
    _kind.__qualname__ = _kind.__name__


OF_MODULES: Dict[str, Callable[[], Mapping[str, Any]]] = {
    "vantage6": dict,
    "vantage6.tools": dict,
    "vantage6.tools.util": _util,
    "vantage6.tools.docker_wrapper": _wrappers,
    "vantage6.tools.wrapper": _wrappers,
    "vantage6.tools.mock_client": _mock_client,
    "vantage6.tools.dispatch_rpc": _dispatching,
    "vantage6.tools.data_format": lambda: {"DataFormat": payloads.DataFormat},
    "vantage6.tools.exceptions": lambda: {
        "DeserializationException": payloads.DeserializationException
    },
    "vantage6.tools.serialization": _serialization,
    "vantage6.tools.deserialization": _deserialization,
    "vantage6.client": _client,
    "vantage6.client.algorithm_client": _algorithm_client,
    "vantage6.client.exceptions": lambda: {
        "DeserializationException": payloads.DeserializationException
    },
    "vantage6.client.filter": _client_filters,
    "vantage6.client.serialization": _client_serialization,
    "vantage6.client.deserialization": _client_deserialization,
    "vantage6.client.utils": _client_utils,
    "vantage6.common": _common,
    "vantage6.common.encryption": _encryption,
    "vantage6.common.exceptions": lambda: {"AuthenticationException": _AuthenticationException},
    "vantage6.common.globals": _globals,
    "vantage6.common.task_status": _statuses,
}
"""What is in each module that stands in; tests have mocks beside it."""
