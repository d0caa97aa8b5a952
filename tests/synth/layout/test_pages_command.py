"""`synth pages`, as it is called."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.layout.page_rows import read_page_rows
from textlines.labels.tally import Tally
from textlines.regions.page_file import read_pages

Run = Callable[..., Any]
Contents = Callable[[Path], dict[str, str]]
Options = Callable[..., list[str]]

PAGES = 42


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages") / "whole"


@pytest.fixture
def finished(whole: Path, run_synth: Run, page_options: Options) -> Path:
    """Return pages drawn by one process. Left as they are by the tests."""
    if not whole.exists():
        ended = run_synth(*page_options(PAGES), "--workers", 1, "--out", whole)
        assert ended.code == 0, ended.err
    return whole


def test_every_page_is_there_and_can_be_read(finished: Path) -> None:
    tally = Tally()
    pages = list(read_pages(finished, tally=tally))
    rows = list(read_page_rows(finished / "manifest.jsonl"))
    assert [page.path for page in pages] == [row.image for row in rows]
    assert len(pages) == PAGES
    assert {path.relative_to(finished).as_posix() for path in finished.glob("images/*/*")} == {
        row.image for row in rows
    }
    for page, row in zip(pages, rows, strict=True):
        assert [region.text for region in page.regions] == [line.label for line in row.lines]
        assert [region.is_ignored for region in page.regions] == [
            line.fault is not None for line in row.lines
        ]
        # A device so far off that none of its lines lies on the page is a page without text too.
        assert page.is_negative == (not row.lines)
    empty = [row.kind for row in rows].count("empty")
    assert empty == 4
    assert set(tally.as_dict()) <= {"without_regions"}
    record = json.loads((finished / "run.json").read_text())
    assert record["command"] == "synth pages"
    assert set(record["outputs"]) == {"plan.jsonl", "Label.txt", "manifest.jsonl"}
    assert record["counts"]["pages"] == PAGES
    assert record["counts"]["pages without text"] == empty
    assert record["counts"]["lines"] == sum(
        line.fault is None for row in rows for line in row.lines
    )


def test_workers_do_not_change_a_byte(
    finished: Path, tmp_path: Path, run_synth: Run, page_options: Options, contents_of: Contents
) -> None:
    ended = run_synth(*page_options(PAGES), "--workers", 2, "--out", tmp_path / "two")
    assert ended.code == 0, ended.err
    assert contents_of(tmp_path / "two") == contents_of(finished)


@pytest.mark.parametrize("whole_run", [True, False])
def test_a_killed_run_goes_on(
    whole_run: bool,
    finished: Path,
    tmp_path: Path,
    start_synth: Run,
    run_synth: Run,
    page_options: Options,
    contents_of: Contents,
) -> None:
    out = tmp_path / "killed"
    run = start_synth(*page_options(PAGES), "--workers", 2, "--out", out)
    end = time.monotonic() + 60
    # A worker is killed at its first page: later there may be none left to draw for it.
    begun = "shards/0000.jsonl" if whole_run else "images/*/*.jpg"
    while not list(out.glob(begun)) and time.monotonic() < end:
        assert run.poll() is None
        time.sleep(0.01)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    for process in [run.pid] if whole_run else map(int, children):
        os.kill(process, signal.SIGKILL)
    err = run.communicate(timeout=60)[1]
    assert run.returncode == (-signal.SIGKILL if whole_run else 1)
    assert whole_run or "a worker: was killed. If memory ran out, use fewer --workers." in err
    assert not (out / "Label.txt").exists()
    ended = run_synth(*page_options(PAGES), "--workers", 2, "--out", out)
    assert ended.code == 0, ended.err
    assert not whole_run or f"{PAGES} drawn now" not in ended.out
    assert contents_of(out) == contents_of(finished)
    again = run_synth(*page_options(PAGES), "--workers", 2, "--out", out)
    assert again.code == 0 and "(0 drawn now)" in again.out


def test_an_image_that_is_gone_is_not_named(
    finished: Path, tmp_path: Path, synth_here: Run, page_options: Options
) -> None:
    out = Path(shutil.copytree(finished, tmp_path / "copied"))
    (out / "Label.txt").unlink()
    (out / "images" / "0000" / "000007.jpg").unlink()
    ended = synth_here(*page_options(PAGES), "--workers", 1, "--out", out)
    assert ended.code == 1
    assert "shards/0000.jsonl: names images/0000/000007.jpg, which is not there" in ended.err
    assert not (out / "Label.txt").exists()


def test_another_run_does_not_go_on_in_a_folder(
    finished: Path, synth_here: Run, page_options: Options
) -> None:
    ended = synth_here(*page_options(PAGES, seed=4), "--workers", 1, "--out", finished)
    assert ended.code == 1
    assert "holds another run; it differs in seed (3, not 4)" in ended.err


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        ({"style": "letter"}, 2, "--style letter: is no style that pages are laid out in"),
        ({"negatives": 1}, 2, "--negatives"),
        ({"size": 100}, 2, "--size"),
        ({"language": "fr"}, 2, "--language fr: is none that words on devices come in"),
        ({"profile": "missing.json"}, 1, "missing.json: "),
        ({"corpus": "embedded:none.toml"}, 1, "embedded:none.toml: comes not with this package"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    more: dict[str, Any],
    code: int,
    told: str,
    tmp_path: Path,
    synth_here: Run,
    page_options: Options,
) -> None:
    ended = synth_here(*page_options(1, **more), "--out", tmp_path / "out")
    assert ended.code == code
    assert told in " ".join(ended.err.split())
    assert not (tmp_path / "out" / "Label.txt").exists()


def test_texts_that_no_display_shows_are_refused(
    tmp_path: Path, synth_here: Run, page_options: Options
) -> None:
    corpus = tmp_path / "texts.txt"
    corpus.write_text("합계\n")
    ended = synth_here(*page_options(2, corpus=corpus), "--out", tmp_path / "out")
    assert ended.code == 1
    assert "no face of displays draws what is to be shown, such as '합계'" in ended.err


def test_a_folder_of_somebody_else_is_refused(
    tmp_path: Path, synth_here: Run, page_options: Options
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ended = synth_here(*page_options(1), "--out", tmp_path)
    assert ended.code == 1
    assert "is not empty and holds no run.json" in ended.err


def test_what_is_asked_for_is_shown(tmp_path: Path, synth_here: Run, page_options: Options) -> None:
    corpus = tmp_path / "texts.txt"
    corpus.write_text("12.5\n")
    out = tmp_path / "out"
    ended = synth_here(
        *page_options(3, corpus=corpus, negatives=0), "--workers", 1, "--out", out, "--json"
    )
    assert ended.code == 0, ended.err
    done = json.loads(ended.out.splitlines()[-1])
    assert done["event"] == "done" and done["pages"] == done["drawn"] == 3
    lines = [line for row in read_page_rows(out / "manifest.jsonl") for line in row.lines]
    assert {line.text for line in lines if line.role == "display"} == {"12.5"}


def test_a_profile_shifts_what_is_drawn(
    tmp_path: Path, synth_here: Run, page_options: Options
) -> None:
    profile = tmp_path / "det.json"
    large = {"property": "seen_height", "low": 64.0, "high": 80.0, "place": None, "lines": 50}
    profile.write_text(
        json.dumps(
            {
                "version": 1,
                "detector": "det",
                "evaluation": {},
                "conventions": [],
                "bins": [{**large, "failed": {"value": 0.8, "interval": None}, "failures": {}}],
            }
        )
    )

    def large_share(name: str, **more: Any) -> float:
        out = tmp_path / name
        options = page_options(24, negatives=0, **more)
        ended = synth_here(*options, "--workers", 1, "--out", out)
        assert ended.code == 0, ended.err
        firsts = [
            row.lines[0].height_px
            for row in read_page_rows(out / "manifest.jsonl")
            if row.lines and row.lines[0].role == "display"
        ]
        return sum(60 <= height < 82 for height in firsts) / len(firsts)

    assert large_share("with", profile=profile) > large_share("without") + 0.15


def test_shards_give_the_bytes_of_the_whole(
    finished: Path,
    tmp_path: Path,
    synth_here: Run,
    page_options: Options,
    contents_of: Contents,
) -> None:
    out = tmp_path / "shards"
    words = (*page_options(PAGES), "--workers", 1, "--out", out)
    first = synth_here(*words, "--shard", "1/2")
    assert first.code == 0, first.err
    assert "20 pages drawn" in first.out and f"then synth merge {out}" in first.out
    assert sorted(path.name for path in (out / "shards").glob("*.jsonl")) == ["0001.jsonl"]
    early = synth_here("merge", out)
    assert early.code == 1
    assert "2 shards are missing: 0, 2. Draw them (synth pages with the same" in early.err
    last = synth_here(*words, "--shard", "0/2")
    assert last.code == 0 and "(22 drawn now)" in last.out
    assert contents_of(out) == contents_of(finished)
    (out / "Label.txt").unlink()
    merged = synth_here("merge", out)
    assert merged.code == 0 and f"{PAGES} pages in {out}" in merged.out
    assert contents_of(out) == contents_of(finished)
    refused = synth_here("merge", out, "--without", finished / "Label.txt")
    assert refused.code == 2 and "--without: is for lines" in refused.err


def displayed(out: Path) -> list[list[str]]:
    """The texts of displays of each page with a device."""
    return [
        [line.text for line in row.lines if line.role == "display"]
        for row in read_page_rows(out / "manifest.jsonl")
        if row.kind == "device"
    ]


def test_listed_texts_are_shown_in_turn(
    tmp_path: Path, synth_here: Run, page_options: Options
) -> None:
    listed = tmp_path / "texts.txt"
    listed.write_text("12.5\n007\n88:08\n")
    out = tmp_path / "out"
    ended = synth_here(*page_options(9), "--text-list", listed, "--workers", 1, "--out", out)
    assert ended.code == 0, ended.err
    plan = [json.loads(row) for row in (out / "plan.jsonl").read_text().splitlines()]
    firsts = [row["shown"][0]["text"] for row in plan if row["kind"] == "device"]
    assert firsts == ["12.5", "007", "88:08"] * 3
    assert {text for texts in displayed(out) for text in texts} == {"12.5", "007", "88:08"}


def test_every_text_holds_a_character_that_is_asked_for(
    tmp_path: Path, synth_here: Run, page_options: Options
) -> None:
    out = tmp_path / "out"
    ended = synth_here(*page_options(8), "--chars", "8-", "--workers", 1, "--out", out)
    assert ended.code == 0, ended.err
    shown = [text for texts in displayed(out) for text in texts]
    assert shown and all(set(text) & set("8-") for text in shown)
    assert any("8" in text for text in shown) and any("-" in text for text in shown)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--chars", "8합"), 1, "--chars: holds what no face of displays draws: '합'"),
        (("--chars", " "), 2, "--chars: names no character"),
        (("--text-list", "LIST"), 1, "--text-list: holds what no face of displays draws: '합계'"),
        (("--text-list", "LIST", "--chars", "8"), 2, "--chars and --text-list: exclude each other"),
        (("--text-list", "LIST", "--corpus", "LIST"), 2, "--corpus and --text-list: exclude"),
        (("--shard", "2/2"), 2, "--shard 2/2: is not i/n with 0 <= i < n"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    options: tuple[str, ...],
    code: int,
    told: str,
    tmp_path: Path,
    synth_here: Run,
    page_options: Options,
) -> None:
    listed = tmp_path / "texts.txt"
    listed.write_text("12.5\n합계\n")
    words = [str(listed) if word == "LIST" else word for word in options]
    ended = synth_here(*page_options(1), *words, "--out", tmp_path / "out")
    assert ended.code == code and told in " ".join(ended.err.split())
