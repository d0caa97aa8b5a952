"""Which styles are held against which crops, and the table of what came out."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import realism
from benchmarks.realism import Case, alike, cases, parse

REPO = Path(realism.__file__).parents[1]


def asked(*words: str) -> argparse.Namespace:
    return parse(words)


def test_our_own_styles_have_their_sets() -> None:
    found = cases(asked("--data", "D"))
    assert [(case.name, case.label_file) for case in found] == [
        ("lcd", Path("D/sevenseg/train/rec_gt.txt")),
        ("receipt", Path("D/sroie/train/rec_gt.txt")),
    ]
    (one,) = cases(asked("--data", "D", "--style", "lcd", "--style-file", "mine.toml"))
    assert one == Case("lcd", "mine.toml", Path("D/sevenseg/train/rec_gt.txt"))
    assert [len(group) for group in alike(found)] == [1, 1]


def test_any_styles_stand_beside_any_crops() -> None:
    found = cases(asked("--labels", "c/gt.txt", "--style-file", "a/fit.toml", "--style", "plate"))
    assert found == [
        Case("fit", "a/fit.toml", Path("c/gt.txt")),
        Case("plate", "plate", Path("c/gt.txt")),
    ]
    assert alike(found) == [found]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name --data"),
        (("--data", "D", "--style", "plate"), "plate: name the crops"),
        (("--data", "D", "--style-file", "a.toml", "--style-file", "b.toml"), "several style"),
        (("--labels", "gt.txt"), "name styles by"),
        (("--labels", "gt.txt", "--style-file", "a/x.toml", "--style-file", "b/x.toml"), "another"),
    ],
)
def test_what_says_too_little_is_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        cases(asked(*words))


class Blind:
    """Reads nothing in any line."""

    def __init__(self, *_: object) -> None: ...

    def read(self, images: tuple[object, ...]) -> list[str]:
        return ["" for _ in images]


def test_a_style_file_is_drawn_read_and_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    crops = tmp_path / "crops"
    crops.mkdir()
    texts = [f"{number}.0{number % 7}" for number in range(11, 17)]
    for text in texts:
        cv2.imwrite(str(crops / f"{text}.png"), np.full((32, 90, 3), 200, np.uint8))
    labels = tmp_path / "gt.txt"
    labels.write_text("".join(f"crops/{text}.png\t{text}\n" for text in texts), encoding="utf-8")
    style = tmp_path / "fit.toml"
    style.write_text('faces = ["seven_segment"]\noutput.height = 32\n', encoding="utf-8")
    monkeypatch.setattr(realism, "StockReader", Blind)
    words = ["--labels", str(labels), "--style-file", str(style), "--count", "6"]
    words += ["--model", "ppocrv4_mobile", "--keep", str(tmp_path / "kept")]
    monkeypatch.setattr(sys, "argv", ["realism.py", *words])
    with pytest.raises(SystemExit) as ended:
        realism.main()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "| real | ppocrv4_mobile | 6 | .000 | .000 | .000 | 200 |" in said
    assert "| fit | ppocrv4_mobile | 6 | .000 | .000 | .000 |" in said and "3 of 3 |" in said
    drawn = (tmp_path / "kept" / "fit-1" / "rec_gt_train.txt").read_text(encoding="utf-8")
    assert sorted(line.split("\t")[1] for line in drawn.splitlines()) == texts


def test_the_benchmark_says_how_it_is_called() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.realism", "--help"],
        cwd=REPO,
        env={**os.environ, "PYTHONPATH": str(REPO)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "--style-file" in done.stdout
