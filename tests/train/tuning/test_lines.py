"""What of a list can be trained on."""

from pathlib import Path

from textlines.formats.mix import ListedLine
from textlines.formats.roles import kinds_of
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import LabelLine
from textlines.labels.tally import Tally
from train.tuning.lines import image_size, training_lines

ALPHABET = Alphabet(tuple("0123456789."))
KINDS = {
    kind.code: kind
    for kind in kinds_of([("original", "original"), ("distil", "distil"), ("new", "new")])
}
SIZES = {"a.png": (100, 48), "wide.png": (2000, 48), "new/b.png": (90, 48)}


def lines_of(rows: list[tuple[str, str, str]], tally: Tally, folder: Path) -> list[str]:
    raw = [
        ListedLine(LabelLine(path, label, number), KINDS[kind])
        for number, (path, label, kind) in enumerate(rows, 1)
    ]
    found = training_lines(
        raw,
        SIZES,
        ALPHABET,
        data=folder,
        bucket=64,
        max_length=25,
        tally=tally,
    )
    return [
        f"{one.path} {one.width} {'distil' if one.is_distilled else one.ids} "
        f"{one.is_new} {one.is_rendered}"
        for one in found
    ]


def test_what_cannot_be_trained_on_is_counted_by_its_fault(tmp_path: Path) -> None:
    tally = Tally()
    (tmp_path / "broken.png").write_bytes(b"no image")
    rows = [
        ("a.png", "1.5", "o"),
        ("a.png", "1x5", "o"),  # outside the dictionary
        ("a.png", "1" * 26, "o"),  # longer than 25
        ("a.png", "1" * 24, "o"),  # 47 time steps with its repeats, has 40
        ("gone.png", "1", "o"),
        ("broken.png", "1", "o"),
        ("new/b.png", "7", "N"),
        ("wide.png", "anything", "d"),  # its own label does not matter
    ]
    assert lines_of(rows, tally, tmp_path) == [
        "a.png 320 (2, 11, 6) False False",
        "new/b.png 320 (8,) True True",
        "wide.png 2048 distil False False",
    ]
    assert tally.as_dict() == {
        "ctc_infeasible": 1,
        "missing_image": 1,
        "outside_dictionary": 1,
        "too_long": 1,
        "unreadable_image": 1,
    }


def test_sizes_are_those_of_the_upright_image(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(tmp_path / "turned.jpg", exif=exif)
    assert image_size(tmp_path / "turned.jpg") == (20, 40)
    assert image_size(tmp_path / "none.jpg") is None


def test_a_role_is_the_rows_and_not_the_paths(tmp_path: Path) -> None:
    rows = [("a.png", "1", "o"), ("a.png", "1", "N"), ("a.png", "1", "O")]
    assert lines_of(rows, Tally(), tmp_path) == [
        "a.png 320 (2,) False False",
        "a.png 320 (2,) True True",
        "a.png 320 (2,) False True",
    ]
