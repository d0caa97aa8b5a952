"""The preview of finished and unfinished runs: one page, one picture."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from synth.faces import scan
from synth.faces.display import display_faces
from synth.faces.scan import find_faces, package_font_dirs
from synth.run.preview_data import read_preview
from synth.run.preview_page import REDRAWN
from synth.run.preview_picture import (
    CAPTION,
    CELL_H,
    CELL_W,
    GAP,
    PLOT_H,
    caption_font,
    sorted_bins,
)
from textlines.defects import of_texts
from textlines.errors import InputError
from textlines.formats.manifest import Refusal
from textlines.wording.catalogue import catalogue
from textlines.wording.sentence import Sentence

Run = Callable[..., Any]
Options = Callable[[int], list[str]]


@pytest.fixture
def finished(tmp_path: Path, quick_run: Options, synth_here: Run) -> Path:
    """Draw a small run."""
    out = tmp_path / "run"
    assert synth_here(*quick_run(90), "--workers", 1, "--out", out).code == 0
    return out


@pytest.fixture
def digits(cache_home: Path) -> Path:
    """Return a font for captions, so that those of the machine need not be looked through."""
    return display_faces()[0].path


def unfinish(run: Path) -> Path:
    """Take the merged files away, as if the run had been killed before."""
    (run / "rec_gt_train.txt").unlink()
    (run / "manifest.jsonl").unlink()
    return run


def height(shown: int) -> int:
    """Return the height of the picture with so many samples."""
    return -(-shown // 4) * (CELL_H + CAPTION + GAP) + 2 * GAP + 2 * (PLOT_H + 40)


@pytest.mark.parametrize("is_finished", [True, False])
def test_a_preview_is_one_page_and_one_picture(
    is_finished: bool, finished: Path, tmp_path: Path, synth_here: Run, digits: Path
) -> None:
    run = finished if is_finished else unfinish(finished)
    page, picture = tmp_path / "see" / "preview.html", tmp_path / "see" / "preview.png"
    ended = synth_here("preview", run, "--html", page, "--shown", 10, "--captions", digits)
    assert ended.code == 0, ended.err
    assert f"90 samples: {page} and {picture}" in ended.out
    text = page.read_text(encoding="utf-8")
    assert text.count("data:image/jpeg;base64,") == 10
    named = re.findall(r"""(?:src|href|srcset|action)\s*=\s*["']?([^"'\s>]{1,40})""", text)
    assert named
    assert all(name.startswith(("data:", "#")) for name in named)
    assert not re.search(r"@import|url\(|https?://(?!www\.w3\.org/2000/svg)", text)
    assert ("unfinished" in text) != is_finished
    for part in ("Contact sheet", "Characters", "label length", "face families"):
        assert part in text
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert image.size == (4 * (CELL_W + GAP) + GAP, height(10))
        colours = image.convert("RGB").getcolors(1 << 24)
        assert colours is not None
        assert len(colours) > 50


def test_a_picture_of_a_name_of_its_own(
    finished: Path, tmp_path: Path, synth_here: Run, digits: Path
) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "pictures" / "sheet.png"
    ended = synth_here(
        *("preview", finished, "--html", page, "--shown", 4, "--captions", digits),
        *("--png", picture),
    )
    assert ended.code == 0, ended.err
    assert f"90 samples: {page} and {picture}" in ended.out
    assert not page.with_suffix(".png").exists()
    with Image.open(picture) as image:
        assert image.size == (4 * (CELL_W + GAP) + GAP, height(4))


def test_the_same_samples_are_shown_again(
    finished: Path, tmp_path: Path, synth_here: Run, digits: Path
) -> None:
    pages = [tmp_path / f"{name}.html" for name in ("a", "b", "c")]
    for page, seed in zip(pages, (1, 1, 2), strict=True):
        assert (
            synth_here(
                "preview", finished, "--html", page, "--seed", seed, "--captions", digits
            ).code
            == 0
        )
    first, second, other = (page.read_bytes() for page in pages)
    assert first == second != other
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_characters_before_and_after(
    finished: Path,
    tmp_path: Path,
    synth_here: Run,
    digits: Path,
    write_file: Callable[[str, str], Path],
) -> None:
    labels = write_file("rec_gt.txt", "a.jpg\t가나\nb.jpg\t1\n")
    page = tmp_path / "preview.html"
    ended = synth_here(
        "preview", finished, "--html", page, "--original", labels, "--captions", digits
    )
    assert ended.code == 0, ended.err
    text = page.read_text(encoding="utf-8")
    assert "before" in text
    assert "after" in text


def test_korean_labels_are_written_under_the_samples(
    finished: Path,
    tmp_path: Path,
    synth_here: Run,
    digits: Path,
    skip_or_fail: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folders = dict(package_font_dirs())
    if "pylopdf-fonts-ko" not in folders:
        skip_or_fail("pylopdf-fonts-ko is not installed")
    manifest = finished / "manifest.jsonl"
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row["text"] = "값 갑"
    manifest.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    korean = find_faces([folders["pylopdf-fonts-ko"]])
    monkeypatch.setattr(scan, "find_faces", lambda: korean)
    page = tmp_path / "preview.html"
    captions = []
    # Chosen by the program, named by the user, and one that has no Korean: boxes.
    for words in ((), ("--captions", korean.faces[0].path), ("--captions", digits)):
        assert synth_here("preview", finished, "--html", page, "--shown", 4, *words).code == 0
        assert "값 갑" in page.read_text(encoding="utf-8")
        with Image.open(page.with_suffix(".png")) as image:
            caption = image.crop((GAP, GAP + CELL_H, GAP + 60, GAP + CELL_H + CAPTION))
            captions.append(np.asarray(caption.convert("L")))
    for caption in captions[:2]:
        assert caption.min() < 140
        assert len(np.unique(caption)) > 8
        assert (caption != captions[2]).any()


def test_a_captions_font_that_is_none_is_named(
    finished: Path, tmp_path: Path, synth_here: Run, write_file: Callable[[str, str], Path]
) -> None:
    font = write_file("mine.ttf", "no font")
    page = tmp_path / "preview.html"
    for path in (font, tmp_path / "missing.ttf"):
        ended = synth_here("preview", finished, "--html", page, "--captions", path)
        assert ended.code == 1
        assert f"{path}: cannot be opened as a font (" in ended.err


def test_what_was_refused_most_is_named_by_its_reason(
    finished: Path, tmp_path: Path, synth_here: Run
) -> None:
    manifest = finished / "manifest.jsonl"
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    for row, refused in zip(rows, ["counter", "counter", "part", "counter"], strict=False):
        row["refused"], row["attempt"] = [refused], 1
    for row in rows[4:]:
        row.pop("refused", None)
    manifest.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    page = tmp_path / "preview.html"
    assert synth_here("preview", finished, "--html", page, "--shown", 4).code == 0
    html = page.read_text(encoding="utf-8")
    assert "refused most often: character with a closed counter (3)." in html


def test_every_reason_for_a_refusal_has_words() -> None:
    assert REDRAWN.keys() == set(get_args(Refusal))


def test_why_texts_were_refused_is_told_in_the_language_of_the_page() -> None:
    korean = catalogue("ko")
    for words in (one.what for one in of_texts.PLAN.values()):
        said = Sentence.of(words).spoken("ko")
        assert said != words and ("", Sentence.of(words).template) in korean


def test_a_missing_image_is_shown_as_such(
    finished: Path, tmp_path: Path, synth_here: Run, digits: Path
) -> None:
    for path in (finished / "images" / "0000").iterdir():
        path.unlink()
    page = tmp_path / "preview.html"
    ended = synth_here("preview", finished, "--html", page, "--shown", 3, "--captions", digits)
    assert ended.code == 0, ended.err
    assert page.with_suffix(".png").exists()


def test_a_run_without_a_finished_shard_is_refused(
    finished: Path, tmp_path: Path, synth_here: Run
) -> None:
    (unfinish(finished) / "shards" / "0000.jsonl").unlink()
    page = tmp_path / "preview.html"
    ended = synth_here("preview", finished, "--html", page)
    assert ended.code == 1
    assert f"{finished}: holds no finished shard yet. Let synth generate go on." in ended.err
    assert not page.exists()


def test_nonsense_options_are_refused(finished: Path, synth_here: Run) -> None:
    ended = synth_here("preview", finished, "--shown", 0)
    assert ended.code == 2
    assert "--shown 0: is below 1." in ended.err


def test_a_broken_manifest_is_named_with_its_line(finished: Path) -> None:
    manifest = finished / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4][:40]
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.jsonl:5: is no row of a manifest"):
        read_preview(finished, 10, 1)


def test_every_sample_counts(finished: Path) -> None:
    found = read_preview(finished, 7, 1)
    assert found.complete
    assert found.counts.samples == 90
    assert sum(found.counts.characters.values()) == 4 * 90
    assert sum(found.counts.families.values()) == 90
    assert found.counts.lengths == [4] * 90
    assert len(found.rows) == 7
    assert [row.index for row in found.rows] == sorted(row.index for row in found.rows)


def test_bins_hold_every_value() -> None:
    values = [3, 3, 90, 47, 12, 200, 201]
    bins = sorted_bins(values, most=5)
    assert len(bins) <= 5
    assert sum(count for _, count in bins) == len(values)
    assert sorted_bins([]) == []


def test_captions_fall_back_without_a_text_face(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = scan.FaceScan(faces=(), refused={}, details=(), sources=())
    monkeypatch.setattr(scan, "find_faces", lambda *_, **__: empty)
    assert caption_font(None, read_preview(finished, 3, 1)) is None
