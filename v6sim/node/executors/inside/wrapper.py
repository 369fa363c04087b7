"""One run of an algorithm: from its files and environment to its output.

Where the genuine algorithm-side library (`vantage6.tools`) is installed, its wrappers do the work;
else the code here, by the same contract (reference: algorithm-contract, sections 1 to 4).
"""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# It does what the image's CMD would:
# ruff: noqa: PTH123, S102

import difflib
import functools
import importlib
import importlib.util
import inspect
import json
import os
import pickle
import runpy
import sys
import traceback
from types import TracebackType
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Tuple

from . import stand_ins
from .algorithm_client import AlgorithmClient
from .client import ContainerClient
from .data import OF_WRAPPERS, Reader, complaint, is_own
from .entry import CODE, MODULE, WRAPPER, Entry
from .payloads import read_input, what_cannot_be_written, write_output
from .printing import error, info, warn

_PREFIX = "RPC_"
"""What the names of partials begin with."""


class Stop(Exception):
    """The run is over and failed; what there is to say has been said."""


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


def wanted(given: Mapping[str, Any]) -> str:
    """The name of the function that an input asks for."""
    return str(given["method"]) if given.get("master") else _PREFIX + str(given["method"])


def _import(module: str) -> Any:
    try:
        found = importlib.import_module(module)
    except ImportError as problem:
        _print_traceback(skip=1)
        error(f"module {module!r} cannot be imported")
        _tell_of_library(problem)
        raise Stop from problem
    info(f"module {module!r} imported")
    return found


def _function(module: Any, name: str) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if function is not None:
        return function  # type: ignore[no-any-return]
    for line in _about_missing(module, name):
        warn(line)
    warn(f"method '{name}' not found!")
    raise Stop


def _about_missing(module: Any, name: str) -> Iterator[str]:
    """What may help somebody who has asked for a function that is not there."""
    other = name[len(_PREFIX) :] if name.startswith(_PREFIX) else _PREFIX + name
    if other.startswith(_PREFIX + _PREFIX) or name.startswith(_PREFIX + _PREFIX):
        yield f"the prefix RPC_ is put before the method's name: ask for {name[8:]!r}"
    elif callable(getattr(module, other, None)):
        if name.startswith(_PREFIX):
            yield (
                f"the module has {other!r}, which is a master, and it was asked for as a partial: "
                'say --master (`v6sim run`), master=True (Python), or "master": true in the input'
            )
        else:
            yield (
                f"the module has {other!r}, which is a partial, and it was asked for as a master: "
                'say --no-master (`v6sim run`), master=False (Python), or leave "master" out of '
                "the input"
            )
    offered = sorted(offers(module))
    yield "the module offers: " + (", ".join(offered) or "nothing")
    for near in set(difflib.get_close_matches(name, offered, n=1)) - {other}:
        yield f"did you mean {near!r}?"


def offers(module: Any) -> Iterator[str]:
    """The functions of a module that can be asked for: partials, and what takes a client first."""
    for name, value in list(vars(module).items()):
        if callable(value) and (name.startswith(_PREFIX) or name == "master" or _is_master(value)):
            yield name


def _is_master(function: Callable[..., Any]) -> bool:
    if not inspect.isfunction(function):
        return False
    return next(iter(inspect.signature(function).parameters), "") == "client"


def _call(
    function: Callable[..., Any], name: str, first: Tuple[Any, ...], given: Mapping[str, Any]
) -> Any:
    try:
        return traced(function)(*first, *(given.get("args") or ()), **(given.get("kwargs") or {}))
    except Exception as problem:
        _tell_signature(function, name, first, given)
        warn(f"Error encountered while calling {name}: {problem}")
        _tell_of_library(problem)
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


def wrap(
    module: str, reader: Optional[Reader], new_client: bool, environ: Mapping[str, str]
) -> None:
    """One run from its input to its output, as the genuine wrappers do it.

    Args:
        module: the algorithm's module, importable.
        reader: reads the data; None: there are none.
        new_client: whether masters get the client of 3.8 and later.
        environ: the variables of the run.

    Raises:
        Stop: it has failed.
    """
    info("reading the input")
    given = read_input(environ["INPUT_FILE"])
    with open(environ["TOKEN_FILE"]) as file:
        token = file.read().strip()
    data = reader and _read(reader, environ["DATABASE_URI"], given)
    value = dispatch(data, given, module, token, new_client, environ)
    info("writing the output")
    _write(environ["OUTPUT_FILE"], value, given.get("output_format"))


def _read(reader: Reader, uri: str, given: Mapping[str, Any]) -> Any:
    """What a reader reads; where one of v6sim's cannot, the reason is no fault of an algorithm."""
    try:
        return reader(uri, given)
    except Exception as problem:
        if not is_own(reader):
            raise
        error(complaint(problem, uri))
        raise Stop from problem


def _write(path: str, value: Any, output_format: Optional[str]) -> None:
    try:
        write_output(path, value, output_format)
    except (FileNotFoundError, IsADirectoryError) as problem:
        error(f"the output cannot be written: has the algorithm removed its folder? {problem}")
        raise Stop from problem
    except OSError:  # of the disk
        raise
    except Exception as problem:
        trace = _of_the_algorithm(problem.__traceback__)
        if trace is not None:
            traceback.print_exception(type(problem), problem, trace)
            sys.stderr.flush()
        error(_about_result(value, output_format, problem))
        raise Stop from problem


def _of_the_algorithm(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """What is left of a traceback without its first frames: those of v6sim, and of formats."""
    ours = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    formats = (pickle.__file__, os.path.dirname(json.__file__))  # noqa: PTH120
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith((ours, *formats)):
        trace = trace.tb_next
    return trace


def _about_result(value: Any, output_format: Optional[str], problem: BaseException) -> str:
    said = f"{type(problem).__name__}: {problem}"
    name = (output_format or "pickle").lower()
    if name not in ("json", "pickle") or isinstance(problem, (RecursionError, MemoryError)):
        return f"the result cannot be sent: {said}"
    place, part = what_cannot_be_written(value, output_format)
    return (
        f"the result cannot be sent: {place} is of type {type(part).__name__}, which {name} has no "
        f"form for ({said}): return plain values, such as numbers, texts, lists and dicts"
    )


def dispatch(
    data: Any,
    given: Mapping[str, Any],
    module: str,
    token: str,
    new_client: bool,
    environ: Mapping[str, str],
) -> Any:
    """Call the function that an input asks for; returns what it returns.

    Raises:
        Stop: it is not there, or has raised something.
    """
    stand_ins.provide()
    algorithm = _import(module)
    first: Tuple[Any, ...] = (data,)
    if given.get("master"):
        info("running as a master")
        first = (_make_client(token, new_client, environ), *first)
    name = wanted(given)
    return _call(_function(algorithm, name), name, first, given)


def _make_client(token: str, new_client: bool, environ: Mapping[str, str]) -> Any:
    """What a master talks to its server with."""
    kind = AlgorithmClient if new_client else ContainerClient
    return kind(token, environ["HOST"], environ["PORT"], environ["API_PATH"])


def genuine_library() -> Optional[Any]:
    """The module with the wrappers of the genuine library, if that is installed."""
    try:
        found = importlib.util.find_spec("vantage6.tools.docker_wrapper")
    except (ImportError, ValueError):
        return None
    if found is None or stand_ins.is_stand_in(found):
        return None
    return importlib.import_module("vantage6.tools.docker_wrapper")


def _wrap_genuinely(library: Any, entry: Entry) -> None:
    """The same by the genuine library, which would print only the text of what is raised."""
    try:
        name = wanted(read_input(os.environ["INPUT_FILE"]))
        algorithm = importlib.import_module(entry.module)
        if not hasattr(algorithm, name):
            for line in _about_missing(algorithm, name):
                warn(line)
        else:
            setattr(algorithm, name, traced(getattr(algorithm, name)))
    except ImportError:
        _print_traceback(skip=1)
    except Exception as problem:  # that, the genuine wrapper will meet too
        warn(f"no traceback of an error can be shown: {problem!r}")
    wrapper = getattr(library, entry.what, None)
    if wrapper is None:
        known = sorted(name for name in OF_WRAPPERS if hasattr(library, name))
        error(
            f"the vantage6 library that is installed has no {entry.what}, which the image's CMD "
            f"calls; it has {', '.join(known)}"
        )
        raise Stop
    options: Dict[str, Any] = {}
    if entry.new_client:
        options["use_new_client"] = True
    if not entry.load_data:
        options["load_data"] = False
    wrapper(entry.module, **options)


def _run_script(path: str) -> None:
    """Run a file as Python does: with its folder on the import path."""
    folder = os.path.dirname(path)  # noqa: PTH120 - as in all of this folder
    sys.path.insert(0, folder)
    try:
        runpy.run_path(path, run_name="__main__")
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _begin(entry: Entry, environ: Mapping[str, str], library: Optional[Any]) -> None:
    if entry.how == WRAPPER and library is not None:
        _wrap_genuinely(library, entry)
    elif entry.how == WRAPPER:
        reader = OF_WRAPPERS[entry.what] if entry.load_data else None
        wrap(entry.module, reader, entry.new_client, environ)
    else:
        stand_ins.provide()
        if entry.how == CODE:
            exec(compile(entry.what, "<command>", "exec"), {"__name__": "__main__"})
        elif entry.how == MODULE:
            runpy.run_module(entry.what, run_name="__main__")
        else:
            _run_script(entry.what)


def perform(
    entry: Entry,
    environ: Mapping[str, str],
    library: Optional[Any] = None,
    post_mortem: Optional[Callable[[BaseException], None]] = None,
) -> int:
    """Do one run; returns its exit code, having printed what went wrong.

    Args:
        entry: how it begins.
        environ: the environment of the run; the genuine library looks into the process's own.
        library: the genuine library's wrappers, if they are to do it.
        post_mortem: is called with what the algorithm has raised, once that is printed.
    """
    try:
        _begin(entry, environ, library)
    except Stop as stop:
        if stop.__cause__ is not None and post_mortem is not None:
            post_mortem(stop.__cause__)
        return 1
    except SystemExit as leaving:
        cause = leaving.__cause__
        if isinstance(cause, Stop) and cause.__cause__ is not None and post_mortem is not None:
            post_mortem(cause.__cause__)
        return exit_code(leaving)
    except Exception as problem:
        _print_traceback(skip=1)
        _tell_of_library(problem)
        if post_mortem is not None:
            post_mortem(problem)
        return 1
    return 0


def _tell_of_library(problem: BaseException) -> None:
    """Where an algorithm imports of vantage6 what no stand-in has, what to do."""
    said = stand_ins.advice(problem)
    if said:
        error(said)


def exit_code(leaving: SystemExit) -> int:
    """What a process that ends with this exception exits with."""
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code & 0xFF
    print(leaving.code, file=sys.stderr)
    return 1
