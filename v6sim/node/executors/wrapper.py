"""What runs in an algorithm's interpreter: from a run's files and environment to its output.

This one file runs on Python 3.6 and later, imports nothing of v6sim, and needs pandas only to read
data. Where the genuine algorithm-side library (`vantage6.tools`) is installed, that does the work;
else the code below, by the same contract (reference: algorithm-contract, sections 1 to 4).

Started as `python wrapper.py MODULE [FOLDER]`, FOLDER going first on the import path.
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# Its inputs are pickles by contract, its server is http, and it prints by contract:
# ruff: noqa: PTH123, S301, S310

import base64
import difflib
import functools
import importlib
import importlib.util
import inspect
import io
import json
import os
import pickle
import sys
import time
import traceback
import types
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

PREFIX_LENGTH = 10
"""Bytes of an input in which its format's name and the dot must be."""

PICKLE_PROTOCOL = min(4, pickle.DEFAULT_PROTOCOL)
"""The newest that a Python 3.7 client reads."""

READERS = {"csv": "read_csv", "parquet": "read_parquet", "excel": "read_excel"}
"""What of pandas reads a type of database."""

LIBRARIES = {"parquet": "pyarrow", "excel": "openpyxl"}
"""What pandas reads a type of database with, if that is a library of its own."""


class Stop(Exception):
    """The run is over and failed; what there is to say has been said."""


# --- what an algorithm prints --------------------------------------------------------------------


def info(msg: str) -> None:
    """Print a line about the ordinary course of things."""
    print("info > " + msg)


def warn(msg: str) -> None:
    """Print a line about something that went wrong."""
    print("warn > " + msg)


def error(msg: str) -> None:
    """Print a line about something that ends the run."""
    print("error > " + msg)


def provide_tools() -> None:
    """Stand in for `vantage6.tools.util`, which algorithms import, unless vantage6 is there."""
    if "vantage6" in sys.modules or importlib.util.find_spec("vantage6") is not None:
        return
    parent = None
    for name in ("vantage6", "vantage6.tools", "vantage6.tools.util"):
        module = types.ModuleType(name, "Stand-in of v6sim for the library of this name.")
        sys.modules[name] = module
        if parent is not None:
            setattr(parent, name.rpartition(".")[2], module)
        module.__path__ = []
        parent = module
    for function in (info, warn, error):
        setattr(parent, function.__name__, function)


# --- input and output ----------------------------------------------------------------------------


def read_input(path: str) -> Any:
    """The input of a run: `json.` or `pickle.` and the rest accordingly, else a bare pickle."""
    with open(path, "rb") as file:
        content = file.read()
    name, dot, body = content[:PREFIX_LENGTH].partition(b".")
    try:
        prefix = name.decode().lower() if dot else None
    except UnicodeDecodeError:  # the first byte of a binary pickle is no text
        prefix = None
    if prefix is None:
        try:
            return pickle.loads(content)
        except pickle.UnpicklingError as problem:
            raise ValueError(f"Could not deserialize input: {problem}") from None
    body += content[PREFIX_LENGTH:]
    if prefix == "json":
        return json.loads(body.decode())
    if prefix == "pickle":
        return pickle.loads(body)
    raise ValueError(f"{prefix!r} is not a valid DataFormat: json and pickle are")


_Pickler: Any = vars(pickle)["_Pickler"]


class _PortablePickler(_Pickler):  # type: ignore[misc]
    """Writes NumPy 1's names for NumPy's inner parts: those any version reads."""

    def save_global(self, obj: Any, name: Optional[str] = None) -> None:
        module = getattr(obj, "__module__", None) or ""
        name = name or getattr(obj, "__qualname__", None)
        if not module.startswith("numpy._core"):
            super().save_global(obj, name)
            return
        older = module.replace("numpy._core", "numpy.core", 1)
        self.write(f"c{older}\n{name}\n".encode())
        self.memoize(obj)


def to_pickle(value: Any) -> bytes:
    """A pickle of `value` that clients of the 3.7 era can read, whose NumPy may be older."""
    content = pickle.dumps(value, protocol=PICKLE_PROTOCOL)
    if b"numpy._core" not in content:
        return content
    import io

    file = io.BytesIO()
    _PortablePickler(file, PICKLE_PROTOCOL).dump(value)
    return file.getvalue()


def _to_json(value: Any) -> bytes:
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
        return str(value.to_json()).encode()
    return json.dumps(value).encode()


def write_output(path: str, value: Any, output_format: Optional[str]) -> None:
    """Write what an algorithm returned; the prefix stands there even if what follows cannot."""
    with open(path, "wb") as file:
        if not output_format:
            file.write(to_pickle(value))
            return
        file.write(output_format.encode() + b".")
        writers: Dict[str, Callable[[Any], bytes]] = {"json": _to_json, "pickle": to_pickle}
        writer = writers.get(output_format.lower())
        if writer is None:
            raise ValueError(f"{output_format!r} is not a valid DataFormat: json and pickle are")
        file.write(writer(value))


# --- the client of a master ----------------------------------------------------------------------


class ContainerClient:
    """What a master talks to its server with; the server is its node's proxy.

    Args:
        token: the run's token, a JWT whose claims say which task this is.
        host: scheme and name of the proxy.
        port: its port.
        path: what its routes begin with.
    """

    def __init__(self, token: str, host: str, port: Any, path: str = "") -> None:
        claims = json.loads(_base64url(token.split(".")[1]).decode())
        own = claims["sub"] if "sub" in claims else claims["identity"]
        self.image = own.get("image")
        self.database = own.get("database")
        self.host_node_id = own.get("node_id")
        self.collaboration_id = own.get("collaboration_id")
        self.host, self.port, self.path = host, port, path
        self.token = token
        # a proxy set for the machine is not for the loopback address
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @property
    def base_path(self) -> str:
        """Where the routes are."""
        if self.port:
            return f"{self.host}:{self.port}{self.path}"
        return f"{self.host}{self.path}"

    @property
    def headers(self) -> Dict[str, str]:
        """What every request carries."""
        return {"Authorization": "Bearer " + self.token}

    def request(
        self,
        endpoint: str,
        json: Any = None,
        method: str = "get",
        params: Optional[Mapping[str, Any]] = None,
        **_: Any,
    ) -> Any:
        """Ask the server; returns the JSON of its answer.

        A server that cannot be reached is asked again every second.

        Raises:
            Exception: the status is above 210, as a container has no means to renew its token.
        """
        request = urllib.request.Request(
            self._address(endpoint, params), headers=self.headers, method=method.upper()
        )
        if json is not None:
            request.data = _dump(json)
            request.add_header("Content-Type", "application/json")
        while True:
            try:
                with self._opener.open(request) as answer:
                    return _load(answer.read())
            except urllib.error.HTTPError as refusal:
                said = _message(refusal.read())
                asked = method.upper() + " " + endpoint
                text = f"Containers cannot refresh! The answer to {asked} was {refusal.code} {said}"
                raise Exception(text) from None
            except (urllib.error.URLError, ConnectionError):
                info(f"no connection to {self.base_path}, trying again")
                time.sleep(1)

    def _address(self, endpoint: str, params: Optional[Mapping[str, Any]]) -> str:
        given = {key: value for key, value in (params or {}).items() if value is not None}
        query = urllib.parse.urlencode(given, doseq=True)
        address = self.base_path + "/" + endpoint.lstrip("/")
        return address + "?" + query if query else address

    def authenticate(self, *_: Any, **__: Any) -> None:
        """Do nothing: a container is given its token."""
        warn("Containers do not authenticate")

    def refresh_token(self) -> None:
        """Fail: a container's token cannot be renewed."""
        raise Exception("Containers cannot refresh!")

    def get_organizations_in_my_collaboration(self) -> Any:
        """The organizations of this run's collaboration, as dicts with `id`, `name` and more."""
        return self.request(f"collaboration/{self.collaboration_id}/organization")

    def get_task(self, task_id: int) -> Any:
        """A task, whose `complete` says whether all its runs are finished."""
        return self.request(f"task/{task_id}")

    def create_new_task(self, input_: Any, organization_ids: Any = ()) -> Any:
        """Have this image run at other organizations, with `input_`; returns the new task."""
        return self.post_task(
            name="subtask",
            image=self.image,
            collaboration_id=self.collaboration_id,
            input_=input_,
            description=f"task from container on node_id={self.host_node_id}",
            organization_ids=organization_ids,
            database=self.database,
        )

    def post_task(
        self,
        name: str,
        image: Any,
        collaboration_id: Any,
        input_: Any = "",
        description: str = "",
        organization_ids: Any = (),
        database: Any = "default",
    ) -> Any:
        """Create a task; `create_new_task` fills in what follows from this run."""
        content = base64.b64encode(pickle.dumps(input_, protocol=PICKLE_PROTOCOL)).decode()
        task = {
            "name": name,
            "image": image,
            "collaboration_id": collaboration_id,
            "description": description,
            "organizations": [{"id": each, "input": content} for each in organization_ids],
            "database": database,
        }
        return self.request("task", json=task, method="post")

    def get_results(self, task_id: int) -> List[Any]:
        """What the runs of a task returned; nothing at all if one result is no bare pickle."""
        rows = self.request(f"task/{task_id}/result")
        texts = [row["result"] for row in rows if row.get("result")]
        try:
            return [pickle.loads(base64.b64decode(text)) for text in texts]
        except Exception as problem:
            error(f"Unable to unpickle result: {problem}")
            return []

    def wait_for_results(self, task_id: int, interval: float = 1) -> List[Any]:
        """Wait until a task is complete, looking every `interval` seconds; then its results."""
        while not self.get_task(task_id).get("complete"):
            time.sleep(interval)
        return self.get_results(task_id)

    def get_algorithm_addresses(self, task_id: int) -> List[Dict[str, Any]]:
        """Where the runs of a task can be reached over a VPN: `ip`, `port` and `label` of each."""
        return [
            {"ip": row["node"]["ip"], "port": port["port"], "label": port["label"]}
            for row in self.request(f"task/{task_id}/result")
            for port in row.get("ports") or ()
        ]

    def get_algorithm_address_by_label(self, task_id: int, label: str) -> Optional[str]:
        """The first of those addresses with this label, as `ip:port`."""
        for address in self.get_algorithm_addresses(task_id):
            if address["label"] == label:
                return "{ip}:{port}".format(**address)
        return None


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _load(content: bytes) -> Any:
    return json.loads(content.decode()) if content else None


def _message(content: bytes) -> str:
    try:
        return str(json.loads(content.decode())["msg"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace")[:200]


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- one run -------------------------------------------------------------------------------------


def read_data(environ: Mapping[str, str], given: Mapping[str, Any]) -> Any:
    """The data of the database that the task asked for, as a pandas DataFrame.

    Of a SPARQL endpoint, that is what it answers to the input's `query` (reference:
    algorithm-contract, section 3).
    """
    uri = environ["DATABASE_URI"]
    label = environ.get("USER_REQUESTED_DATABASE_LABEL", "default")
    kind = environ.get(label.upper() + "_DATABASE_TYPE", "csv").lower()
    info(f"reading {uri} as {kind}")
    if kind not in READERS and kind != "sparql":
        known = ", ".join(sorted([*READERS, "sparql"]))
        raise ValueError(f"database {label!r} is of type {kind!r}; read are {known}")
    import pandas as pd

    if kind == "sparql":
        return pd.read_csv(_ask_endpoint(uri, given.get("query")))
    try:
        return getattr(pd, READERS[kind])(uri)
    except ImportError as problem:
        error(f"reading {kind} needs {LIBRARIES.get(kind)}: pip install it for this Python")
        raise Stop from problem


def _ask_endpoint(uri: str, query: Optional[str]) -> io.BytesIO:
    """What a SPARQL endpoint answers, as CSV."""
    if not query:
        raise ValueError("the database is a SPARQL endpoint: the input needs a `query` for it")
    asked = uri + ("&" if "?" in uri else "?") + urllib.parse.urlencode({"query": query})
    request = urllib.request.Request(asked, headers={"Accept": "text/csv"})
    with urllib.request.urlopen(request) as answer:
        return io.BytesIO(answer.read())


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, printing the traceback of what it raises."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception:
            _print_traceback(skip=1)
            raise

    return call


def _print_traceback(skip: int) -> None:
    kind, problem, trace = sys.exc_info()
    for _ in range(skip):
        trace = trace.tb_next if trace is not None and trace.tb_next is not None else trace
    traceback.print_exception(kind, problem, trace)
    sys.stderr.flush()


def _wanted(given: Mapping[str, Any]) -> str:
    """The name of the function that an input asks for."""
    return str(given["method"]) if given.get("master") else "RPC_" + str(given["method"])


def _import(module: str) -> Any:
    try:
        found = importlib.import_module(module)
    except ImportError as problem:
        _print_traceback(skip=1)
        error(f"module {module!r} cannot be imported")
        raise Stop from problem
    info(f"module {module!r} imported")
    return found


def _function(module: Any, name: str) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if function is not None:
        return function  # type: ignore[no-any-return]
    if name.startswith("RPC_RPC_"):
        warn(f"the prefix RPC_ is put before the method's name: ask for {name[8:]!r}")
    offered = [each for each in sorted(vars(module)) if each == "master" or each[:4] == "RPC_"]
    warn("the module offers: " + (", ".join(offered) or "nothing"))
    for near in difflib.get_close_matches(name, offered, n=1):
        warn(f"did you mean {near!r}?")
    warn(f"method '{name}' not found!")
    raise Stop


def _call(
    function: Callable[..., Any], name: str, first: Tuple[Any, ...], given: Mapping[str, Any]
) -> Any:
    try:
        return traced(function)(*first, *(given.get("args") or ()), **(given.get("kwargs") or {}))
    except Exception as problem:
        _tell_signature(function, name, first, given)
        warn(f"Error encountered while calling {name}: {problem}")
        raise Stop from problem


def _tell_signature(
    function: Callable[..., Any], name: str, first: Tuple[Any, ...], given: Mapping[str, Any]
) -> None:
    """How a function has to be called, if what the input gives does not fit."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # it is not written in Python
        return
    try:
        signature.bind(*first, *(given.get("args") or ()), **(given.get("kwargs") or {}))
    except TypeError:
        warn(f"the module has {name}{signature}")


def _run(module: str, environ: Mapping[str, str]) -> None:
    """One run from its input to its output, as the genuine wrapper does it."""
    info("reading the input")
    given = read_input(environ["INPUT_FILE"])
    with open(environ["TOKEN_FILE"]) as file:
        token = file.read().strip()
    first: Tuple[Any, ...] = (read_data(environ, given),)
    provide_tools()
    algorithm = _import(module)
    if given.get("master"):
        info("running as a master")
        address = environ["HOST"], environ["PORT"], environ["API_PATH"]
        first = (ContainerClient(token, *address), *first)
    name = _wanted(given)
    value = _call(_function(algorithm, name), name, first, given)
    info("writing the output")
    try:
        write_output(environ["OUTPUT_FILE"], value, given.get("output_format"))
    except (FileNotFoundError, IsADirectoryError) as problem:
        error(f"the output cannot be written: has the algorithm removed its folder? {problem}")
        raise Stop from problem


def genuine_wrapper() -> Optional[Callable[[str], None]]:
    """The wrapper of the genuine library, if that is installed."""
    try:
        found = importlib.util.find_spec("vantage6.tools.docker_wrapper")
    except ImportError:
        return None
    if found is None:
        return None
    return importlib.import_module("vantage6.tools.docker_wrapper").docker_wrapper  # type: ignore[no-any-return]


def _run_genuine(wrapper: Callable[[str], None], module: str) -> None:
    """The same by the genuine library, which would print only the text of what is raised."""
    try:
        name = _wanted(read_input(os.environ["INPUT_FILE"]))
        algorithm = importlib.import_module(module)
        setattr(algorithm, name, traced(getattr(algorithm, name)))
    except ImportError:
        _print_traceback(skip=1)
    except Exception as problem:  # that, the genuine wrapper will meet too
        warn(f"no traceback of an error can be shown: {problem!r}")
    wrapper(module)


def perform(
    module: str,
    environ: Mapping[str, str],
    wrapper: Optional[Callable[[str], None]] = None,
    post_mortem: Optional[Callable[[BaseException], None]] = None,
) -> int:
    """Do one run; returns its exit code, having printed what went wrong.

    Args:
        module: the algorithm's module, importable.
        environ: the environment of the run; the genuine library looks into the process's own.
        wrapper: that of the genuine library, if it is to do it.
        post_mortem: is called with what the algorithm has raised, once that is printed.
    """
    try:
        if wrapper is None:
            _run(module, environ)
        else:
            _run_genuine(wrapper, module)
    except Stop as stop:
        if stop.__cause__ is not None and post_mortem is not None:
            post_mortem(stop.__cause__)
        return 1
    except SystemExit as leaving:
        return exit_code(leaving)
    except Exception as problem:
        _print_traceback(skip=1)
        if post_mortem is not None:
            post_mortem(problem)
        return 1
    return 0


def exit_code(leaving: SystemExit) -> int:
    """What a process that ends with this exception exits with."""
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code & 0xFF
    print(leaving.code, file=sys.stderr)
    return 1


def main() -> int:
    """Do the run that the environment describes."""
    if len(sys.argv) > 2:
        sys.path.insert(0, sys.argv[2])
    return perform(sys.argv[1], os.environ, genuine_wrapper())


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file: its neighbours are not for the algorithm
    sys.exit(main())
