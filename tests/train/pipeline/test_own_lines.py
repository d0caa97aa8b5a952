"""A team's own crops: three label files, their images reached through a link."""

from pathlib import Path

import pytest

from textlines.defects import of_readings
from textlines.errors import InputError, MendError, UsageError
from textlines.files import sha256_of
from textlines.formats.line_roles import LineRole, RoleRow, read_line_roles, write_line_roles
from textlines.formats.rendered import holds_rendered
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from train.pipeline.lines_stage import prepare_lines
from train.pipeline.own_lines import (
    general_of,
    join_labelled,
    share_own,
    split_general,
    target_of,
)
from train.pipeline.places import GENERAL_ROLES, Places, needs_guard
from train.pipeline.settings import General, Settings
from train.pipeline.stage import Command

SHARES = {"mine": 50, "stop": 20, "judge": 30}


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Return forty crops of ten documents, a line whose image is missing, and a broken line."""
    folder = tmp_path / "crops"
    folder.mkdir()
    rows = []
    for number in range(40):
        name = f"d{number % 10}_{number}.png"
        (folder / name).write_bytes(f"image {number}".encode())
        rows.append(f"{name}\t{number}.00\n")
    (folder / "copy_1.png").write_bytes(b"image 1")
    rows += ["copy_1.png\t1.00\n", "gone.png\t1\n", "no tab\n"]
    file = tmp_path / "rec_gt.txt"
    file.write_text("".join(rows), encoding="utf-8")
    return file


def split(labels: Path, work: Path, group: str = "^([^_]+)_") -> tuple[dict[str, int], Tally]:
    target = target_of(str(labels), str(labels.parent / "crops"))
    assert target
    tally = Tally()
    files = {role: Places(work).lines(role) for role in SHARES}
    return split_general(target, files, SHARES, group, 1, tally), tally


def test_every_document_has_one_role(labels: Path, tmp_path: Path) -> None:
    counts, tally = split(labels, tmp_path / "work")
    assert sum(counts.values()) == 41
    assert tally.as_dict() == {of_readings.IMAGE_COPIED.code: 1, "missing_image": 1, "no_tab": 1}
    of_document: dict[str, set[str]] = {}
    of_image: dict[bytes, set[str]] = {}
    for role in SHARES:
        file = Places(tmp_path / "work").lines(role)
        lines = list(read_labels(file, tally=Tally(), images=file.parent))
        assert len(lines) == counts[role]
        assert not holds_rendered(file)
        for line in lines:
            image = (file.parent / line.path).read_bytes()
            of_image.setdefault(image, set()).add(role)
            if "copy" not in line.path:
                of_document.setdefault(line.path.split("_")[0], set()).add(role)
    assert len(of_document) == 10
    assert all(len(roles) == 1 for roles in (*of_document.values(), *of_image.values()))


def test_what_a_rendered_set_left_is_gone(labels: Path, tmp_path: Path) -> None:
    folder = Places(tmp_path / "work").lines("judge").parent
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"command": "synth generate"}')
    split(labels, tmp_path / "work")
    assert sorted(path.name for path in folder.iterdir()) == ["crops", "labels.txt"]


def test_the_stamp_changes_with_the_file_and_with_an_image(labels: Path) -> None:
    def stamp() -> str:
        found = target_of(str(labels), str(labels.parent / "crops"))
        assert found
        return found.stamp

    first = stamp()
    assert stamp() == first
    (labels.parent / "crops" / "d0_0.png").write_bytes(b"a longer image")
    second = stamp()
    assert second != first
    labels.write_text(labels.read_text() + "d1_1.png\tx\n")
    assert stamp() != second


LONG = "the boat lay still upon the water until the morning"


def general_files(tmp_path: Path, *labels: str) -> list[str]:
    names = []
    for number, label in enumerate(labels):
        folder = tmp_path / f"g{number}"
        folder.mkdir()
        rows = []
        for at in range(50):
            (folder / f"{at}.png").write_bytes(f"{number} {at}".encode())
            rows.append(f"{at}.png\t{label}\n")
        (folder / "gt.txt").write_text("".join(rows), encoding="utf-8")
        names.append(str(folder / "gt.txt"))
    return names


def test_each_general_set_is_shared_out_by_itself(tmp_path: Path) -> None:
    first, second = general_files(tmp_path, "NO 7", LONG)
    settings = Settings(
        work=str(tmp_path / "work"),
        general=General(labels=(f"{first}:casefold", second), comparison="alnum"),
    )
    sets = general_of(settings.general)
    assert [(one.name, one.comparison) for one in sets] == [("gt", "casefold"), ("gt-2", "alnum")]
    assert not needs_guard(sets)
    own = target_of(first, "")

    def call(command: Command) -> str:
        raise AssertionError(f"{command} renders nothing: long lines are there")

    told = prepare_lines(settings, own, sets, call)
    assert [line.partition(": ")[0] for line in told if line.startswith("general")] == [
        "general lines gt:casefold",
        "general lines gt-2:alnum",
    ]
    places = Places(tmp_path / "work")
    for role in GENERAL_ROLES:
        files = places.general(role, sets)
        assert [one.comparison for one in files] == ["casefold", "alnum"]
        for judged, label in zip(files, ("NO 7", LONG), strict=True):
            lines = list(read_labels(judged.path, tally=Tally()))
            assert lines and {line.label for line in lines} == {label}
    shown = [
        line.path
        for role in GENERAL_ROLES
        for line in read_labels(places.lines(role, "gt"), tally=Tally())
    ]
    assert len(shown) == len(set(shown)) == 50


def test_sets_without_long_lines_get_a_guard_beside_them(tmp_path: Path) -> None:
    (short,) = general_files(tmp_path, "NO 7")
    sets = general_of(General(labels=short))  # type: ignore[arg-type]
    assert needs_guard(sets) and needs_guard(())
    judged = Places(tmp_path).general("general-judge", sets)
    assert [one.path.parent.name for one in judged] == ["gt", "judge"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["{0}", "{0}:alnum"], "is named twice"),
        (["{0}:alnumm"], "'alnumm' is no comparison"),
        (["none.txt"], "the label file is not there"),
    ],
)
def test_general_sets_that_are_wrong(tmp_path: Path, labels: list[str], message: str) -> None:
    (file,) = general_files(tmp_path, "NO 7")
    named = tuple(one.format(file) for one in labels)
    with pytest.raises(MendError, match=message):
        general_of(General(labels=named))


def test_no_labels_is_nothing() -> None:
    assert target_of("", "") is None


def test_errors_are_told(labels: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file is not there"):
        target_of(str(tmp_path / "none.txt"), "")
    with pytest.raises(InputError, match="is no folder"):
        target_of(str(labels), str(tmp_path / "none"))
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(InputError, match="holds no labelled line"):
        target_of(str(tmp_path / "empty.txt"), "")
    with pytest.raises(InputError, match=r"leaves no line for the role \w+ \(41 lines"):
        split(labels, tmp_path / "work", "^(.)")
    with pytest.raises(UsageError, match="captures nothing"):
        split(labels, tmp_path / "work", "^d")


def test_labelled_lines_of_several_queues_are_joined_with_their_roles(tmp_path: Path) -> None:
    rows = [("a.png", b"a", "train"), ("doc/b.png", b"b", "judge")], [("a.png", b"other", "stop")]
    folders = []
    for number, lines in enumerate(rows):
        folder = tmp_path / f"round-{number}"
        folders.append(folder)
        labels = ""
        roles = []
        for name, content, role in lines:
            image = folder / "crops" / name
            image.parent.mkdir(parents=True, exist_ok=True)
            image.write_bytes(content)
            labels += f"crops/{name}\t{content.decode()}\n"
            roles.append(RoleRow(sha256_of(image), role, f"crops/{name}"))
        (folder / "rec_gt.txt").write_text(labels, encoding="utf-8")
        write_line_roles(folder / "roles.tsv", roles)
    out = tmp_path / "labelled"
    for _ in range(2):
        file = join_labelled(folders, out)
        lines = list(read_labels(file, tally=Tally(), images=out))
        # Another image of one name gets a name of its own; none is lost, none is taken for another.
        assert {line.path: (out / line.path).read_bytes().decode() for line in lines} == {
            line.path: line.label for line in lines
        }
        assert len(lines) == 3
        assert {row.role for row in read_line_roles(out / "roles.tsv").values()} == {
            "train",
            "judge",
            "stop",
        }


@pytest.mark.parametrize(("has_stop", "begins"), [(True, "base"), (False, "start")])
def test_a_round_is_trained_from_the_candidate_where_there_are_lines_to_stop_by(
    tmp_path: Path, has_stop: bool, begins: str
) -> None:
    folder = tmp_path / "crops"
    folder.mkdir()
    roles = []
    for number in range(20):
        (folder / f"{number}.png").write_bytes(f"image {number}".encode())
        role: LineRole = "stop" if has_stop and number < 4 else "train"
        roles.append(RoleRow(sha256_of(folder / f"{number}.png"), role, f"{number}.png"))
    file = folder / "rec_gt.txt"
    file.write_text("".join(f"{number}.png\t{number}\n" for number in range(20)))
    write_line_roles(folder / "roles.tsv", roles)
    target, places = target_of(str(file), ""), Places(tmp_path / "round-2", tmp_path)
    assert target
    share_own(Settings(work=str(tmp_path)), target, places, Tally(), tmp_path / "candidate")
    words = places.arguments("plan").read_text().splitlines()
    expected = {"base": tmp_path / "candidate", "start": tmp_path / "base/base"}[begins]
    assert words[:2] == ["--model", str(expected)]
    assert ("--stop-on" in words) == has_stop
    assert "--folds" in words
