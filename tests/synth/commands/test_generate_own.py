"""`synth generate --own` as a user runs it: what own lines lack is drawn, and a table says so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.corpus.corpus_files import embedded_path
from synth.faces.display import display_faces
from synth.rendering.style import make_style
from synth.run.job_options import JobOptions
from synth.run.render_job import read_texts
from textlines.errors import UsageError
from textlines.formats.plan_rows import read_plan
from textlines.formats.predictions import Outcome, row_of
from textlines.formats.profile import ErrorProfile, save_profile
from textlines.formats.run_record import RunRecord
from textlines.profile.measure import measure
from textlines.profile.reading import Reading

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]
Options = Callable[[int], list[str]]
Contents = Callable[[Path], dict[str, str]]

METERS = [f"{k * 37 % 900 + 22:d}.{k * 53 % 100:02d}" for k in range(300)]
WITHOUT = [text for text in METERS if "1" not in text][:60]


def label_lines(texts: list[str]) -> str:
    return "".join(f"crops/{k:04}.jpg\t{text}\n" for k, text in enumerate(texts))


@pytest.fixture
def own_run(write_file: Write, quick_run: Options) -> list[Any]:
    """Return the words of a run beside 60 meters without a `1`, like crops that hold it."""
    own = [write_file(f"own{k}.txt", label_lines(WITHOUT[k::2])) for k in range(2)]
    read = "".join(row_of(Outcome(f"{k}.jpg", text, 0.9)) for k, text in enumerate(METERS))
    like = write_file("predictions.jsonl", read + row_of(Outcome("x.jpg", "5#", 0.4)))
    style = quick_run(1)[:3]
    return [*style, "--own", *own, "--like", like, "--count", 240, "--workers", 1]


def test_what_own_lines_lack_is_drawn_and_told(
    own_run: list[Any], tmp_path: Path, run_synth: Run
) -> None:
    ended = run_synth(*own_run, "--out", tmp_path / "run")
    assert ended.code == 0, ended.err
    assert "of 11 characters of production (like), " in ended.out
    (line,) = (line for line in ended.out.splitlines() if line.startswith("character 1 "))
    rows = list(read_plan(tmp_path / "run/plan.jsonl"))
    held = sum("1" in row.text for row in rows)
    used = sum("1" in text for text in METERS)
    # 30 lines that are wanting, at 120 / 60 times an epoch
    assert line.split()[1:] == ["1", str(used), "0", str(held), "60"]
    assert held > 80
    assert {row.why for row in rows if row.targets == ("1",)} == {"lacking"}
    (point,) = {row.why for row in rows if row.targets == (".",)}
    assert point == "kept"
    told = RunRecord.read(tmp_path / "run/run.json")
    assert told.teaching is not None
    (row,) = (r for r in told.teaching.rows if (r.kind, r.name) == ("character", "1"))
    assert (row.used, row.own, row.drawn, row.needed) == (used, 0, held, 60)
    assert set(told.inputs) >= {"own 0", "own 1", "like"}
    assert told.counts["left out: text: read_once"] == 1
    assert "taken for a misreading, left out: 1 (" in ended.err
    assert "'#'" in ended.err
    assert all("#" not in row.text for row in rows)


def test_a_profile_says_what_is_misread_and_what_production_holds(
    tmp_path: Path, quick_run: Options, synth_here: Run, write_file: Write
) -> None:
    read = [(text, text.replace("1", "7") if k % 2 else text) for k, text in enumerate(METERS)]
    table = "".join(f"{k}.jpg\t{label}\t{seen}\n" for k, (label, seen) in enumerate(read))
    profile = tmp_path / "profile.json"
    save_profile(measured(write_file("read.tsv", table)), profile)
    own = write_file("own.txt", label_lines(WITHOUT))
    words = [*quick_run(1)[:3], "--own", own, "--profile", profile, "--workers", 1, "--count", 200]
    ended = synth_here(*words, "--out", tmp_path / "run")
    assert ended.code == 0, ended.err
    rows = list(read_plan(tmp_path / "run/plan.jsonl"))
    assert {row.why for row in rows if row.targets == ("1",)} == {"misread"}
    assert sum("1" in row.text for row in rows) > 100
    assert {row.source.partition(":")[2] for row in rows} == {"own", "own-shapes"}
    assert "characters of production (own lines), " in ended.out
    (line,) = (line for line in ended.out.splitlines() if line.startswith("pair 1 7 "))
    assert line.split()[4] == "0"
    page = tmp_path / "look.html"
    font = display_faces()[0].path
    assert synth_here("preview", tmp_path / "run", "--html", page, "--captions", font).code == 0
    assert "What own lines and drawn lines teach" in page.read_text()


def measured(path: Path) -> ErrorProfile:
    """Measure the readings of a table: path, label, reading."""
    columns = (line.split("\t") for line in path.read_text().splitlines())
    readings = (Reading(name, label, seen) for name, label, seen in columns)
    return measure(readings, None).profile


def test_the_same_call_goes_on_and_another_is_refused(
    own_run: list[Any], tmp_path: Path, synth_here: Run, contents_of: Contents
) -> None:
    out = tmp_path / "run"
    first = synth_here(*own_run, "--out", out)
    assert first.code == 0
    before = contents_of(out)
    again = synth_here(*own_run, "--out", out)
    assert again.code == 0
    # The table is told from the record.
    table = [line for line in first.out.splitlines() if line.startswith("character ")]
    assert table
    assert [line for line in again.out.splitlines() if line.startswith("character ")] == table
    assert contents_of(out) == before
    other = synth_here(*own_run, "--own-enough", 12, "--out", out)
    assert other.code == 1
    assert "holds another run; it differs in plan" in other.err


def test_a_dry_run_tells_the_table_too(own_run: list[Any], synth_here: Run) -> None:
    ended = synth_here(*own_run, "--dry-run", "--json")
    assert ended.code == 0
    plan = json.loads(ended.out)["plan"]
    assert plan["teaching"]["of"] == "like"
    assert {row["kind"] for row in plan["teaching"]["rows"]} == {"character", "pattern", "length"}
    assert "character 1 " in synth_here(*own_run, "--dry-run").out


def test_own_lines_count_as_originals(
    own_run: list[Any], tmp_path: Path, synth_here: Run, write_file: Write
) -> None:
    at = own_run.index("--count")
    words = [*own_run[:at], *own_run[at + 2 :], "--ratio", 5, "--dry-run"]
    assert synth_here(*words).out.startswith("12 of 12 lines planned")
    more = write_file("more.txt", label_lines(METERS[:100]))
    assert synth_here(*words, "--original", more).out.startswith("32 of 32 lines planned")
    # A file that is named twice counts once.
    assert synth_here(*words, "--original", tmp_path / "own0.txt").out.startswith("12 of 12 ")


def test_without_own_lines_nothing_is_told_of_them(
    quick_run: Options, tmp_path: Path, synth_here: Run
) -> None:
    assert synth_here(*quick_run(5), "--workers", 1, "--out", tmp_path / "run").code == 0
    record = json.loads((tmp_path / "run/run.json").read_text())
    assert "teaching" not in record
    assert "own_enough" not in record["configuration"]["plan"]
    assert record["configuration"]["plan"]["filler"] == 0.3
    assert '"why"' not in (tmp_path / "run/plan.jsonl").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--own-enough", 0), "--own-enough 0: is below 1. Say how many own lines"),
        (("--text-list", "own0.txt"), "--own and --text-list: exclude each other."),
        (("--own", "empty.txt"), "empty.txt:1)). Name another --own."),
        (("--own", "none.txt"), "none.txt: file is not there. Check the path."),
    ],
)
def test_what_cannot_be_is_refused(
    own_run: list[Any],
    words: tuple[Any, ...],
    told: str,
    tmp_path: Path,
    synth_here: Run,
    write_file: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_file("empty.txt", "\n")
    monkeypatch.chdir(tmp_path)
    ended = synth_here(*own_run, *words, "--out", tmp_path / "run")
    assert ended.code == (2 if told.startswith("--") else 1)
    assert told in ended.err
    assert not (tmp_path / "run").exists()


def test_a_number_of_own_lines_says_nothing_without_own_lines(
    quick_run: Options, tmp_path: Path, synth_here: Run
) -> None:
    ended = synth_here(*quick_run(5), "--own-enough", 12, "--out", tmp_path / "run")
    assert ended.code == 2
    assert "--own-enough: counts own lines, and none are named. Name them with --own." in ended.err


def test_beside_own_lines_of_language_natural_texts_hold_what_these_lack(write_file: Write) -> None:
    words = embedded_path(Path("embedded:words_ko.txt")).read_text().split()[:400]
    own = write_file("own.txt", label_lines([f"{word} 12" for word in words[:30]]))
    like = write_file("like.txt", label_lines(words))
    options = JobOptions(own=(own,), like=like, count=300, repeat_cap=3)
    request = read_texts(options, "document").request
    assert request.beside is not None
    shares = {
        source.name: source.share for source in (*request.corpus.lines, *request.corpus.patterns)
    }
    own_share = sum(shares.pop(name, 0) for name in ("own", "like", "own-shapes"))
    assert own_share == pytest.approx(1 - request.beside.natural_share)
    assert 0 < own_share < 0.5
    # No language is named: that of what own lines lack.
    assert {"words_ko", "lines_ko", "forms_ko"} <= set(shares)
    assert not any(name.endswith(("_en", "_zh")) for name in shares)
    meters = write_file("meters.txt", label_lines(METERS))
    few = read_texts(JobOptions(own=(own,), like=meters, count=300), "document").request
    assert {source.name for source in few.corpus.lines} == {"own", "like"}


def test_a_style_may_draw_the_texts_of_another() -> None:
    options = JobOptions(count=5)
    of_lcd, of_none, named = (
        read_texts(options, name, texts).request.corpus.sha256
        for name, texts in (("lcd", ""), ("mine", ""), ("mine", "lcd"))
    )
    assert named == of_lcd != of_none


def test_a_style_whose_texts_there_are_not_is_refused() -> None:
    with pytest.raises(UsageError, match=r"texts: .*'meter' is no style of ours: "):
        make_style({"texts": "meter"})
