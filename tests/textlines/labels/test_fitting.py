"""Where images are that the paths of a label file miss; what is said of a file without lines."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.fitting import PathFit, candidates, fit_of, no_image, nothing_left
from textlines.labels.label_file import Dialect, read_labels
from textlines.labels.label_paths import ALL_FOLDERS
from textlines.labels.tally import Tally

TEXTS = ("값 12,500원", "Total 4.20", "合计 7")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with train/0.jpg to train/2.jpg; only their names are looked at."""
    folder = tmp_path / "set"
    (folder / "train").mkdir(parents=True)
    for number in range(3):
        (folder / "train" / f"{number}.jpg").touch()
    return folder


def labels(home: Path, begins: str, name: str = "rec_gt.txt", encoding: str = "utf-8") -> Path:
    file = home / name
    rows = (f"{begins}{number}.jpg\t{text}\n" for number, text in enumerate(TEXTS))
    file.write_text("".join(rows), encoding, newline="")
    return file


@pytest.mark.parametrize(
    ("begins", "prefix"),
    [
        ("train_data/rec/train/", "train_data/rec/"),
        ("/home/someone/ocr/train/", "/home/someone/ocr/"),
        ("C:\\Users\\someone\\rec\\train\\", "C:/Users/someone/rec/"),
        ("옛 이름/train/", "옛 이름/"),
        ("./renamed/train/", "./renamed/"),
    ],
)
def test_the_shortest_prefix_is_found_with_which_all_images_are_there(
    home: Path, begins: str, prefix: str
) -> None:
    file = labels(home, begins)
    fit = fit_of(file, candidates(file, None))
    assert fit == PathFit(prefix, home, 3, 3)
    # What is told is what reads them.
    lines = list(read_labels(file, tally=Tally(), images=home, dialect=Dialect(prefix=prefix)))
    assert [line.path for line in lines] == ["train/0.jpg", "train/1.jpg", "train/2.jpg"]


def test_paths_that_fit_and_images_that_are_nowhere_are_left_alone(home: Path) -> None:
    fits = labels(home, "train/", "fits.txt")
    assert fit_of(fits, candidates(fits, None)) is None
    (home / "train" / "0.jpg").unlink()
    assert fit_of(fits, candidates(fits, None)) is None, "two of three are there: nothing to cut"
    nowhere = labels(home, "elsewhere/x", "nowhere.txt")
    assert fit_of(nowhere, candidates(nowhere, None)) is None


def test_most_images_suffice_and_the_others_are_counted(home: Path) -> None:
    file = labels(home, "old/train/")
    (home / "train" / "2.jpg").unlink()
    fit = fit_of(file, candidates(file, None))
    assert fit is not None
    assert fit.told() == f'2 of 3 images stand in {home} without "old/" before their paths'


def test_file_names_alone_are_tried_last_and_only_where_each_is_one_line(home: Path) -> None:
    crops = home / "train"
    file = home / "rec_gt.txt"
    file.write_text("a/x/0.jpg\tA\nb/1.jpg\tB\nc/y/2.jpg\tC\n", "utf-8")
    assert fit_of(file, [crops]) == PathFit(ALL_FOLDERS, crops, 3, 3)
    lines = list(read_labels(file, tally=Tally(), images=crops, dialect=Dialect(prefix="*/")))
    assert [(line.path, line.label) for line in lines] == [
        ("0.jpg", "A"), ("1.jpg", "B"), ("2.jpg", "C")
    ]  # fmt: skip
    file.write_text("a/0.jpg\tA\nb/0.jpg\tB\n", "utf-8")
    assert fit_of(file, [crops]) is None, "two lines would be read from one image"


def test_the_folder_of_the_file_and_the_one_above_are_tried_too(home: Path) -> None:
    file = labels(home, "train/")
    other = home / "nothing"
    other.mkdir()
    assert fit_of(file, candidates(file, other)) == PathFit("", home, 3, 3)
    # PPOCRLabel writes the name of its own folder first.
    own = labels(home / "train", "train/")
    assert fit_of(own, candidates(own, other)) == PathFit("", home, 3, 3)


def test_a_file_of_another_encoding_is_looked_into_as_well(home: Path) -> None:
    file = labels(home, "옛/train/", encoding="utf-16")
    fit = fit_of(file, candidates(file, None), Dialect("UTF-16"))
    assert fit == PathFit("옛/", home, 3, 3)


@given(st.lists(st.sampled_from(["a", "b", "가", "x y"]), max_size=6))
def test_any_folders_before_the_paths_are_found(
    tmp_path_factory: pytest.TempPathFactory, heads: list[str]
) -> None:
    home = tmp_path_factory.mktemp("set")
    (home / "0.jpg").touch()
    (home / "1.jpg").touch()
    begins = "".join(f"{head}/" for head in heads)
    file = home / "rec_gt.txt"
    file.write_text(f"{begins}0.jpg\tA\n{begins}1.jpg\tB\n", "utf-8")
    fit = fit_of(file, candidates(file, None))
    assert fit == (PathFit(begins, home, 2, 2) if heads else None)


def refused(file: Path, images: Path | None = None, dialect: Dialect | None = None) -> str:
    tally = Tally()
    read = dialect or Dialect()
    assert not list(read_labels(file, tally=tally, home=images, dialect=read))
    error = nothing_left(file, tally, images=images, dialect=read)
    assert isinstance(error, InputError)
    return str(error)


def test_lines_refused_for_a_reason_never_ask_for_another_file(home: Path) -> None:
    absolute = labels(home, "/data/ocr/train/")
    message = refused(absolute)
    assert "absolute path, left out: 3" in message
    assert "3 of 3 images stand in" in message
    assert "--cut-prefix '/data/ocr/' --fix" in message
    blank = home / "blank.txt"
    blank.write_text("train/0.jpg\t\ntrain/1.jpg\t \n", "utf-8")
    message = refused(blank)
    assert "empty label, left out: 2" in message
    assert f"see all of them: balance check {blank}" in message
    empty = home / "empty.txt"
    empty.touch()
    assert "(it is empty). Name another file." in refused(empty)


def test_another_encoding_is_told_with_the_call_that_mends_it(home: Path) -> None:
    file = home / "rec_gt.txt"
    file.write_bytes("train/0.jpg\t값 12,500원\n".encode("cp949"))
    assert f"balance check {file} --encoding CP949 --fix NEW.txt" in refused(file)
    read = list(read_labels(file, tally=Tally(), dialect=Dialect("CP949")))
    assert [line.label for line in read] == ["값 12,500원"]


def test_the_encoding_is_of_the_bytes_and_not_of_words_in_the_path(home: Path) -> None:
    file = home / "looks like GBK.txt"
    file.write_bytes(b"train/0.jpg\tA\x81\n")  # of no encoding
    tally = Tally()
    assert not list(read_labels(file, tally=tally)) and tally["not_utf8"] == 1
    assert tally.encoding == ""
    assert "--encoding CP949 --fix" in refused(file)


def test_tallies_that_are_merged_keep_what_a_file_looks_like(home: Path) -> None:
    first, second, both = Tally(), Tally(), Tally()
    for tally, codec in ((first, "shift_jis"), (second, "cp949")):
        file = home / f"{codec}.txt"
        text = "かなカナ" if codec == "shift_jis" else "값 12,500원"
        file.write_bytes(f"train/0.jpg\t{text}\n".encode(codec))
        list(read_labels(file, tally=tally))
    both.merge(Tally())
    both.merge(first)
    both.merge(second)
    assert (first.encoding, second.encoding) == ("SHIFT_JIS", "CP949")
    assert both.encoding == first.encoding


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("l.txt", "0.jpg 값 1\n1.jpg a b\n", "TRDG writes it, and no label file"),
        ("labels.csv", 'filename,words\n0.jpg,"a, b"\n', "balance import easyocr"),
        ("labels.json", '{"0.jpg": "값 1", "1.jpg": "a"}', "balance import doctr"),
    ],
)
def test_a_file_of_another_form_is_named(home: Path, name: str, content: str, told: str) -> None:
    file = home / name
    file.write_text(content, "utf-8")
    assert told in refused(file)


def test_where_no_image_can_be_read_it_is_said_where_they_are(home: Path) -> None:
    file = labels(home, "old/train/")
    message = str(no_image(file, home, 3))
    assert message.startswith(f"{file}: none of its 3 images can be read in {home}: 3 of 3 images")
    nowhere = labels(home, "x", "nowhere.txt")
    assert "Is --images right?" in str(no_image(nowhere, home, 3))
