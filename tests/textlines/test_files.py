import errno
import hashlib
import os
import pickle
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from textlines import files
from textlines.errors import InputError, MachineError
from textlines.files import (
    NotRegularError,
    TooLongError,
    is_of_the_machine,
    machine_error,
    open_named,
    open_regular,
    read_named,
    read_regular,
    read_text,
    real_path,
    replacing,
    replacing_bytes,
    sha256_of,
    unreadable,
)

Write = Callable[[str, str | bytes], Path]


def test_a_file_is_written_as_utf8_with_lf(tmp_path: Path) -> None:
    with replacing(tmp_path / "new" / "a.txt") as out:
        out.write("값\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "값\n".encode()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_an_error_leaves_the_old_file_and_nothing_else(write_file: Write, tmp_path: Path) -> None:
    path = write_file("a.txt", "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as out:
        out.write("new")
        out.flush()
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_stays_until_the_new_one_is_whole(write_file: Write) -> None:
    path = write_file("a.bin", b"old")
    with replacing_bytes(path) as out:
        out.write(b"new")
        out.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as first, replacing(path) as second:
        first.write("1" * 10)
        second.write("2" * 5)
    assert path.read_text() == "1" * 10
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(write_file: Write, tmp_path: Path) -> None:
    target = write_file("real.txt", "old")
    link = tmp_path / "link.txt"
    link.symlink_to(target)
    with replacing(link) as out:
        out.write("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from textlines.files import replacing\n"
        "with replacing(Path('/dev/stdout')) as out: out.write('through')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"through"
    with replacing(Path("/dev/null")) as out:
        out.write("gone")
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_is_an_input_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    message = r"a\.txt: the disk is full\. Free some space"
    with pytest.raises(MachineError, match=message), replacing(tmp_path / "a.txt") as out:
        out.write("x")
    assert list(tmp_path.iterdir()) == []


def test_a_real_limit_on_file_size_reads_as_a_full_disk(tmp_path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from textlines.errors import MachineError
from textlines.files import replacing
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with replacing(Path(sys.argv[1])) as out:
        out.write("x" * 100_000)
except MachineError as error:
    print(error)
"""
    path = tmp_path / "a.txt"
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout == f"{path}: the disk is full. Free some space or write elsewhere.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    message = r"may not be written\. Change its permissions"
    with pytest.raises(MachineError, match=message), replacing(tmp_path / "a.txt"):
        pass


def test_a_folder_or_a_file_as_folder_is_an_input_error(write_file: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder\. Name a file"), replacing(tmp_path):
        pass
    file = write_file("a.txt", "x")
    message = r"b\.txt: cannot be written"
    with pytest.raises(InputError, match=message), replacing(file / "b.txt"):
        pass


def test_an_error_about_another_file_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        (tmp_path / "not there").read_bytes()
    assert list(tmp_path.iterdir()) == []


def test_sha256_is_of_the_content(write_file: Write) -> None:
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(write_file("a", "abc")) == expected
    with pytest.raises(InputError, match="file is not there"):
        sha256_of(Path("not/there"))


def test_text_is_read_without_its_byte_order_mark(write_file: Write) -> None:
    assert read_text(write_file("a.txt", b"\xef\xbb\xbfa\r\nb"), "the corpus") == "a\r\nb"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "a\nb\n값 1,200원\n".encode("cp949"),
            r"a\.txt:3: the corpus is not UTF-8 at byte 4 "
            r"\(0xB0\); it looks like CP949\. Convert it: iconv -f CP949 -t UTF-8 a\.txt",
        ),
        ("数码管显示\n".encode("gbk"), r"a\.txt:1: .* at byte 0 .* looks like GBK"),
        ("ひらがなとカタカナ".encode("shift_jis"), "looks like SHIFT_JIS"),
        ("naïve café\n".encode("latin-1"), "looks like WINDOWS-1252"),
        ("값".encode("utf-16"), "looks like UTF-16"),
        ("plain text".encode("utf-16-le"), "looks like UTF-16LE"),
        ("plain text".encode("utf-16-be"), "looks like UTF-16BE"),
        (b"some text\nthen\0 a NUL", r":2: the corpus holds a NUL at byte 14: no text"),
        ("ab값".encode()[:-1], r"ends inside a character \(byte 2\)"),
        (b"\xef\xbb\xbfab\n\xff\xff", r":2: .* at byte 6 "),
    ],
)
def test_another_encoding_is_named_with_its_place(
    write_file: Write, content: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_text(write_file("a.txt", content), "the corpus")


def test_a_missing_file_or_a_folder_is_named_with_its_use(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the corpus is not there\. Check the path"):
        read_text(tmp_path / "x", "the corpus")
    with pytest.raises(InputError, match="the corpus is a folder"):
        read_text(tmp_path, "the corpus")


def test_errors_survive_a_process_pool(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, "the corpus")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    file.write_bytes(b"whole")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "link").symlink_to(file)
    assert read_regular(file) == read_regular(tmp_path / "link") == b"whole"
    with pytest.raises(NotRegularError, match="is a named pipe and no regular file") as caught:
        open_regular(pipe)
    told = str(unreadable(pipe, caught.value, "the crop"))
    assert told == f"{pipe}: the crop is a named pipe and no regular file. Name a file."
    with pytest.raises(NotRegularError, match="is a device"):
        open_regular(tmp_path / "zero")
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "there is not enough memory"),
        (ImportError("libGL.so.1"), r"a library does not load \(libGL.so.1\)"),
        (OSError(errno.EMFILE, ""), "too many files are open"),
        (OSError(errno.EIO, "Input/output error"), r"the machine failed \(Input/output error\)"),
        (OSError(errno.EACCES, ""), "may not be read or written"),
    ],
)
def test_errors_of_the_machine_are_no_input_errors(error: Exception, told: str) -> None:
    assert is_of_the_machine(error)
    made = machine_error("crops/1.jpg", error)
    assert isinstance(made, MachineError)
    assert not isinstance(made, InputError)
    assert re.search(told, str(made))


def special(folder: Path, kind: str) -> Path:
    """Make a path that is no file."""
    path = folder / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(f"/dev/{kind}")
    return path


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "zero", "null", "stdin"])
def test_only_regular_files_are_opened_where_a_folder_names_them(tmp_path: Path, kind: str) -> None:
    path = special(tmp_path, kind)
    for read in (open_regular, read_regular):
        with pytest.raises(OSError) as caught:
            read(path)
        if kind not in ("socket", "stdin"):
            kinds = IsADirectoryError if kind == "folder" else NotRegularError
            assert isinstance(caught.value, kinds)
        assert os.strerror(errno.EACCES) not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("pipe", "the labels is a named pipe that nobody writes to. Name a file"),
        ("folder", "the labels is a folder"),
        ("zero", "the labels is a device and no regular file"),
    ],
)
def test_what_a_user_names_may_be_a_pipe_but_no_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, message: str
) -> None:
    monkeypatch.setattr(files, "_WAITED_S", 0.1)
    with pytest.raises(InputError, match=message):
        read_text(special(tmp_path, kind), "the labels")
    with pytest.raises(InputError, match="is a device"):
        read_text(Path("/dev/zero"), "the labels")
    assert read_text(Path("/dev/null"), "the labels") == ""


def test_pipes_are_read_as_files_are(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; import sys; from textlines.files import read_text\n"
        "sys.stdout.write(read_text(Path(sys.argv[1]), 'it'))"
    )
    command = [sys.executable, "-c", code, "/dev/stdin"]
    text = "값\n" * 40_000
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    assert done.stdout.decode() == text
    empty = subprocess.run(command, input=b"", capture_output=True, check=True)
    assert empty.stdout == b""
    pipe = special(tmp_path, "pipe")
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    assert read_text(pipe, "it") == text
    writer.join()
    assert sha256_of(pipe) == hashlib.sha256(text.encode()).hexdigest()


def test_a_pipe_without_end_and_a_file_with_holes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hollow = tmp_path / "hollow"
    with hollow.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLongError, match="is longer than 1,073,741,824 bytes"):
        read_regular(hollow)
    with pytest.raises(InputError, match="the labels is longer than 1,073,741,824 bytes"):
        read_text(hollow, "the labels")
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    pipe = special(tmp_path, "pipe")

    def endless() -> None:
        with suppress(BrokenPipeError), pipe.open("wb") as out:
            while True:
                out.write(b"0" * 100)

    writer = threading.Thread(target=endless)
    writer.start()
    with open_named(pipe) as ours, pytest.raises(TooLongError, match="longer than 1,000 bytes"):
        ours.read()
    writer.join()
    assert read_named(Path("/dev/null")) == b""


def test_links_in_a_loop_lead_as_far_as_they_lead(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to(tmp_path / "d")
    assert real_path(tmp_path / "a").parent == real_path(tmp_path)
    assert real_path(tmp_path / "c") == real_path(tmp_path) / "d"
