"""Images are found by name, by folders where names repeat, and never guessed."""

import unicodedata
from pathlib import Path

from balance.imports.source_files import ImageFinder, walked
from textlines.labels.label_paths import on_disk


def image(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_names_are_found_in_any_form_and_case(tmp_path: Path) -> None:
    path = image(tmp_path / "d" / unicodedata.normalize("NFD", "영수증 1.JPG"))
    finder = ImageFinder([tmp_path])
    assert finder.named("영수증 1.jpg") == path
    assert finder.named("any\\folder\\영수증 1.JPG") == path
    assert finder.of_stem("영수증 1") == path
    assert finder.of("영수증 1", tmp_path / "x.json") == path
    assert finder.of("", tmp_path / "영수증 1.json") == path
    assert finder.named("영수증.jpg") is None and finder.named("") is None


def test_of_one_name_the_folders_that_are_named_decide(tmp_path: Path) -> None:
    a, b = image(tmp_path / "train/1.png", b"a"), image(tmp_path / "val/1.png", b"b")
    finder = ImageFinder([tmp_path])
    assert (finder.named("train/1.png"), finder.named("val/1.png")) == (a, b)
    assert finder.named("1.png", tmp_path / "labels/val/x.json") == b
    assert finder.named("train/1.png", tmp_path / "labels/val/x.json") == a
    assert finder.unclear == []


def test_where_nothing_decides_only_one_content_is_one_image(tmp_path: Path) -> None:
    image(tmp_path / "a/1.png", b"a")
    image(tmp_path / "b/1.png", b"b")
    same = image(tmp_path / "a/2.png", b"s")
    image(tmp_path / "b/2.png", b"s")
    finder = ImageFinder([tmp_path])
    assert finder.named("1.png") is None and finder.unclear == ["1.png"]
    assert finder.named("2.png") == same and finder.unclear == ["1.png"]


def test_the_exact_name_comes_before_another_case(tmp_path: Path) -> None:
    small, large = image(tmp_path / "a.png", b"a"), image(tmp_path / "A.png", b"b")
    finder = ImageFinder([tmp_path])
    assert (finder.named("a.png"), finder.named("A.png")) == (small, large)


def test_files_come_in_one_order_without_the_folder_to_skip(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a.txt", "b/1.txt", "out/x.txt", "b/c/0.txt"):
        image(tmp_path / name)
    (tmp_path / "b/loop").symlink_to(tmp_path, target_is_directory=True)
    found = [path.relative_to(tmp_path).as_posix() for path in walked(tmp_path, tmp_path / "out")]
    assert found == ["a.txt", "b/1.txt", "b/2.txt", "b/c/0.txt"]


def test_a_path_is_found_composed_or_not(tmp_path: Path) -> None:
    path = image(tmp_path / unicodedata.normalize("NFD", "값.png"))
    assert on_disk(tmp_path, "값.png") == path
    assert on_disk(tmp_path, "x" * 300) == tmp_path / ("x" * 300)


def test_a_mask_beside_a_page_is_not_the_page(tmp_path: Path) -> None:
    page = image(tmp_path / "1.JPG", b"page")
    mask = image(tmp_path / "1.bmp", b"mask")
    finder = ImageFinder([tmp_path])
    assert (finder.of_stem("1"), finder.named("1.bmp")) == (page, mask)
    image(tmp_path / "1.png", b"another")
    assert ImageFinder([tmp_path]).of_stem("1") is None
