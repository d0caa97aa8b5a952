"""Fresh samples: runs are drawn, and a sample changed after drawing is listed with its crop."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
COUNT = 10


def fresh(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the benchmark."""
    command = [sys.executable, "-m", "tools.label_audit.fresh", *map(str, words), "--workers", "1"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_every_alarm_is_listed_beside_its_label(tmp_path: Path) -> None:
    pytest.importorskip("freetype")
    words = (tmp_path, "--seed", 3, "--count", f"lcd={COUNT}")
    first = fresh(*words)
    assert first.returncode in (0, 1), first.stderr
    assert f"{COUNT} fresh samples, " in first.stdout
    run = tmp_path / "lcd-3"
    image, label = (run / "rec_gt_train.txt").read_text().splitlines()[4].split("\t")
    size = Image.open(run / image).size
    Image.new("RGB", size, (120, 120, 120)).save(run / image)
    again = fresh(*words)
    assert again.returncode == 1, again.stderr
    page = (tmp_path / "fresh.html").read_text(encoding="utf-8")
    assert "sha256: the file is not the one that was written" in page
    assert "data:image/jpeg;base64," in page
    assert all(f"<mark>{char}</mark>" in page for char in set(label))


def test_counts_that_cannot_be_read(tmp_path: Path) -> None:
    ended = fresh(tmp_path, "--count", "lcd")
    assert ended.returncode == 1
    assert "--count is STYLE=N, as lcd=500" in ended.stderr
