"""What is printed: harmless on a terminal, in any encoding, and never at the price of the code."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.console import guarded
from textlines.errors import InputError
from textlines.terminal import console, shown

# Not `sys.path`: other tests put benchmarks/ there, which holds a `train.py`.
ROOT = Path(__file__).resolve().parents[2]

EVIL = "a\x1b]0;owned\x07\x1b[2Jb\x9b31mc\u202etxt.exe\r\x00"
BAD = "\x1b\x07\x9b\u202e\r\x00"


def call(
    code: str, *, encoding: str = "", stdout: int | None = subprocess.PIPE, shell: str = ""
) -> "subprocess.CompletedProcess[bytes]":
    """Run code inside `guarded` in a process of its own."""
    program = (
        "import sys; from textlines.console import guarded\n"
        f"def app():\n    {code}\n"
        "sys.exit(guarded(app, 'train'))"
    )
    environment = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
    environment["PYTHONPATH"] = str(ROOT)
    if encoding == "C":
        environment |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    elif encoding:
        environment |= {"PYTHONIOENCODING": encoding}
    command = [sys.executable, "-c", program]
    if shell:
        command = ["sh", "-c", f'"$0" -c "$1" {shell}', sys.executable, program]
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, check=False, env=environment
    )


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    told = shown(text)
    assert not set(told) & set(BAD)
    assert shown(told) == told
    # As JSON it is the same text: what --json prints may be escaped once more.
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert json.loads(shown(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize("encoding", ["C", "ascii", "latin-1", "euc-kr", "utf-8", ""])
@pytest.mark.parametrize("code", [0, 1, 3])
def test_no_encoding_changes_an_exit_code(encoding: str, code: int) -> None:
    text = "값 é 😀 \udcff"
    done = call(f"print({text!a}); print({text!a}, file=sys.stderr); sys.exit({code})",
                encoding=encoding)  # fmt: skip
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    for told in (done.stdout, done.stderr):
        words = told.decode({"C": "ascii"}.get(encoding, encoding or "utf-8")).rstrip("\n")
        assert json.loads(f'"{words}"') == text


@pytest.mark.parametrize("encoding", ["C", "latin-1", "utf-8"])
def test_an_error_in_words_that_the_encoding_lacks(encoding: str) -> None:
    done = call(
        f"from textlines.errors import UsageError; raise UsageError({'값.txt'!a}, {'깨짐 😀'!a})",
        encoding=encoding,
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1 and b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"train: error: ")


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_full_disk_under_the_output_is_told_and_no_code_gets_better(code: int) -> None:
    with Path("/dev/full").open("wb") as full:
        done = call(f"print('x'); sys.exit({code})", stdout=full.fileno())
    assert done.returncode == (code or 1)
    told = b"train: error: standard output cannot be written (No space left on device)\n"
    assert done.stderr == told
    # In the middle of much output, too, the work goes on to its end.
    with Path("/dev/full").open("wb") as full:
        done = call(f"print('x' * 10**6); print('end', file=sys.stderr); sys.exit({code})",
                    stdout=full.fileno())  # fmt: skip
    assert (done.returncode, done.stderr) == (code or 1, b"end\n" + told)


def test_closed_streams(tmp_path: Path) -> None:
    done = call("print('x'); sys.exit(3)", shell=">&-")
    assert done.returncode == 3
    assert done.stderr == b"train: error: standard output cannot be written (Bad file descriptor)\n"
    # Who prints nothing has lost nothing.
    assert call("pass", shell=">&-").returncode == 0
    assert call("print('x', file=sys.stderr); print('y')", shell="2>&-").stdout == b"y\n"
    # No file of ours gets the number of a closed stream, and with it what libraries print there.
    out = tmp_path / "out.txt"
    code = f"import os; f = open({str(out)!r}, 'wb'); os.write(2, b'noise'); f.write(b'ours')"
    assert call(code, shell="2>&- >&- <&-").returncode == 0
    assert out.read_bytes() == b"ours"


def on_terminal(code: str) -> bytes:
    """Run code inside `guarded` with a terminal as its output."""
    ours, theirs = pty.openpty()
    try:
        done = call(code, stdout=theirs)
        assert done.returncode == 0, done.stderr
        os.close(theirs)
        theirs = -1
        told = b""
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # the other end is closed
                return told
            if not part:
                return told
            told += part
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)


def test_a_terminal_gets_our_colours_and_nobody_elses() -> None:
    os.environ.setdefault("TERM", "xterm-256color")
    told = on_terminal(
        f"from textlines.terminal import console; from rich.text import Text; c = console();"
        f"c.print(Text({EVIL!a}, style='bold red')); print({EVIL!a});"
        f"from rich.console import Console; Console().print({EVIL!a}, markup=False)"
    )
    text = told.decode()
    assert "\x1b[1;31m" in text  # bold red: ours
    assert "\x1b]" not in text and "\x07" not in text and "\x9b" not in text
    assert "\u202e" not in text
    assert text.count("\\u001b]0;owned") == 2  # and once with rich's own colours in it
    # A console that is none of ours may be given colours, and only those.
    assert text.count("\x1b[2J") <= 1


def test_texts_in_tables_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    def app() -> None:
        from rich.table import Table

        table = Table("group")
        table.add_row("[red]x[/red] :smile: \x1b[31m")
        console(width=80).print(table)

    assert guarded(app, "train") == 0
    assert "[red]x[/red] :smile: \\u001b[31m" in capsys.readouterr().out


def test_an_error_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    def app() -> None:
        raise InputError("a\nsynth: done", "holds \x1b[2J\nand more", "Mend it.")

    assert guarded(app, "train") == 1
    told = capsys.readouterr().err
    assert told == (
        "train: error: a\\u000asynth: done: holds \\u001b[2J\\u000aand more. Mend it.\n"
    )


def test_the_streams_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", stream)
    assert guarded(lambda: print("값"), "train") == 0
    assert sys.stdout is stream and stream.errors == "strict"
    stream.flush()
    assert stream.buffer.getvalue() == b"\\uac12\n"  # type: ignore[attr-defined]


EVIL_PATH = "\x1b]0;owned\x07.jpg"


def command(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


def test_commands_on_labels_that_hold_escape_sequences(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text(f"{EVIL_PATH}\t값\n\u202e.jpg\t\x9b31m\n", encoding="utf-8")
    lines = "".join(f"{n}.jpg\t값 {n}\n" for n in range(40))
    (tmp_path / "good.txt").write_text(lines, encoding="utf-8")
    table = f"path\ttruth\tprediction\n{EVIL_PATH}\t값\t갑\nx.jpg\t1\t\x1b[31m\u202e7\n"
    (tmp_path / "read.tsv").write_text(table, encoding="utf-8")
    profile = {"version": 1, "\x1b]0;owned\x07": 1}
    (tmp_path / "evil.json").write_text(json.dumps(profile), encoding="utf-8")
    (tmp_path / "evil.toml").write_text('"\\u001b]0;owned\\u0007" = 1\n', encoding="utf-8")
    mixed = ("balance", "mix", "--original", "good.txt", "--new", "bad.txt")
    mixed += ("--dry-run", "--check-images", "none", "--on-shortage", "accept")
    calls = (
        ("balance", "check", "bad.txt"),
        ("balance", "check", "bad.txt", "--json"),
        mixed,
        (*mixed, "--json"),
        ("train", "evaluate", "--predictions", "read.tsv", "--group", "^(.*)\\."),
        ("train", "mine", "--predictions", "read.tsv"),
        ("train", "mine", "--predictions", "read.tsv", "--json"),
        ("synth", "generate", "--profile", "evil.json", "--count", "1", "--dry-run"),
        ("synth", "generate", "--chars", "1", "--style", "evil.toml", "--count", "1", "--dry-run"),
        ("synth", "generate", "--corpus", f"no{EVIL_PATH}", "--chars", "1", "--dry-run"),
    )
    for arguments in calls:
        code, out, error = command(tmp_path, *arguments)
        assert not set(out + error) & set(BAD), (arguments, out, error)
        assert "Traceback" not in error, error
        # In another encoding the same is told, with the same end.
        assert command(tmp_path, *arguments, PYTHONIOENCODING="ascii")[0] == code, arguments
        if "--json" in arguments:
            assert out, (arguments, code, error)
            json.loads(out)
