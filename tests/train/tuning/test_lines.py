"""What of a list can be trained on."""

from pathlib import Path

from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import LabelLine
from textlines.labels.tally import Tally
from train.tuning.lines import image_size, training_lines

ALPHABET = Alphabet(tuple("0123456789."))
SIZES = {"a.png": (100, 48), "wide.png": (2000, 48), "new/b.png": (90, 48)}


def lines_of(rows: list[tuple[str, str, bool]], tally: Tally, folder: Path) -> list[str]:
    raw = [(LabelLine(path, label, n), distil) for n, (path, label, distil) in enumerate(rows, 1)]
    found = training_lines(
        raw,
        SIZES,
        ALPHABET,
        data=folder,
        bucket=64,
        max_length=25,
        new_heads=["new/"],
        tally=tally,
    )
    return [
        f"{one.path} {one.width} {'distil' if one.is_distilled else one.ids} {one.is_new}"
        for one in found
    ]


def test_what_cannot_be_trained_on_is_counted_by_its_fault(tmp_path: Path) -> None:
    tally = Tally()
    (tmp_path / "broken.png").write_bytes(b"no image")
    rows = [
        ("a.png", "1.5", False),
        ("a.png", "1x5", False),  # outside the dictionary
        ("a.png", "1" * 26, False),  # longer than 25
        ("a.png", "1" * 24, False),  # 47 time steps with its repeats, has 40
        ("gone.png", "1", False),
        ("broken.png", "1", False),
        ("new/b.png", "7", False),
        ("wide.png", "anything", True),  # its own label does not matter
    ]
    assert lines_of(rows, tally, tmp_path) == [
        "a.png 320 (2, 11, 6) False",
        "new/b.png 320 (8,) True",
        "wide.png 2048 distil False",
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
