"""`v6sim trace`: where the time of a task went."""

import json
import xml.etree.ElementTree as ET

from tests.commands import running, v6sim
from v6sim.client import Client
from v6sim.wire.payload import serialize

IMAGE = "harbor2.vantage6.ai/demo/average"
MASTER = {"method": "master", "master": True, "kwargs": {"column_name": "age"}}


def test_a_master_and_its_subtasks_are_on_one_time_line(tmp_path) -> None:
    with running("up", "--port", "0") as (_, address):
        with Client(address, "researcher", "Researcher-1") as client:
            client.wait(client.submit(1, [2], IMAGE, serialize(MASTER), name="<average>"))
        shown = v6sim("trace", "1", "--server", address)
        assert shown.returncode == 0, shown.stderr
        lines = shown.stdout.splitlines()
        assert [line.strip() for line in lines if line.strip().startswith("task ")] == [
            "task 1 <average>",
            "task 2 subtask",
        ]
        assert sum("completed: waiting" in line for line in lines) == 4
        assert any("POST /task: 201" in line for line in lines)

        seen = json.loads(v6sim("trace", "1", "--json", "--server", address).stdout)
        [run] = seen["runs"]
        times = [run[name] for name in ("assigned", "taken", "running", "reporting", "ended")]
        assert times == sorted(times)
        assert run["assigned"] == 0
        [below] = seen["subtasks"]
        assert all(run["running"] < each["ended"] < run["reporting"] for each in below["runs"])

        page = tmp_path / "trace.html"
        assert v6sim("trace", "1", "--to", page, "--server", address).returncode == 0
        text = page.read_text()
        assert "&lt;average&gt;" in text
        assert "http://" not in text
        assert "https://" not in text
        svg = ET.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])
        bars = [each for each in svg.iter("rect") if each.get("class") == "running"]
        assert len(bars) == 4

        for name, begin in (("a.svg", "<svg xmlns="), ("a.txt", shown.stdout), ("a.json", "{")):
            assert v6sim("trace", "1", "--to", tmp_path / name, "--server", address).returncode == 0
            assert (tmp_path / name).read_text().startswith(begin)
        wrong = v6sim("trace", "1", "--to", tmp_path / "trace.png", "--server", address)
        assert wrong.returncode == 2
        assert "a picture (.svg)" in wrong.stderr
        assert v6sim("trace", "9", "--server", address).returncode == 2
