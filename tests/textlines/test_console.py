import errno
import os
import subprocess
import sys

import pytest

from textlines.console import guarded
from textlines.errors import InputError, PartialError, UsageError


def raising(error: BaseException) -> int:
    def app() -> None:
        raise error

    return guarded(app, "train")


@pytest.mark.parametrize(
    "error, code",
    [
        (InputError("a.txt", "holds no line", "Add one."), 1),
        (UsageError("--x", "is wrong"), 2),
        (PartialError("out", "stopped"), 4),
    ],
)
def test_our_errors_become_a_line_and_their_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raising(error) == code
    assert capsys.readouterr().err == f"train: error: {error}\n"


def test_errors_of_the_system_name_their_file(capsys: pytest.CaptureFixture[str]) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.json")
    assert raising(full) == 1
    assert capsys.readouterr().err == "train: error: out.json: No space left on device\n"


def test_ctrl_c_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "train: interrupted\n"


@pytest.mark.parametrize("code, wanted", [(2, 2), (0, 0), (None, 0), ("words", 1)])
def test_the_end_of_a_program_is_its_code(code: int | str | None, wanted: int) -> None:
    assert raising(SystemExit(code)) == wanted


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        raising(ZeroDivisionError())


def test_a_reader_that_leaves_is_no_traceback() -> None:
    code = (
        "import sys; from textlines.console import guarded;"
        "sys.exit(guarded(lambda: print('x' * 10**6), 'train'))"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()
    assert run.stderr.read() == b""
    assert run.wait() == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "there is not enough memory"),
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), "a library does not load"),
        (ImportError("libGL.so.1: cannot open shared object file"), "libGL.so.1"),
    ],
)
def test_a_failure_of_the_machine_is_a_line(
    error: Exception, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raising(error) == 1
    told = capsys.readouterr().err
    assert words in told and told.startswith("train: error: ") and told.count("\n") == 1


def test_a_module_of_ours_that_is_missing_is_a_fault_of_ours() -> None:
    with pytest.raises(ModuleNotFoundError):
        raising(ModuleNotFoundError("No module named 'train.lost'", name="train.lost"))
