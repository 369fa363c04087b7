"""What a server does not do before it is asked for it, so that it starts soon."""

import subprocess
import sys

AS_A_SERVER_STARTS = """
import sys
from v6sim.cli import failures, server
from v6sim.cli.worlds import load
from v6sim.sandbox import Federation
with failures.clear_failures():
    load("manual")
print(*({"httpx", "rich", "pandas", "docker", "jinja2", "pydantic.v1"} & set(sys.modules)))
from fastapi.openapi.models import OpenAPI
print(OpenAPI.__pydantic_complete__)
"""


def test_it_starts_without_what_only_others_need() -> None:
    said = subprocess.run(
        [sys.executable, "-c", AS_A_SERVER_STARTS], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["", "False"]
