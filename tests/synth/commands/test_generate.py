"""`synth generate` from a user's side: what it says, what it counts, what it leaves alone."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Options = Callable[[int], list[str]]
Write = Callable[[str, str | bytes], Path]


HEAVY = ("paddle", "albumentations", "trdg", "cv2", "numpy", "PIL", "fontTools", "uharfbuzz")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from synth.cli import app\n"
        "ours = 'pydantic' in sys.modules\n"  # Typer itself loads it to read a command line
        "try:\n    app(sys.argv[1:])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        f"print('loaded:', ours, *(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    commands = ("generate", "guard", "merge", "preview", "redraw", "fonts", "doctor")
    for words in ([], *([name] for name in commands)):
        command = [sys.executable, "-c", code, *words, "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "Usage" in done.stdout
        assert done.stdout.splitlines()[-1].split() == ["loaded:", "False"]


def test_one_image_loads_nothing_that_it_does_not_need(
    tmp_path: Path, quick_run: Options, run_synth: Run
) -> None:
    warm = run_synth(*quick_run(1), "--workers", 1, "--out", tmp_path / "warm")
    assert warm.code == 0, warm.err
    spared = ("fontTools.ttLib", "multiprocessing", "concurrent.futures.process", "regex", "jinja2")
    spared += ("textlines.formats.profile", "scipy", "albumentations")
    code = (
        "import sys\n"
        "from synth.cli import app\n"
        "try:\n    app(sys.argv[1:])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        f"print('loaded:', *(name for name in {spared!r} if name in sys.modules))\n"
    )
    words = [*quick_run(1), "--workers", "1", "--out", str(tmp_path / "run")]
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["loaded:"]


def test_progress_is_plain_lines_in_a_log(
    tmp_path: Path, quick_run: Options, run_synth: Run
) -> None:
    ended = run_synth(*quick_run(120), "--workers", 1, "--out", tmp_path / "run")
    assert ended.code == 0
    assert "\x1b" not in ended.err + ended.out
    # Work of a few seconds ends before it has said anything; what is said are whole lines.
    progress = re.compile(r"[0-9,]+ of [0-9,]+ .+ \([0-9]+ %\), .+ a second, .+ s left.*")
    assert all(progress.fullmatch(line) for line in ended.err.splitlines())
    assert ended.out.splitlines()[0] == "120 of 120 lines planned"
    assert ended.out.splitlines()[-1] == f"120 images in {tmp_path / 'run'} (120 drawn now)"


def test_progress_is_a_bar_on_a_terminal(
    tmp_path: Path, quick_run: Options, cache_home: Path
) -> None:
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("synth")), *quick_run(300)]
    process = subprocess.Popen(
        [*command, "--workers", "2", "--out", str(tmp_path / "run")],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
    os.close(ours)
    assert process.wait(60) == 0
    assert b"images drawn" in shown
    assert b"/300" in shown


def test_json_is_one_object_a_line(tmp_path: Path, quick_run: Options, run_synth: Run) -> None:
    out = tmp_path / "run"
    ended = run_synth(*quick_run(120), "--workers", 1, "--out", out, "--json")
    assert ended.code == 0
    done = json.loads(ended.out)
    assert done["event"] == "done"
    assert (done["samples"], done["drawn"], done["complete"]) == (120, 120, True)
    assert done["counts"]["samples"] == 120
    # So short a run ends before it would have said how it goes on.
    assert [json.loads(line) for line in ended.err.splitlines()] == []


@pytest.mark.parametrize("as_json", [False, True])
def test_a_dry_run_writes_nothing(
    as_json: bool, tmp_path: Path, quick_run: Options, synth_here: Run
) -> None:
    out = tmp_path / "run"
    ended = synth_here(*quick_run(120), "--dry-run", "--out", out, *["--json"] * as_json)
    assert ended.code == 0
    assert not out.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"quick.toml", "texts.txt"}
    if as_json:
        told = json.loads(ended.out)
        assert told["plan"]["planned"] == 120
        assert told["plan"]["changed"] == told["plan"]["left_out"] == {}
        assert told["rates"]["bytes"] > 100
    else:
        assert ended.out.startswith("120 of 120 lines planned; about 0.")
        assert " minutes and " in ended.out.splitlines()[0]


def test_a_dry_run_tells_what_was_changed_apart_from_what_is_missing(
    quick_run: Options, synth_here: Run, write_file: Write
) -> None:
    corpus = write_file("corpus.txt", "12  5\n30.9\n\n")
    options = [*quick_run(1)[:3], "--corpus", corpus, "--count", 4, "--dry-run", "--json"]
    plan = json.loads(synth_here(*options).out)["plan"]
    assert (plan["changed"], plan["left_out"]) == ({"doubled_spaces": 1}, {"blank_line": 1})
    assert plan["changed_lines"] == [f"doubled_spaces: 1 ({corpus}:1)"]
    assert plan["left_out_lines"] == [f"blank_line: 1 ({corpus}:3)"]


def test_fewer_images_than_asked_are_no_success(
    tmp_path: Path, quick_run: Options, synth_here: Run, write_file: Write
) -> None:
    out, corpus = tmp_path / "run", write_file("corpus.txt", "12.5\n30.9\n")
    style = quick_run(1)[:3]
    options = [*style, "--corpus", corpus, "--count", 900, "--repeat-cap", 1, "--workers", 1]
    options += ["--out", out]
    for _ in range(2):  # the second call meets a finished run
        ended = synth_here(*options)
        assert ended.code == 1
        planned = len((out / "rec_gt_train.txt").read_text().splitlines())
        assert 0 < planned < 900
        assert f"{out}: 900 images were asked for, {planned} could be planned (every" in ended.err
        assert "Add texts or fonts, raise --repeat-cap, or ask for fewer." in ended.err
    merged = synth_here("merge", out)
    assert merged.code == 1
    assert "900 images were asked for, " in merged.err


def test_a_finished_run_is_not_drawn_again(
    tmp_path: Path, quick_run: Options, synth_here: Run
) -> None:
    out = tmp_path / "run"
    options = [*quick_run(60), "--workers", 1, "--out", out]
    assert synth_here(*options).code == 0
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    again = synth_here(*options)
    assert again.code == 0
    assert "60 images" in again.out
    assert "(0 drawn now)" in again.out
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == before


def test_another_run_in_the_folder_is_refused_and_what_differs_is_named(
    tmp_path: Path, quick_run: Options, synth_here: Run, contents_of: Callable[[Path], Any]
) -> None:
    out = tmp_path / "run"
    options = [*quick_run(60), "--workers", 1, "--out", out]
    assert synth_here(*options).code == 0
    before = contents_of(out)
    for words, named in (
        (["--seed", 4], "seed (3, not 4)"),
        (["--set", "output.height=24"], "style"),
        (["--max-length", 20], "plan"),
    ):
        ended = synth_here(*options, *words)
        assert ended.code == 1
        assert f"{out}: holds another run; it differs in " in ended.err
        assert named in ended.err
        assert "Name another --out, give the same options, or delete this folder." in ended.err
    assert contents_of(out) == before


def test_foreign_files_are_left_alone(tmp_path: Path, quick_run: Options, synth_here: Run) -> None:
    out = tmp_path / "photos"
    out.mkdir()
    (out / "holiday.jpg").write_bytes(b"mine")
    ended = synth_here(*quick_run(10), "--workers", 1, "--out", out)
    assert ended.code == 1
    assert f"{out}: is not empty and holds no run.json (holiday.jpg is there)." in ended.err
    assert [path.name for path in out.iterdir()] == ["holiday.jpg"]


def test_a_file_in_place_of_the_folder(tmp_path: Path, quick_run: Options, synth_here: Run) -> None:
    out = tmp_path / "run"
    out.write_text("mine")
    ended = synth_here(*quick_run(10), "--workers", 1, "--out", out)
    assert ended.code == 1
    assert f"{out}: is a file. Name a folder as --out." in ended.err
    below = synth_here(*quick_run(10), "--workers", 1, "--out", out / "deeper")
    assert below.code == 1
    assert f"{out / 'deeper'}: cannot be written (Not a directory)." in below.err
    assert out.read_text() == "mine"


def test_a_folder_that_may_not_be_written(
    tmp_path: Path, quick_run: Options, synth_here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)  # root may write anywhere
    ended = synth_here(*quick_run(10), "--workers", 1, "--out", tmp_path / "run")
    assert ended.code == 1
    assert f"{tmp_path / 'run'}: may not be written." in ended.err
    assert "Change its permissions or write elsewhere." in ended.err


def test_a_broken_record_is_named(tmp_path: Path, quick_run: Options, synth_here: Run) -> None:
    out = tmp_path / "run"
    options = [*quick_run(10), "--workers", 1, "--out", out]
    assert synth_here(*options).code == 0
    record = out / "run.json"
    whole = record.read_text()
    for text, what in (
        (whole[:100], "is no JSON (Unterminated string"),
        (whole.replace('"version": 1', '"version": 9'), "run record of version 9"),
        (whole.replace('"version": 1', '"version": 1, "more": 2'), "more: extra inputs"),
    ):
        record.write_text(text)
        for command in (options, ["merge", out], ["redraw", out, "--index", 1], ["preview", out]):
            ended = synth_here(*command)
            assert ended.code == 1
            assert what in ended.err


@pytest.mark.parametrize("command", [["merge"], ["redraw", "--index", "0"], ["preview"]])
def test_a_folder_without_a_run(command: list[str], tmp_path: Path, synth_here: Run) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        ended = synth_here(*command, folder)
        assert ended.code == 1
        assert f"{folder}: holds no run.json. Name the --out of synth generate." in ended.err


def test_merge_names_what_is_missing(tmp_path: Path, quick_run: Options, synth_here: Run) -> None:
    out = tmp_path / "run"
    assert synth_here(*quick_run(60), "--workers", 1, "--out", out).code == 0
    (out / "images" / "0000" / "000017.jpg").unlink()
    ended = synth_here("merge", out)
    assert ended.code == 1
    assert "000017.jpg: is named by a finished shard but is not there" in ended.err
    assert "0000.jsonl and draw the shard again" in ended.err
