import io
import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as pillow

from textlines.defects.of_annotations import PAGE_FILE
from textlines.errors import InputError
from textlines.labels.tally import Tally
from textlines.pixels.decode import read_image
from textlines.regions.page_file import LabelledRegion, PageLabels, read_pages, write_pages

QUAD = [[20, 20], [180, 20], [180, 50], [20, 50]]


def save(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pillow.new("RGB", (200, 100), "white").save(folder / name)


def row(name: str, *marks: object) -> str:
    return f"{name}\t{json.dumps(marks, ensure_ascii=False)}"


def mark(text: object = "값 1", points: object = QUAD, **more: object) -> dict[str, object]:
    return {"transcription": text, "points": points, **more}


def read(
    file: Path, *, images: Path | None = None, strict: bool = False
) -> tuple[list[PageLabels], dict[str, int]]:
    tally = Tally()
    pages = list(read_pages(file, tally=tally, images=images, strict=strict))
    assert tally.as_dict().keys() <= PAGE_FILE.keys()
    return pages, tally.as_dict()


def labels(folder: Path, *rows: str) -> Path:
    file = folder / "Label.txt"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_a_page_without_text_is_kept_as_a_negative(tmp_path: Path) -> None:
    save(tmp_path, "a.png", "b.png")
    pages, counts = read(labels(tmp_path, row("a.png"), row("b.png", mark())))
    assert [page.is_negative for page in pages] == [True, False]
    assert counts == {"without_regions": 1}


def test_strict_reading_counts_what_is_no_error(tmp_path: Path) -> None:
    save(tmp_path, "a.png")
    pages, counts = read(labels(tmp_path, row("a.png")), strict=True)
    assert len(pages) == 1 and counts == {"without_regions": 1}


def test_a_page_whose_regions_are_all_left_out_is_no_negative(tmp_path: Path) -> None:
    save(tmp_path, "a.png")
    ((page,), counts) = read(labels(tmp_path, row("a.png", mark(points=[[0, 0], [0, 0], [1, 1]]))))
    assert (page.regions, page.is_negative, counts) == ((), False, {"no_area": 1})


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (mark(points=[[0, 0], [40, 20], [40, 0], [0, 20]]), "crosses_itself"),
        (mark(points=[[0, 0], [10, 10], [20, 20]]), "crosses_itself"),
        (mark(points=[[5, 5], [5, 5], [5, 5], [5, 5]]), "no_area"),
        (mark(points=[[0, 0], [1e300, 0], [1e300, 1e300]]), "far_off"),
        (mark(points=[]), "no_points"),
        (mark(points=[[1, 2, 3]]), "malformed"),
        (mark(points=[[1, "x"], [2, 3], [4, 5]]), "malformed"),
        (mark(text=7), "malformed"),
        ("words", "malformed"),
    ],
)
def test_a_region_that_is_none_is_counted_with_its_place(
    tmp_path: Path, bad: object, code: str
) -> None:
    save(tmp_path, "a.png")
    file = labels(tmp_path, "", row("a.png", mark(), bad))
    tally = Tally()
    (page,) = read_pages(file, tally=tally)
    assert len(page.regions) == 1
    assert tally.as_dict() == {code: 1}
    assert tally.places(code) == (f"{file}:2, line 2",)
    with pytest.raises(InputError, match=r"Label\.txt:2, line 2: .*Mend it or read without"):
        list(read_pages(file, tally=Tally(), strict=True))


@given(first=st.integers(0, 3), is_reversed=st.booleans())
def test_a_quad_is_the_same_region_from_whichever_corner(first: int, is_reversed: bool) -> None:
    from tempfile import TemporaryDirectory

    from textlines.regions.polygons import iou

    points = np.roll(QUAD[::-1] if is_reversed else QUAD, first, axis=0).tolist()
    with TemporaryDirectory() as name:
        save(Path(name), "a.png")
        ((page,), counts) = read(labels(Path(name), row("a.png", mark(points=points))))
    (region,) = page.regions
    assert region.polygon.tolist() == points and not counts
    assert iou(region.polygon, np.array(QUAD, np.float64)) == pytest.approx(1)


def test_polygons_and_boxes_of_two_corners_are_regions(tmp_path: Path) -> None:
    save(tmp_path, "a.png")
    bent = [[0, 0], [50, 5], [100, 0], [100, 20], [50, 25], [0, 20]]
    ((page,), counts) = read(
        labels(tmp_path, row("a.png", mark(points=bent), mark(points=[[10, 20], [60, 40]])))
    )
    assert [len(region.polygon) for region in page.regions] == [6, 4] and not counts


@pytest.mark.parametrize(
    ("text", "is_ignored"),
    [("###", True), ("*", True), (" ### ", True), ("#1", False), ("", False)],
)
def test_marks_of_the_unreadable_are_ignored_and_kept(
    tmp_path: Path, text: str, is_ignored: bool
) -> None:
    save(tmp_path, "a.png")
    ((page,), _) = read(labels(tmp_path, row("a.png", mark(text, difficult=True))))
    assert [(r.is_ignored, r.is_difficult) for r in page.regions] == [(is_ignored, True)]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_corners_lie_on_the_image_as_exif_turns_it(tmp_path: Path, orientation: int) -> None:
    """As PPOCRLabel shows a page: by `cv2.imdecode`, which turns it."""
    import cv2

    stored = pillow.new("RGB", (200, 100), "white")
    exif = stored.getexif()
    exif[0x0112] = orientation
    data = io.BytesIO()
    stored.save(data, "JPEG", exif=exif)
    (tmp_path / "a.jpg").write_bytes(data.getvalue())
    ((page,), _) = read(labels(tmp_path, row("a.jpg", mark())))
    shown = cv2.imdecode(np.frombuffer(data.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    assert read_image(page.image).shape == shown.shape


def test_paths_begin_with_the_folders_own_name_or_with_that_of_another_machine(
    tmp_path: Path,
) -> None:
    """PPOCRLabel's habit, and a folder that was renamed."""
    folder = tmp_path / "shop"
    save(folder, "a.png", "b.png")
    (page,), counts = read(labels(folder, row("shop/a.png", mark())))
    assert (page.path, page.image, counts) == ("shop/a.png", folder / "a.png", {})
    pages, counts = read(
        labels(folder, row("D:\\old\\set\\a.png", mark()), row("D:\\old\\set\\b.png", mark()))
    )
    assert [page.path for page in pages] == ["a.png", "b.png"] and counts == {"cut_prefix": 2}


def test_of_a_page_that_stands_twice_the_first_row_is_taken(tmp_path: Path) -> None:
    save(tmp_path, "a.png")
    pages, counts = read(labels(tmp_path, row("a.png", mark()), row("./a.png", mark(), mark())))
    assert [len(page.regions) for page in pages] == [1] and counts == {"page_twice": 1}


def test_rows_that_are_none_are_counted(tmp_path: Path) -> None:
    save(tmp_path, "a.png")
    file = labels(
        tmp_path, "a.png", "a.png\t{}", "a.png\t[", row("../a.png"), row("c.png"), row("a.png")
    )
    pages, counts = read(file)
    assert len(pages) == 1
    assert counts == {"malformed": 3, "leaves_folder": 1, "image_missing": 1, "without_regions": 1}


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the page label file is not there"):
        read(tmp_path / "none.txt")
    (tmp_path / "bin.txt").write_bytes("값\t[]\n".encode("cp949"))
    with pytest.raises(InputError, match=r"bin\.txt:1: the page label file"):
        read(tmp_path / "bin.txt")


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
quads = st.lists(
    st.tuples(st.integers(0, 180), st.integers(0, 90), st.integers(2, 90), st.integers(2, 60)),
    max_size=5,
)


@given(frames=quads, text=texts, is_difficult=st.booleans())
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory,
    frames: list[tuple[int, int, int, int]],
    text: str,
    is_difficult: bool,
) -> None:
    folder = tmp_path_factory.mktemp("pages")
    save(folder, "a.png")
    regions = [
        LabelledRegion(
            np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64),
            unicodedata.normalize("NFC", text),
            "",
            is_difficult=is_difficult,
        )
        for x, y, w, h in frames
    ]
    assert write_pages(folder / "Label.txt", [("a.png", regions)]) == 1
    ((page,), _) = read(folder)
    assert page.is_negative == (not regions)
    for written, again in zip(regions, page.regions, strict=True):
        assert written.polygon.tolist() == again.polygon.tolist()
        assert (written.text, written.is_difficult) == (again.text, again.is_difficult)


@pytest.mark.parametrize("path", ["/a.png", "../a.png", "", "a\tb.png"])
def test_a_path_that_the_form_cannot_hold_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match=r"Label\.txt:1: .* Write paths from the data folder on"):
        write_pages(tmp_path / "Label.txt", [(path, [])])
    assert not (tmp_path / "Label.txt").exists()
