"""The server is stopped, or killed, in the midst of a run, and started again."""

import signal
import time
from pathlib import Path

from tests.soak.leaks import Leaks
from tests.soak.programs import (
    REPEATS,
    ROSA,
    Program,
    node_words,
    running,
    submit,
    until_active,
    world,
)
from v6sim.client import Client


def test_the_result_arrives_when_it_is_back(tmp_path: Path, unused_tcp_port: int) -> None:
    server = Program(
        tmp_path / "server", "server", "--show-passwords", "--port", str(unused_tcp_port),
        "--world", world(tmp_path), "--keep", tmp_path / "kept",
    )  # fmt: skip
    with running(server):
        node = Program(tmp_path / "node", *node_words(server))
        with running(node), Client(server.address, *ROSA) as client:
            assert client.wait(submit(client, "count")).is_good
            leaks = Leaks([server, node], client)
            slowest = 0.0
            for number in range(REPEATS):
                # Now the run ends while the server is away, now when it is back.
                task = submit(client, "wait", seconds=0.1 if number % 4 < 2 else 2)
                until_active(client, task)
                server.end(signal.SIGKILL if number % 2 else signal.SIGTERM)
                server.start()
                begun = time.monotonic()
                assert client.wait(task).is_good
                slowest = max(slowest, time.monotonic() - begun)
                leaks.check()
            leaks.check_handles()
            print(
                f"the server restarted {REPEATS} times: results {slowest:.1f} s after that at "
                f"most; {leaks.handles}"
            )
