"""An algorithm that does whatever the tests of the executors want to see done."""

# ruff: noqa: N802  its methods are called as the contract wants it

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from vantage6.tools.util import error, info, warn  # type: ignore[import-not-found,unused-ignore]


def _temporary() -> Path:
    return Path(os.environ["TEMPORARY_FOLDER"])


def RPC_mean(data: Any, column: str) -> Any:
    return {"mean": float(data[column].mean()), "rows": len(data)}


def RPC_give_back(data: Any, *args: Any, **kwargs: Any) -> Any:
    return [list(args), kwargs]


def RPC_sum(data: Any) -> Any:
    return data["age"].sum()


def RPC_head(data: Any) -> Any:
    return data.head(1)


def RPC_say(data: Any) -> None:
    info("first")
    print("second", file=sys.stderr)
    warn("third")
    sys.stdout.buffer.write(b"\xff fourth\n")
    sys.stdout.buffer.flush()
    error("é€漢")


def RPC_fail(data: Any) -> None:
    raise ValueError("no way")


def RPC_leave(data: Any, code: Any) -> None:
    sys.exit(code)


def RPC_leave_at_once(data: Any) -> None:
    print("going")
    os._exit(3)


def RPC_unserializable(data: Any) -> Any:
    return {1, 2}


def RPC_environment(data: Any) -> Any:
    return dict(os.environ)


def RPC_files(data: Any) -> Any:
    folder = Path(os.environ["INPUT_FILE"]).parent
    token = Path(os.environ["TOKEN_FILE"]).read_text()
    return {"names": sorted(each.name for each in folder.iterdir()), "token": token}


def RPC_remember(data: Any, text: str) -> Any:
    with (_temporary() / "memory").open("a+") as memory:
        memory.write(text)
        memory.seek(0)
        return memory.read()


def RPC_repeat_name(data: Any, times: int) -> Any:
    name = Path(os.environ["INPUT_FILE"]).parent.name
    for _ in range(times):
        print(name)
        time.sleep(0.001)
    return name


def RPC_linger(data: Any) -> None:
    with (_temporary() / "alive").open("w") as pipe:
        number = pipe.fileno()
        command = f"sleep 1000 & setsid sleep 1000 & printf up >/dev/fd/{number}; wait"
        with subprocess.Popen(["sh", "-c", command], pass_fds=[number]):
            while True:
                time.sleep(0.005)


def RPC_ignore_signals(data: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        try:
            signal.signal(number, signal.SIG_IGN)
        except ValueError:  # in a thread, where signals do not arrive anyway
            break
    with (_temporary() / "alive").open("w") as pipe:
        pipe.write("up")
        pipe.flush()
        while True:
            time.sleep(0.005)


def RPC_remove_output(data: Any) -> None:
    Path(os.environ["OUTPUT_FILE"]).unlink()
    os._exit(0)


def RPC_leave_sparse(data: Any, size: int, code: int = 0) -> None:
    os.truncate(os.environ["OUTPUT_FILE"], size)
    os._exit(code)


def RPC_chatter(data: Any, lines: int) -> Any:
    for number in range(lines):
        print(f"line {number}")
    return lines


def RPC_leave_behind(data: Any) -> None:
    with (_temporary() / "alive").open("w") as pipe:
        subprocess.Popen(["setsid", "sleep", "1000"], pass_fds=[pipe.fileno()])
        pipe.write("up")


def RPC_process(data: Any) -> Any:
    return {"parent": os.getppid(), "group": os.getpgid(0), "own": os.getpid()}


def RPC_random(data: Any) -> Any:
    import numpy as np

    return [random.random(), float(np.random.random())]


def RPC_look_around(data: Any) -> None:
    here = "seen by the person"
    breakpoint()  # noqa: T100
    print(here)


def master(client: Any, data: Any) -> Any:
    return [client.image, client.host_node_id, client.collaboration_id, client.base_path]
