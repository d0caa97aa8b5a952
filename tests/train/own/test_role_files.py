"""`train share`: label files by role, roles for good."""

import os
import shutil
from pathlib import Path

import pytest

from tests.train.tuning.conftest import command
from textlines.defects import of_readings
from textlines.errors import InputError, UsageError
from textlines.formats.line_roles import ROLES, read_line_roles
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from train.own.role_files import SharedLines, ShareOptions, parse_shares, share
from train.own.sharing import CROPS


def write_lines(folder: Path, count: int, *, first: int = 0) -> Path:
    """Write images of so many lines, four a document, and the label file of all that are there."""
    (folder / "이미지").mkdir(parents=True, exist_ok=True)
    file = folder / "rec_gt.txt"
    with file.open("a", encoding="utf-8") as out:
        for number in range(first, first + count):
            name = f"이미지/d{number // 4}_{number}.png"
            (folder / name).write_bytes(f"image {number}".encode())
            out.write(f"{name}\t값 {number}\n")
    return file


def shared(labels: Path, out: Path, tally: Tally | None = None, **more: object) -> SharedLines:
    options = {
        "labels": labels,
        "images": labels.parent,
        "group": "/(d[0-9]+)_",
        "shares": parse_shares("65/15/20"),
        "roles": None,
        "marks": None,
        "seed": 1,
        "out": out,
        **more,
    }
    return share(ShareOptions(**options), Tally() if tally is None else tally)  # type: ignore[arg-type]


def roles_in(out: Path) -> dict[str, str]:
    return {row.path: row.role for row in read_line_roles(out / ROLES).values()}


def paths_in(file: Path) -> set[str]:
    lines = read_labels(file, tally=Tally(), images=file.parent)
    return {line.path.removeprefix(f"{CROPS}/") for line in lines}


def test_each_file_works_with_its_own_folder_and_holds_its_role(tmp_path: Path) -> None:
    labels = write_lines(tmp_path / "data", 500)
    done = shared(labels, tmp_path / "out")
    roles = roles_in(tmp_path / "out")
    assert len(roles) == 500 and done.kept == 0 and not done.notes
    for role in ("train", "stop", "judge"):
        found = paths_in(tmp_path / "out" / f"{role}.txt")
        assert found == {path for path, own in roles.items() if own == role}
        assert len(found) == done.lines[role] > 0
    of_document: dict[str, set[str]] = {}
    for path, role in roles.items():
        of_document.setdefault(path.split("_")[0], set()).add(role)
    assert all(len(found) == 1 for found in of_document.values())
    # Both may be moved together.
    shutil.copytree(tmp_path, tmp_path.with_name("moved"), symlinks=True)
    moved = tmp_path.with_name("moved")
    shutil.rmtree(tmp_path / "data")
    assert len(paths_in(moved / "out" / "train.txt")) == done.lines["train"]


def test_below_sixty_judged_lines_all_train_and_never_judge(tmp_path: Path) -> None:
    labels, out = write_lines(tmp_path / "data", 100), tmp_path / "out"
    few = shared(labels, out)
    assert few.lines == {"train": 100, "stop": 0, "judge": 0}
    assert sorted(one.name for one in out.iterdir()) == [CROPS, ROLES, "train.txt"]
    assert [note.split(":")[0] for note in few.notes] == [
        "fewer than 60 lines would judge",
        "no line is set apart to stop by (from 150 lines on one is)",
    ]
    write_lines(tmp_path / "data", 500, first=100)
    many = shared(labels, out)
    roles = roles_in(out)
    assert {roles[path] for path in roles if int(path[:-4].split("_")[1]) < 100} == {"train"}
    assert many.kept == 100
    assert many.lines["judge"] >= 60 and many.lines["stop"] >= 22
    assert paths_in(out / "judge.txt") == {path for path in roles if roles[path] == "judge"}


def test_roles_that_came_with_the_lines_are_kept(tmp_path: Path) -> None:
    labels = write_lines(tmp_path / "data", 200)
    first = shared(labels, tmp_path / "first", group="")
    assert first.lines["judge"] == 0
    rows = (tmp_path / "first" / ROLES).read_text(encoding="utf-8").split("\n")
    trained = [row for row in rows if "\ttrain\t" in row][:40]
    given = [row.replace("\ttrain\t", "\tjudge\t") for row in trained]
    # Beside the label file it needs no option.
    (labels.parent / ROLES).write_text("\n".join(given), encoding="utf-8")
    second = shared(labels, tmp_path / "second", group="")
    assert second.kept == 40
    # Those that are known stay; drawn ones join them, as a judge has begun.
    assert second.lines["judge"] >= 60
    (labels.parent / ROLES).unlink()
    (tmp_path / "roles").write_text("\n".join(given[:10]), encoding="utf-8")
    shares = parse_shares("90/10/0")
    third = shared(labels, tmp_path / "third", group="", roles=tmp_path / "roles", shares=shares)
    assert third.lines["judge"] == 10
    assert not (tmp_path / "third" / "judge.txt").exists()
    assert "label 50 more with that role" in third.notes[0]


def test_lines_that_came_with_a_role_in_files_of_their_own_keep_it(tmp_path: Path) -> None:
    labels = write_lines(tmp_path / "data", 600)
    rows = labels.read_text(encoding="utf-8").splitlines(keepends=True)
    judge, stop = tmp_path / "data/judge.txt", tmp_path / "data/stop.txt"
    judge.write_text("".join(rows[:80]), encoding="utf-8")
    stop.write_text("".join(rows[80:120]), encoding="utf-8")
    labels.write_text("".join(rows[120:]), encoding="utf-8")
    done = shared(labels, tmp_path / "out", given={"judge": judge, "stop": stop})
    assert done.lines == {"train": 480, "stop": 40, "judge": 80}
    # Where one alone is named, the other is drawn still, and none for the one that is named.
    done = shared(labels, tmp_path / "part", given={"judge": judge})
    assert done.lines["judge"] == 80 and done.lines["stop"] > 20
    with pytest.raises(InputError, match=r"stop.txt:1.* role stop, it has the role judge"):
        stop.write_text(rows[0], encoding="utf-8")
        shared(labels, tmp_path / "out", given={"stop": stop})


def test_a_role_stays_when_its_line_is_gone(tmp_path: Path) -> None:
    labels, out = write_lines(tmp_path / "data", 80), tmp_path / "out"
    shared(labels, out)
    text = labels.read_text(encoding="utf-8")
    labels.write_text("".join(text.splitlines(keepends=True)[:40]), encoding="utf-8")
    assert shared(labels, out).lines["train"] == 40
    assert len(roles_in(out)) == 80


def test_marked_lines_and_copies_are_counted(tmp_path: Path) -> None:
    labels = write_lines(tmp_path / "data", 30)
    (labels.parent / "copy.png").write_bytes(b"image 3")
    with labels.open("a", encoding="utf-8") as out:
        out.write("copy.png\t값 3\ngone.png\t1\n")
    marks = tmp_path / "marks.tsv"
    marks.write_text(
        # As the label file names it, and as the one that an earlier call wrote.
        "path\tmark\n이미지/d0_1.png\tlabel_wrong\ncrops/이미지/d0_2.png\tignore\n"
        "이미지/d1_4.png\treal\nelsewhere.png\tignore\n",
        encoding="utf-8",
    )
    tally = Tally()
    done = shared(labels, tmp_path / "out", tally, marks=marks)
    assert tally.as_dict() == {
        of_readings.MARKED_OUT.code: 2,
        of_readings.IMAGE_COPIED.code: 1,
        "missing_image": 1,
        of_readings.UNMATCHED_MARK.code: 1,
    }
    assert done.lines["train"] == 29
    assert "이미지/d0_1.png" not in paths_in(tmp_path / "out" / "train.txt")


def test_faults_are_told(tmp_path: Path) -> None:
    labels = write_lines(tmp_path / "data", 8)
    with pytest.raises(UsageError, match="not three whole per cents"):
        parse_shares("60/60/-20")
    with pytest.raises(UsageError, match="not three whole per cents"):
        parse_shares("0/50/50")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "train.txt").write_text("mine\n")
    with pytest.raises(InputError, match=r"no roles\.tsv beside it"):
        shared(labels, theirs)
    assert (theirs / "train.txt").read_text() == "mine\n"
    shared(labels, tmp_path / "out")
    rows = (tmp_path / "out" / ROLES).read_text(encoding="utf-8").replace("\ttrain\t", "\tjudge\t")
    (tmp_path / "roles.tsv").write_text(rows, encoding="utf-8")
    with pytest.raises(InputError, match=r"the role train, .*roles\.tsv judge"):
        shared(labels, tmp_path / "out", roles=tmp_path / "roles.tsv")
    with pytest.raises(InputError, match=r"leaves no line to train on \(8 lines"):
        shared(labels, tmp_path / "judged", roles=tmp_path / "roles.tsv")
    os.truncate(labels, 0)
    with pytest.raises(InputError, match="holds no labelled line to share"):
        shared(labels, tmp_path / "none")
    (tmp_path / "blocked" / CROPS).mkdir(parents=True)
    write_lines(tmp_path / "data", 8)
    with pytest.raises(InputError, match="a link to the images is to stand there"):
        shared(labels, tmp_path / "blocked")


def test_the_command_as_it_is_called(tmp_path: Path) -> None:
    labels = write_lines(tmp_path / "data", 20)
    said = command("train", "share", "--labels", labels, "--out", tmp_path / "out").stdout
    assert "20 lines of 20 documents, 0 with a role that was known" in said
    assert "train      20  train.txt" in said
    assert "note: fewer than 60 lines would judge" in said
    wrong = command(
        *("train", "share", "--labels", labels, "--out", tmp_path / "out", "--shares", "1/2"),
        code=2,
    )
    assert "--shares 65/15/20" in wrong.stderr
