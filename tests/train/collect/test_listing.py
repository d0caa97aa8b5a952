from pathlib import Path

import pytest

from textlines.errors import InputError
from textlines.labels.tally import Tally
from train.collect.listing import list_crops


def test_images_are_listed_by_path_and_all_else_is_counted(production: Path) -> None:
    for name in ("값/b.JPG", "a.png", "값/a.webp", "notes.txt", ".hidden.png", ".git/x.png"):
        (production / name).parent.mkdir(exist_ok=True)
        (production / name).write_bytes(b"x")
    (production / "a\tb.png").write_bytes(b"x")
    tally = Tally()
    assert list_crops(production, tally) == ["a.png", "값/a.webp", "값/b.JPG"]
    assert tally.as_dict() == {"no_image": 1, "odd_path": 1}


def test_the_folder_of_the_results_is_not_looked_into(production: Path) -> None:
    (production / "queue" / "cut").mkdir(parents=True)
    for name in ("a.png", "queue/cut/b.png"):
        (production / name).write_bytes(b"x")
    found = list_crops(production, Tally(), without=production / "queue")
    assert found == ["a.png"]
    cut = list_crops(production / "queue" / "cut", Tally(), without=production / "queue")
    assert cut == ["b.png"]


def test_a_folder_without_images_and_a_file_are_refused(production: Path) -> None:
    (production / "rec_gt.txt").write_bytes(b"x")
    with pytest.raises(InputError, match=r"holds no image .*no image by its ending.*: 1"):
        list_crops(production, Tally())
    with pytest.raises(InputError, match="is no folder"):
        list_crops(production / "rec_gt.txt", Tally())
