"""The README's example runs as it stands, but for the port."""

import re
import subprocess
from pathlib import Path

from tests.commands import PATIENCE
from tests.components import lacking
from tests.genuine.environments import CLIENTS

README = Path(__file__).parents[2] / "README.md"


def test_the_example_of_the_readme_works(up) -> None:
    environment = CLIENTS["3.7.3"]
    if not environment.is_ready:
        lacking("the genuine client 3.7.3", "make genuine")
    [example] = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    port = re.findall(r":(\d+)", up)[0]
    said = subprocess.run(
        [environment.python, "-c", example.replace("5000", port)], capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:]
    last = said.stdout.splitlines()[-1]
    assert last == "[{'sum': 173, 'count': 4}, {'sum': 253, 'count': 4}]"
