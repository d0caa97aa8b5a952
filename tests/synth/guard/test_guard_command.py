"""`synth guard` as a user runs it: three parts of rendered lines, and going on after a kill."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.guard.guard_texts import PARTS
from textlines.formats.rendered import RenderedImages
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally

Run = Callable[..., Any]


def test_three_parts_share_nothing_and_are_known_as_rendered(
    run_synth: Run,
    synth_here: Run,
    fonts: Callable[..., Path],
    dictionary: Path,
    tmp_path: Path,
    contents_of: Callable[[Path], dict[str, str]],
) -> None:
    out = tmp_path / "guard"
    options = ["guard", "--dictionary", dictionary, "--fonts", fonts(3), "--count", 30]
    options += ["--out", out, "--workers", 1]
    done = run_synth(*options)
    assert done.code == 0, done.err
    assert f"{out / 'judge'}: 10 lines, 1 family" in done.out
    texts: dict[str, set[str]] = {}
    families: dict[str, set[str]] = {}
    seeds = set()
    for part in PARTS:
        labels = out / part / "rec_gt_train.txt"
        lines = list(read_labels(labels, tally=Tally()))
        images = RenderedImages()
        assert all(images.find(line.path, labels.parent) for line in lines)
        assert all((labels.parent / line.path).is_file() for line in lines)
        texts[part] = {line.label for line in lines}
        families[part] = set()
        for manifest in sorted((out / part).glob("*/manifest.jsonl")):
            rows = [json.loads(row) for row in manifest.read_text("utf-8").splitlines()]
            families[part] |= {row["face"]["family"] for row in rows}
            record = json.loads((manifest.parent / "run.json").read_text("utf-8"))
            assert record["seed"] not in seeds
            seeds.add(record["seed"])
    for named in (texts, families):
        assert sum(map(len, named.values())) == len(set().union(*named.values()))
    assert any(len(text) >= 40 for text in texts["judge"])

    whole = contents_of(out)
    # As a kill leaves it: no label file of a part yet.
    (out / "judge" / "rec_gt_train.txt").unlink()
    again = synth_here(*options, "--json")
    assert again.code == 0, again.err
    event = json.loads(again.out.splitlines()[-1])
    assert event["lines"] == {"replay": 15, "stop": 4, "judge": 10}
    assert contents_of(out) == whole

    other = synth_here(*options, "--seed", 2)
    assert other.code == 1
    assert "holds another guard" in other.err


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--count", "29"], 2, "--count 29: is below 30"),
        (["--workers", "-1"], 2, "--workers -1: is negative"),
        (["--dictionary", "none.txt"], 1, "none.txt"),
        (["--fonts", "TWO"], 1, "has 2 face families for its three parts"),
        (["--out", "FULL"], 1, "is not empty and holds no run.json"),
    ],
)
def test_errors_are_one_line(
    options: list[str],
    code: int,
    message: str,
    synth_here: Run,
    fonts: Callable[..., Path],
    dictionary: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("a")
    asked = {"--dictionary": str(dictionary), "--out": str(tmp_path / "guard"), "--count": "30"}
    if options[1] not in ("TWO",):
        asked["--fonts"] = str(fonts(3))
    named = {"TWO": lambda: str(fonts(2)), "FULL": lambda: str(tmp_path / "full")}
    asked[options[0]] = named[options[1]]() if options[1] in named else options[1]
    done = synth_here("guard", *(word for pair in asked.items() for word in pair))
    assert (done.code, message in done.err) == (code, True), done.err
    assert "Traceback" not in done.err
