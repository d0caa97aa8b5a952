"""Where a team's lines lie is its own affair: each line of a list is what the mix says it is.

Three folders: originals and new lines in one (PaddleOCR's usual data folder); originals below the
folder of a run of `synth`; each in a folder of its own. And one line in two roles.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rows import manifest_record
from tests.train.tuning.conftest import ENTRIES, command, draw_crop, numbers
from textlines.formats.mix import read_mix
from textlines.formats.run_record import RunRecord
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally
from train.tuning.feature_store import Needed
from train.tuning.prepared_run import survey
from train.tuning.train_plan import StepPlan

OWN, NEW = 20, 6
"""Lines. At 5:1 a list takes four of the new ones."""


def write_lines(folder: Path, labels: str, head: str, texts: list[str], first: int = 0) -> Path:
    """Write crops below a folder and the label file that lists them from there on."""
    rows = []
    for number, text in enumerate(texts, first):
        draw_crop(folder / f"{head}{number}.png", text)
        rows.append(f"{head}{number}.png\t{text}\n")
    (folder / labels).write_text("".join(rows), encoding="utf-8")
    return folder / labels


def in_one_folder(data: Path) -> tuple[Path, Path]:
    """Write all crops into `train/`, listed by two files beside it."""
    own = write_lines(data, "original.txt", "train/", numbers(OWN, 1))
    return own, write_lines(data, "new.txt", "train/", numbers(NEW, 2), first=OWN)


def below_the_run(data: Path) -> tuple[Path, Path]:
    """Write a run of synth, and the originals into a folder within it."""
    new = write_lines(data / "new", "rec_gt_train.txt", "images/0000/", numbers(NEW, 2))
    rows = new.read_text(encoding="utf-8").splitlines()
    manifest = [
        manifest_record(number, row.split("\t")[1], image=row.split("\t")[0])
        for number, row in enumerate(rows)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in manifest)
    (data / "new/manifest.jsonl").write_text(text, encoding="utf-8")
    RunRecord(command="synth generate").write(data / "new/run.json")
    return write_lines(data / "new", "own.txt", "old/", numbers(OWN, 1)), new


def apart(data: Path) -> tuple[Path, Path]:
    """Write a folder for each."""
    own = write_lines(data / "own", "gt.txt", "crops/", numbers(OWN, 1))
    return own, write_lines(data / "new", "gt.txt", "crops/", numbers(NEW, 2))


def mixed(data: Path, own: Path, new: Path, *more: object) -> Path:
    """Mix them to two lists."""
    command(
        *("balance", "mix", "--original", own, "--new", new, "--ratio", "5:1", "--epochs", "2"),
        *("--no-even", "--out", data / "mixed", *more),
    )
    return data / "mixed"


Layout = Callable[[Path], tuple[Path, Path]]
LAYOUTS = [in_one_folder, below_the_run, apart]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("how", [(), ("--link",), ("--copy",)])
def test_a_lists_lines_are_what_they_were_mixed_as(
    layout: Layout, how: tuple[str, ...], tmp_path: Path
) -> None:
    own, new = layout(tmp_path)
    mix = read_mix(mixed(tmp_path, own, new, *how))
    lists = survey(mix, Alphabet(ENTRIES), bucket=64, max_length=25, tally=Tally())
    texts = {
        path: dict.fromkeys(path.read_text(encoding="utf-8").splitlines()) for path in (own, new)
    }
    for epoch, lines in zip(mix.epochs, lists, strict=True):
        assert [sum(line.is_new for line in lines), len(lines)] == [4, 24]
        assert (epoch.new, epoch.original) == (4, 20)
        listed = list(mix.lines(epoch, Tally()))
        for path, role in ((own, "original"), (new, "new")):
            wanted = {tuple(row.split("\t")) for row in texts[path]}
            for one in listed:
                if one.kind.role == role:
                    assert any(
                        one.line.path.endswith(tail) and one.line.label == label
                        for tail, label in wanted
                    )
    assert [source.rendered for source in mix.sources] == [0, NEW]
    # Only what is not rendered is varied, in another version each epoch; a new line is not.
    needed = Needed.of(lists, StepPlan(), features=True)
    rows = [row for rows in needed.rows.values() for row in rows]
    new_paths = {line.path for lines in lists for line in lines if line.is_new}
    assert {row.version for row in rows if row.path in new_paths} == {0}
    assert {row.version for row in rows if row.path not in new_paths} == set(range(len(lists)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_plan_counts_the_different_new_lines_of_the_lists(
    layout: Layout, little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    own, new = layout(tmp_path)
    folder = mixed(tmp_path, own, new)
    done = command(
        *("train", "plan", "--model", little_base, "--mix", folder, "--out", tmp_path / "run"),
        *("--stop-on", little_world / "stop/rec_gt.txt", "--batch", "8"),
        *("--general-stop", little_world / "general/rec_gt.txt"),
        *("--tune", "whole", "--paddleocr-yaml", tmp_path / "rec.yml"),
    )
    mix = read_mix(folder)
    different = {
        one.line.path
        for epoch in mix.epochs
        for one in mix.lines(epoch, Tally())
        if one.kind.role == "new"
    }
    assert f"{len(different)} different new lines in all lists" in done.stdout
    assert len(different) == NEW
    # PaddleOCR treats a list as one: no effects are laid over those that new lines carry.
    assert "RecAug" not in (tmp_path / "rec.yml").read_text(encoding="utf-8").replace(
        "RecConAug", ""
    )


def test_a_line_in_two_roles_is_counted_in_both(tmp_path: Path) -> None:
    own, new = in_one_folder(tmp_path)
    again = tmp_path / "again.txt"
    again.write_text(
        own.read_text(encoding="utf-8") + new.read_text(encoding="utf-8"), encoding="utf-8"
    )
    mix = read_mix(mixed(tmp_path, again, new))
    lists = survey(mix, Alphabet(ENTRIES), bucket=64, max_length=25, tally=Tally())
    for epoch, lines in zip(mix.epochs, lists, strict=True):
        assert (sum(line.is_new for line in lines), len(lines)) == (epoch.new, 26 + epoch.new)
        twice = {line.path for line in lines if line.is_new}
        assert sum(line.path in twice for line in lines) == 2 * epoch.new


def test_rendered_originals_are_shown_as_they_are(tmp_path: Path) -> None:
    _, run = below_the_run(tmp_path)
    new = write_lines(tmp_path / "more", "gt.txt", "crops/", ["1.50"])
    mix = read_mix(mixed(tmp_path, run, new))
    (lines, _) = survey(mix, Alphabet(ENTRIES), bucket=64, max_length=25, tally=Tally())
    assert [(line.is_new, line.is_rendered) for line in lines].count((False, True)) == NEW
    assert [source.rendered for source in mix.sources] == [NEW, 1]


def test_the_lists_stay_what_a_plain_trainer_reads(tmp_path: Path) -> None:
    own, new = in_one_folder(tmp_path)
    folder = mixed(tmp_path, own, new)
    rows: list[Any] = [
        row.split("\t") for row in (folder / "train.txt").read_text(encoding="utf-8").splitlines()
    ]
    assert all(len(row) == 2 and (tmp_path / row[0]).is_file() for row in rows)
    roles = (folder / "epoch-000.roles").read_text(encoding="utf-8").splitlines()
    assert [sum(role == code for role in roles) for code in "oN"] == [20, 4]
