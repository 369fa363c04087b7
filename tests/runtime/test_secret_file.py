"""The file in which a server keeps its secret for programs of the same user."""

import json
import os
import stat
from pathlib import Path

import pytest

from v6sim.runtime.process_identity import this_process
from v6sim.runtime.secret_file import SecretNotKept, find_secret, secret_folder, secret_kept

SECRET = "sixteen-letters!"
GONE = this_process().rpartition("/")[0] + "/an earlier start"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of secret files, in a runtime folder of the test's own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "v6sim"


def found(url: str) -> str | None:
    file = find_secret(url)
    return file.secret if file else None


def test_it_is_there_while_the_server_is_and_for_its_user_alone(folder: Path) -> None:
    with secret_kept("127.0.0.1", 5000, SECRET) as path:
        assert path == folder / "127.0.0.1-5000.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert json.loads(path.read_text())["owner"] == this_process()
        assert str(os.getpid()) in json.loads(path.read_text())["owner"]
        assert found("http://127.0.0.1:5000/api") == SECRET
    assert list(folder.iterdir()) == []
    assert found("http://127.0.0.1:5000/api") is None


def test_without_a_runtime_folder_it_is_in_the_state_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert secret_folder() == tmp_path / "home" / ".local" / "state" / "v6sim"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert secret_folder() == tmp_path / "state" / "v6sim"
    with secret_kept("::1", 5000, SECRET) as path:
        assert path.parent == tmp_path / "state" / "v6sim"
        assert found("http://[::1]:5000") == SECRET


@pytest.mark.parametrize(
    ("listening", "url", "is_found"),
    [
        ("127.0.0.1", "http://localhost:5000", True),
        ("127.0.0.1", "http://localhost.:5000", True),
        ("127.0.0.1", "localhost:5000", True),
        ("127.0.0.1", "http://127.0.0.1:5001", False),
        ("127.0.0.1", "http://v6.example:5000", False),
        ("127.0.0.1", "http://localhost.evil.example:5000", False),
        ("127.0.0.1", "http://192.0.2.1:5000", False),
        ("0.0.0.0", "http://localhost:5000", True),
        ("0.0.0.0", "http://127.0.0.1:5000", True),
        ("0.0.0.0", "http://192.0.2.1:5000", False),
        ("0.0.0.0", "http://v6.example:5000", False),
        ("127.0.0.1", "http://127.0.0.1:x", False),
        ("127.0.0.1", "", False),
    ],
)  # fmt: skip
def test_it_is_for_the_server_on_this_machine_alone(listening, url, is_found) -> None:
    with secret_kept(listening, 5000, SECRET):
        assert found(url) == (SECRET if is_found else None)


def test_of_a_file_on_all_addresses_loopback_is_asked() -> None:
    with secret_kept("0.0.0.0", 5000, SECRET):
        file = find_secret("http://localhost:5000")
        assert file is not None
        assert file.url == "http://127.0.0.1:5000"


def write(path: Path, **changes: object) -> None:
    content = {"host": "127.0.0.1", "port": 5000, "owner": this_process(), "secret": SECRET}
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(json.dumps({**content, **changes}))
    path.chmod(0o600)


def test_that_of_a_server_that_was_killed_is_not_believed_and_removed(folder: Path) -> None:
    write(folder / "127.0.0.1-5000.json", owner=GONE)
    assert found("http://127.0.0.1:5000") is None
    with secret_kept("127.0.0.1", 5001, SECRET):
        assert [path.name for path in folder.iterdir()] == ["127.0.0.1-5001.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_one_that_others_may_read_or_write_is_not_believed(folder: Path, mode: int) -> None:
    path = folder / "127.0.0.1-5000.json"
    write(path)
    assert found("http://127.0.0.1:5000") == SECRET
    path.chmod(mode)
    assert found("http://127.0.0.1:5000") is None


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "x.json")
    folder.mkdir(mode=0o700)
    (folder / "127.0.0.1-5000.json").symlink_to(tmp_path / "elsewhere" / "x.json")
    assert found("http://127.0.0.1:5000") is None
    with secret_kept("127.0.0.1", 5000, SECRET) as path:
        assert not path.is_symlink()


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes files of others: run it as root")
def test_one_of_another_user_is_not_believed(folder: Path) -> None:
    path = folder / "127.0.0.1-5000.json"
    write(path)
    os.chown(path, 12345, 12345)
    assert found("http://127.0.0.1:5000") is None
    os.chown(folder, 12345, 12345)
    with (
        pytest.raises(SecretNotKept, match="belongs to another user"),
        secret_kept("127.0.0.1", 5001, SECRET),
    ):
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"host": 1}', "null", "\ud800"])
def test_what_is_no_secret_file_is_passed_over(folder: Path, content: str) -> None:
    path = folder / "127.0.0.1-5000.json"
    write(path)
    path.write_bytes(content.encode(errors="surrogatepass"))
    assert found("http://127.0.0.1:5000") is None


def test_the_next_server_on_a_port_keeps_its_own(folder: Path) -> None:
    with secret_kept("127.0.0.1", 5000, "the first secret"):
        with secret_kept("127.0.0.1", 5000, SECRET):
            pass
        assert list(folder.iterdir()) == []
    with secret_kept("127.0.0.1", 5000, "the first secret") as path:
        write(path, secret=SECRET)
    assert found("http://127.0.0.1:5000") == SECRET


def test_where_none_can_be_kept_it_is_said(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "v6sim").write_text("a file")
    with (
        pytest.raises(SecretNotKept, match=r"cannot be kept in .*v6sim"),
        secret_kept("127.0.0.1", 5000, SECRET),
    ):
        pass
    assert found("http://127.0.0.1:5000") is None
