"""The pages of docs/ that are made from the code.

Run as a script (`make pages`) to write them anew.
"""

from tests.docs import commands, http_api, settings
from tests.docs.page import ROOT
from v6sim.cli import permissions

DOCS = ROOT / "docs"
MADE = {
    "commands.md": commands.page,
    "settings.md": settings.page,
    "http-api.md": http_api.page,
    "permissions.md": permissions.page,
}
"""What makes each of them."""

if __name__ == "__main__":
    for name, make in MADE.items():
        (DOCS / name).write_text(make())
        print(f"wrote docs/{name}")
