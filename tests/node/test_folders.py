"""What an algorithm has left in files: read with care."""

import os
import threading
from pathlib import Path

import pytest

from v6sim.node.errors import FileTooLarge, NotAFile
from v6sim.node.folders import append, read_file, read_log, read_part


def test_a_file_is_read_up_to_what_it_may_have(tmp_path: Path) -> None:
    file = tmp_path / "output"
    assert read_file(file, 10) == b""
    file.write_bytes(b"0123456789")
    assert read_file(file, 10) == b"0123456789"
    with pytest.raises(FileTooLarge) as caught:
        read_file(file, 9)
    assert caught.value.size == 10


def test_a_hole_of_a_terabyte_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "output"
    file.touch()
    os.truncate(file, 2**40)
    with pytest.raises(FileTooLarge):
        read_file(file, 2**30)
    log = read_log(file, 1000)
    assert len(log) < 1200
    assert "the log is 1.0 TiB; limit is 1000 bytes (max_log)" in log


def test_what_grows_while_it_is_read_is_still_limited(tmp_path: Path) -> None:
    file, over = tmp_path / "output", threading.Event()
    file.touch()

    def write() -> None:
        with file.open("ab", buffering=0) as growing:
            while not over.is_set():
                growing.write(b"x" * 10_000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while True:
            try:
                assert len(read_file(file, 1_000_000)) <= 1_000_000
            except FileTooLarge:
                break
    finally:
        over.set()
        writer.join()


def test_what_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    folder, pipe, link = (tmp_path / name for name in ("folder", "pipe", "link"))
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to("/etc/hostname")
    for path in (folder, pipe, link):
        with pytest.raises(NotAFile, match=f"{path.name} is no plain file"):
            read_file(path, 10)
        with pytest.raises(NotAFile, match=f"{path.name} is no plain file"):
            read_log(path, 10)
        assert read_part(path, 0, 10) == b""


def test_a_part_of_a_file_is_read_from_where_it_begins(tmp_path: Path) -> None:
    file = tmp_path / "log"
    assert read_part(file, 0, 3) == b""
    file.write_bytes(b"0123456789")
    assert read_part(file, 8, 3) == b"89"


def test_what_is_no_plain_file_is_not_added_to(tmp_path: Path) -> None:
    file, folder, pipe, link = (tmp_path / name for name in ("file", "folder", "pipe", "link"))
    append(file, "a")
    append(file, "b")
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to(file)
    for path in (folder, pipe, link):
        with pytest.raises(OSError, match=path.name):
            append(path, "c")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    append(pipe, "c")
    assert os.read(reader, 9) == b""
    os.close(reader)
    assert file.read_text() == "ab"
