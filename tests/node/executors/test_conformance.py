"""What every executor does alike."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from v6sim.node.limits import Limits
from v6sim.wire import payload
from v6sim.world.algorithm import Algorithm
from v6sim.world.build import Build

if TYPE_CHECKING:
    from tests.node.executors.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")

Write = Callable[[str], str]


# --- answers ---


async def test_a_method_gets_the_data_and_its_answer_comes_back(bench: "Bench") -> None:
    assert await bench.value("mean", column="age") == {"mean": 2.0, "rows": 2}


async def test_a_master_gets_a_client_that_knows_its_task(bench: "Bench") -> None:
    proxy = f"{bench.reach.host}:{bench.reach.port}"
    assert await bench.value("master", master=True) == ["probe", 7, 8, proxy]


async def test_the_formats_of_input_and_output_are_those_asked_for(bench: "Bench") -> None:
    given = {"method": "mean", "kwargs": {"column": "age"}, "output_format": "json"}
    outcome = await bench.run(content=payload.serialize(given, "json"))
    assert outcome.output == b'json.{"mean": 2.0, "rows": 2}'


async def test_a_large_output_comes_back_whole(bench: "Bench") -> None:
    text = "x" * 3_000_000
    assert await bench.value("give_back", text=text) == [[], {"text": text}]


async def test_an_output_that_is_too_large_is_not_read_and_the_run_fails(bench: "Bench") -> None:
    for size, limits, told in (
        (2**40, Limits(), "result is 1.0 TiB; limit is 256 MiB (max_result)"),
        (1001, Limits(max_result=1000), "result is 1001 bytes; limit is 1000 bytes (max_result)"),
    ):
        outcome = await bench.run("leave_sparse", size=size, limits=limits)
        assert (outcome.status, outcome.output) == ("failed", b"")
        assert outcome.log.endswith(f"node > {told}\n")
    fits = await bench.run("leave_sparse", size=1000, limits=Limits(max_result=1000))
    assert (fits.status, fits.output) == ("completed", bytes(1000))


async def test_a_crash_stays_one_whatever_it_leaves(bench: "Bench") -> None:
    outcome = await bench.run("leave_sparse", size=2**40, code=3)
    assert (outcome.status, outcome.output) == ("crashed", b"")
    assert "node > the algorithm ended with exit code 3\n" in outcome.log
    assert "node > result is 1.0 TiB; limit is 256 MiB (max_result)\n" in outcome.log


# --- the log ---


async def test_of_a_log_that_is_too_long_the_beginning_and_the_end_are_there(
    bench: "Bench",
) -> None:
    outcome = await bench.run("chatter", lines=5000, limits=Limits(max_log=2000))
    assert outcome.status == "completed"
    assert len(outcome.log) < 2200
    assert "; limit is 2.0 KiB (max_log): its middle is left out here ---\n" in outcome.log
    assert "line 4999\n" in outcome.log
    assert "line 2500\n" not in outcome.log


async def test_the_log_has_what_was_printed_in_its_order(bench: "Bench") -> None:
    outcome = await bench.run("say")
    assert outcome.status == "completed"
    errors, lines = "second\n", "info > first\nwarn > third\n\ufffd fourth\nerror > é€漢\n"
    assert errors in outcome.log
    if bench.in_docker:  # whose engine hears of the two streams in no certain order
        assert lines in outcome.log.replace(errors, "")
    else:
        assert lines.replace("warn", f"{errors}warn") in outcome.log


async def test_runs_at_the_same_time_do_not_mix(bench: "Bench") -> None:
    contracts = [bench.contract("repeat_name", times=20) for _ in range(3)]
    outcomes = await asyncio.gather(*(bench.executor.run(each) for each in contracts))
    for contract, outcome in zip(contracts, outcomes, strict=True):
        assert payload.read(outcome.output) == contract.folder.name
        assert set(re.findall(r"^task-\d+$", outcome.log, re.MULTILINE)) == {contract.folder.name}


# --- failures ---


async def test_an_algorithm_that_raises_is_a_crash_with_its_traceback(bench: "Bench") -> None:
    outcome = await bench.run("fail")
    assert outcome.status == "crashed"
    assert outcome.output == b""
    assert 'in RPC_fail\n    raise ValueError("no way")\nValueError: no way\n' in outcome.log
    assert outcome.log.endswith("warn > Error encountered while calling RPC_fail: no way\n")


async def test_an_unknown_method_is_a_crash_that_tells_the_known_ones(bench: "Bench") -> None:
    outcome = await bench.run("nothing")
    assert outcome.status == "crashed"
    assert "the module offers: RPC_chatter, RPC_environment, RPC_fail, " in outcome.log
    assert outcome.log.endswith("warn > method 'RPC_nothing' not found!\n")


async def test_an_argument_that_a_method_has_not_is_a_crash_that_tells_those_it_has(
    bench: "Bench",
) -> None:
    outcome = await bench.run("mean", colum="age")
    assert outcome.status == "crashed"
    assert "warn > the module has RPC_mean(data: Any, column: str) -> Any\n" in outcome.log
    assert "unexpected keyword argument 'colum'" in outcome.log.splitlines()[-1]


async def test_a_missing_column_is_a_crash_with_its_traceback(bench: "Bench") -> None:
    outcome = await bench.run("mean", column="height")
    assert outcome.status == "crashed"
    assert "in RPC_mean" in outcome.log
    assert "KeyError: 'height'" in outcome.log
    assert "the module has" not in outcome.log


async def test_an_unreadable_file_is_a_crash_that_names_it_and_says_why(bench: "Bench") -> None:
    broken = bench.file("broken.csv", b"\x00\xff\xfe\x00" * 50)
    outcome = await bench.run("mean", column="age", databases={"default": broken})
    assert outcome.status == "crashed"
    assert f"error > database 'default' ({bench.seen(broken)}) cannot be read: " in outcome.log
    assert "UnicodeDecodeError: 'utf-8' codec can't decode" in outcome.log
    assert "Traceback" not in outcome.log


async def test_leaving_at_once_is_a_crash_that_tells_the_exit_code(bench: "Bench") -> None:
    outcome = await bench.run("leave_at_once")
    assert outcome.status == "crashed"
    assert outcome.log.endswith("going\nnode > the algorithm ended with exit code 3\n")


async def test_an_exit_counts_by_its_code(bench: "Bench") -> None:
    well, ill = await asyncio.gather(bench.run("leave", code=None), bench.run("leave", code=5))
    assert (well.status, well.output) == ("completed", b"")
    assert (ill.status, ill.output) == ("crashed", b"")
    assert ill.log.endswith("node > the algorithm ended with exit code 5\n")


async def test_an_error_in_importing_is_a_crash_with_its_traceback(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package("import no_such_library\n")
    outcome = await bench.run("mean", image=image)
    assert outcome.status == "crashed"
    assert "import no_such_library" in outcome.log
    assert "ModuleNotFoundError: No module named 'no_such_library'" in outcome.log


async def test_an_unknown_image_says_where_was_looked_and_what_is_known(bench: "Bench") -> None:
    heard: list[str] = []
    contract = bench.contract("mean", image="harbor.example/unknown")
    outcome = await bench.executor.run(contract, lambda: heard.append("started"))
    assert outcome.status == "non-existing Docker image"
    assert "'harbor.example/unknown'" in outcome.log
    assert "ooked for" in outcome.log
    assert "probe" in outcome.log
    assert not heard


async def test_latest_goes_without_saying(bench: "Bench") -> None:
    assert (await bench.value("mean", column="age", image="probe:latest"))["rows"] == 2


async def test_a_package_that_is_not_there_does_not_start(bench: "Bench", tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    bench.algorithms["gone"] = Algorithm(package=gone, build=Build(context=gone))
    outcome = await bench.run("mean", image="gone")
    assert outcome.status == "start failed"
    assert gone in outcome.log


# --- files and environment ---


async def test_the_environment_is_the_contract_and_next_to_nothing_else(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_MACHINE", "x")
    second = bench.file("second.csv", "a\n1\n")
    contract = bench.contract(
        "environment",
        databases={"default": bench.data, "Second": second, "web": "http://data.example/sparql"},
        algorithm_env={"PORT": "1234", "OWN": "value"},
    )
    seen = payload.read((await bench.executor.run(contract)).output)
    folder = bench.seen(contract.folder)
    plain = {"PATH", "HOME", "LANG", "HOSTNAME", "PYTHONUNBUFFERED"}
    assert {key: value for key, value in seen.items() if key not in plain} == {
        "INPUT_FILE": f"{folder}/input",
        "OUTPUT_FILE": f"{folder}/output",
        "TOKEN_FILE": f"{folder}/token",
        "TEMPORARY_FOLDER": bench.seen(contract.temporary),
        "HOST": bench.reach.host,
        "PORT": "1234",
        "API_PATH": "",
        "DATABASE_URI": bench.seen(bench.data),
        "DEFAULT_DATABASE_URI": bench.seen(bench.data),
        "DEFAULT_DATABASE_TYPE": "csv",
        "SECOND_DATABASE_URI": bench.seen(second),
        "SECOND_DATABASE_TYPE": "csv",
        "WEB_DATABASE_URI": "http://data.example/sparql",
        "WEB_DATABASE_TYPE": "sparql",
        "USER_REQUESTED_DATABASE_LABEL": "default",
        "DB_LABELS": json.dumps(["default", "Second", "web"]),
        "OWN": "value",
    }


async def test_the_files_are_those_of_the_contract(bench: "Bench", token: str) -> None:
    found = await bench.value("files")
    assert found["names"] == ["input", "output", "token"]
    assert found["token"] == token


async def test_runs_of_a_job_share_a_folder_and_others_do_not_see_it(bench: "Bench") -> None:
    assert await bench.value("remember", text="a", job=21) == "a"
    assert await bench.value("remember", text="b", job=21) == "ab"
    assert await bench.value("remember", text="c", job=22) == "c"


async def test_a_changed_source_counts_from_the_next_run_on(
    bench: "Bench", write_package: Write
) -> None:
    image = write_package("def RPC_answer(data): return 'old'\n")
    assert await bench.value("answer", image=image) == "old"
    write_package("def RPC_answer(data): return 'new'\n")
    assert await bench.value("answer", image=image) == "new"


async def test_no_output_is_an_empty_one(bench: "Bench") -> None:
    outcome = await bench.run("remove_output")
    assert (outcome.status, outcome.output) == ("completed", b"")


async def test_whatever_is_in_the_output_comes_back(bench: "Bench", write_package: Write) -> None:
    image = write_package(
        "import os, pathlib\n"
        "def RPC_go(data):\n"
        "    pathlib.Path(os.environ['OUTPUT_FILE']).write_bytes(b'\\x00garbage\\xff')\n"
        "    os._exit(4)\n"
    )
    outcome = await bench.run("go", image=image)
    assert (outcome.status, outcome.output) == ("crashed", b"\x00garbage\xff")


# --- beginning and end ---


async def test_the_start_is_told(bench: "Bench") -> None:
    heard: list[str] = []
    outcome = await bench.executor.run(bench.contract("say"), lambda: heard.append("started"))
    assert outcome.status == "completed"
    assert heard == ["started"]


async def test_being_cancelled_kills_the_algorithm_and_all_it_started(bench: "Bench") -> None:
    alive = await bench.pipe(job=31)
    run = asyncio.create_task(bench.executor.run(bench.contract("linger", job=31)))
    await alive.hear(b"up")
    run.cancel()
    assert await alive.end(within=1) == b""
    with pytest.raises(asyncio.CancelledError):
        await run


async def test_after_a_kill_the_next_run_is_as_any_other(bench: "Bench") -> None:
    alive = await bench.pipe(job=32)
    run = asyncio.create_task(bench.executor.run(bench.contract("linger", job=32)))
    await alive.hear(b"up")
    run.cancel()
    await asyncio.wait([run])
    assert (await bench.value("mean", column="age"))["rows"] == 2


async def test_an_algorithm_that_ignores_signals_is_killed_all_the_same(bench: "Bench") -> None:
    alive = await bench.pipe(job=33)
    run = asyncio.create_task(bench.executor.run(bench.contract("ignore_signals", job=33)))
    await alive.hear(b"up")
    run.cancel()
    assert await alive.end(within=1) == b""
    with pytest.raises(asyncio.CancelledError):
        await run
