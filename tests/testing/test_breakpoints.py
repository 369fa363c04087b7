"""A person debugs an algorithm that a test runs: in pytest, at a real terminal."""

import os
import sys

import pytest

from tests.testing.terminal import Terminal

ALGORITHM = """
import time


def master(client, data):
    total = 6 * 7
    breakpoint()
    ids = [each["id"] for each in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task({"method": "part"}, organization_ids=ids)
    print("this is for the log")
    while not client.get_task(task["id"])["complete"]:
        time.sleep(0.05)
    return sum(client.get_results(task["id"]))


def RPC_part(data):
    rows = len(data)
    breakpoint()
    rows += 1
    return rows


def RPC_crash(data):
    raise ValueError("on purpose")
"""
SUITE = """
import pathlib

ALGORITHM = pathlib.Path(__file__).with_name("debugged.py")


def test_a_master(sandbox):
    assert sandbox.run(ALGORITHM, "master", timeout=PATIENCE).result == 15


def test_a_crash(sandbox):
    unmistakable = 4711
    sandbox.run(ALGORITHM, "crash")
"""
PROMPT = "(Pdb) "


def at_a_terminal(folder, *options: str, patience: float = 60) -> Terminal:
    (folder / "debugged.py").write_text(ALGORITHM)
    (folder / "test_it.py").write_text(SUITE.replace("PATIENCE", str(patience)))
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return Terminal([*command, "--v6sim-executor", "inline"], folder, clean)


@pytest.mark.parametrize("capture", [[], ["-s"]], ids=["captured", "-s"])
def test_breakpoints_stop_in_master_and_partials_one_after_another(tmp_path, capture) -> None:
    with at_a_terminal(tmp_path, *capture, "-k", "master") as terminal:
        assert "debugged.py" in terminal.expect(PROMPT)
        terminal.type("p total")
        assert "42" in terminal.expect(PROMPT)
        terminal.type("c")
        for _ in range(3):
            assert "RPC_part" in terminal.expect(PROMPT)
            terminal.type("n")
            terminal.expect(PROMPT)
            terminal.type("p rows")
            assert "5" in terminal.expect(PROMPT)
            terminal.type("c")
        terminal.expect("1 passed")
    assert "this is for the log" not in terminal.said


def test_time_in_the_debugger_does_not_count(tmp_path) -> None:
    with at_a_terminal(tmp_path, "-k", "master", patience=3) as terminal:
        terminal.expect(PROMPT)
        terminal.type("import time; time.sleep(3.5)")
        terminal.expect(PROMPT)
        for _ in range(4):
            terminal.type("c")
            if _ < 3:
                terminal.expect(PROMPT)
        terminal.expect("1 passed")


def test_quitting_the_debugger_fails_the_run_and_the_others_go_on(tmp_path) -> None:
    with at_a_terminal(tmp_path, "-k", "master") as terminal:
        terminal.expect(PROMPT)
        terminal.type("q")
        terminal.expect("Quitting debugger")
        terminal.expect("1 failed")


def test_pdb_of_pytest_stops_in_the_test_whose_algorithm_has_crashed(tmp_path) -> None:
    with at_a_terminal(tmp_path, "--pdb", "-k", "crash") as terminal:
        assert "ValueError: on purpose" in terminal.expect(PROMPT)
        terminal.type("p unmistakable")
        assert "4711" in terminal.expect(PROMPT)
        terminal.type("q")
        terminal.expect("1 failed")
