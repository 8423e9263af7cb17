import os
import stat

import pytest

from app.storage import Folder

KEY = "0123456789abcdef" * 2


def test_what_is_put_is_got_byte_by_byte(tmp_path):
    store = Folder(tmp_path / "uploads")
    data = os.urandom(70_000)
    store.put(KEY, data)
    store.put(KEY.replace("0", "f"), b"")
    assert store.get(KEY) == data
    assert store.get(KEY.replace("0", "f")) == b""
    assert Folder(tmp_path / "uploads").get(KEY) == data


def test_what_was_never_put_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        Folder(tmp_path).get(KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../../etc/passwd",
        "/etc/passwd",
        KEY[:-1],
        KEY + "0",
        KEY.upper(),
        KEY[:-1] + "/",
        KEY[:-1] + "\n",
        KEY + "\n",
    ],
)
def test_a_key_that_we_did_not_make_reaches_no_file(tmp_path, key):
    (tmp_path / "etc").mkdir()
    store = Folder(tmp_path / "uploads")
    with pytest.raises(FileNotFoundError):
        store.get(key)
    with pytest.raises(FileNotFoundError):
        store.put(key, b"x")
    assert not (tmp_path / "uploads").exists()


def test_only_whole_files_stand_under_their_name(tmp_path, monkeypatch):
    store = Folder(tmp_path)

    def crash(_handle):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="disk full"):
        store.put(KEY, b"half")
    monkeypatch.undo()
    with pytest.raises(FileNotFoundError):
        store.get(KEY)
    store.put(KEY, b"whole")
    assert store.get(KEY) == b"whole"


def test_the_folders_are_for_the_server_alone(tmp_path):
    old_mask = os.umask(0)
    try:
        Folder(tmp_path / "uploads").put(KEY, b"x")
    finally:
        os.umask(old_mask)
    for folder in (tmp_path / "uploads", tmp_path / "uploads" / KEY[:2]):
        assert not stat.S_IMODE(folder.stat().st_mode) & 0o077, folder
    file = tmp_path / "uploads" / KEY[:2] / KEY
    assert not stat.S_IMODE(file.stat().st_mode) & 0o022
