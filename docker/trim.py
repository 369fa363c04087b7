"""Makes the installation in a folder smaller, for an image.

What only compilers and debuggers read goes: C sources, and symbols of libraries beyond what is
loaded. What v6sim imports as it starts is compiled here, once, as nothing is written later; of
other people's modules only that is kept.
"""

import compileall
import shutil
import struct
import subprocess
import sys
from pathlib import Path

UNUSED = ("*.c", "*.h", "*.pxd", "*.pyx", "*.pyi", "tests", "testing", "mysql", "mssql", "oracle")
STARTING = """
import sys
import docker, psycopg, socketio, uvicorn, uvloop, websockets, uvicorn.protocols.websockets.auto
import uvicorn.lifespan.on, uvicorn.protocols.http.auto
import httpx, rich.console, rich.live, rich.table
import v6sim.cli.app, v6sim.cli.inventory, v6sim.cli.tree, v6sim.cli.outcome, v6sim.cli.worlds
import v6sim.client, v6sim.node.executors.docker
import v6sim.node.docker.grounds, v6sim.node.docker.containers
import v6sim.node.node, v6sim.sandbox, v6sim.server.app, v6sim.cli.egress_file
import sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite, docker.utils.socket
files = {getattr(each, "__file__", None) for each in sys.modules.values()}
print("\\n".join(sorted(files - {None})))
"""


def main(root: Path) -> None:
    """Trim what is installed in a virtual environment."""
    root = root.resolve()
    packages = next((root / "lib").glob("python3.*")) / "site-packages"
    for pattern in UNUSED:
        for path in packages.glob(f"*/**/{pattern}"):
            if not path.is_relative_to(packages / "v6sim"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    for library in packages.rglob("*.so*"):
        strip(library)
    python = root / "bin" / "python"
    said = subprocess.run([python, "-BIc", STARTING], capture_output=True, text=True, check=True)
    for name in map(Path, said.stdout.splitlines()):
        if name.suffix == ".py" and name.is_relative_to(packages):
            own = name.is_relative_to(packages / "v6sim")
            compileall.compile_file(name, quiet=1, legacy=not own)
            if not own:
                name.unlink()


def strip(library: Path) -> None:
    """Cut a library of 64 bits off where nothing more of it is loaded."""
    content = bytearray(library.read_bytes())
    if content[:6] != b"\x7fELF\x02\x01":
        return
    (headers,) = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    end = headers + size * count
    for number in range(count):
        offset, _, _, length = struct.unpack_from("<QQQQ", content, headers + number * size + 8)
        end = max(end, offset + length)
    struct.pack_into("<Q", content, 40, 0)  # no table of sections, which none but a linker reads
    struct.pack_into("<HH", content, 60, 0, 0)
    library.write_bytes(content[:end])


main(Path(sys.argv[1]))
