"""The door: a program of a few kilobytes, and what comes through it."""

import asyncio
import os
import platform
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.components import lacking

ROOT = Path(__file__).parents[3]
DOOR = ROOT / "v6sim" / "node" / "docker" / "door"


def test_the_programs_are_what_their_source_makes(tmp_path: Path) -> None:
    for compiler in ("gcc", "aarch64-linux-gnu-gcc"):
        if shutil.which(compiler) is None:
            lacking(compiler, "apt-get install gcc gcc-aarch64-linux-gnu")
    version = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True)
    if "Debian 12" not in version.stdout:
        lacking("the compiler that they were built with", "Debian 12")
    subprocess.run(["make", "-s", "door", f"OUT={tmp_path}"], cwd=ROOT, check=True)
    for name in ("door-x86_64", "door-aarch64"):
        assert (tmp_path / name).read_bytes() == (DOOR / name).read_bytes()


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[int]:
    """A door to something that gives back what it gets; its port."""

    async def give_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while content := await reader.read(2**16):
            writer.write(content)
            await writer.drain()
        writer.close()

    inside = await asyncio.start_unix_server(give_back, tmp_path / "inside")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = tmp_path / "door"
    shutil.copy(DOOR / f"door-{platform.machine()}", program)
    program.chmod(0o755)
    process = await asyncio.create_subprocess_exec(program, str(port), tmp_path / "inside")
    try:
        yield port
    finally:
        process.kill()
        await process.wait()
        inside.close()


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(10):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0)


async def exchange(port: int, content: bytes) -> bytes:
    reader, writer = await connect(port)

    async def send() -> None:
        writer.write(content)
        await writer.drain()
        writer.write_eof()

    async with asyncio.timeout(20):
        _, answer = await asyncio.gather(send(), reader.read())
    writer.close()
    return answer


async def test_what_goes_in_comes_out_again_in_both_directions(door: int) -> None:
    contents = [os.urandom(size) for size in (0, 1, 100, 2**16, 3_000_000)]
    answers = await asyncio.gather(*(exchange(door, content) for content in contents))
    assert answers == contents


async def test_one_who_breaks_off_does_not_disturb_others(door: int) -> None:
    _, writer = await connect(door)
    writer.write(b"x" * 100_000)
    writer.transport.abort()
    assert await exchange(door, b"hello") == b"hello"


async def test_without_anything_inside_a_visitor_is_sent_away(door: int, tmp_path: Path) -> None:
    assert await exchange(door, b"hello") == b"hello"
    (tmp_path / "inside").unlink()
    reader, writer = await connect(door)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


async def test_wrong_words_end_it(tmp_path: Path) -> None:
    program = tmp_path / "door"
    shutil.copy(DOOR / f"door-{platform.machine()}", program)
    program.chmod(0o755)
    process = await asyncio.create_subprocess_exec(program)
    assert await process.wait() == 2
