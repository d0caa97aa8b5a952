"""Whether a mix is one of pages is told by its files, and what pages have no use for is refused."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from balance.mixing.mix_request import MixRequest
from balance.page_mixing.page_request import (
    _OF_LINES,
    is_of_pages,
    is_unlabelled,
    named_files,
)
from textlines.errors import InputError, UsageError

PAGES = 'a.png\t[{"transcription": "값", "points": [[0, 0], [9, 0], [9, 9]]}]\nb.png\t[]\n'
LINES = "crops/a.png\t값 12\ncrops/b.png\t합계\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    held = {"own": PAGES, "original": PAGES, "lines": LINES, "odd": "neither one nor the other\n"}
    for name, text in held.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "Label.txt").write_text(text, encoding="utf-8")
    return {name: tmp_path / name / "Label.txt" for name in held}


def request_of(files: dict[str, Path], **more: Any) -> MixRequest:
    return MixRequest(
        **{"own": (files["own"],), "original": (files["original"],), "dry_run": True, **more}
    )


def test_it_is_told_by_what_stands_in_the_files(files: dict[str, Path]) -> None:
    assert is_of_pages(request_of(files))
    # A folder of PPOCRLabel's counts as its Label.txt.
    assert is_of_pages(request_of(files, own=(files["own"].parent,)))
    assert not is_of_pages(request_of(files, own=(files["lines"],), original=(files["odd"],)))


@pytest.mark.parametrize(
    ("name", "what"), [("lines", "is a recognition label file of PaddleOCR"), ("odd", "does not")]
)
def test_pages_and_lines_in_one_mix_are_refused_with_both_files_named(
    files: dict[str, Path], name: str, what: str
) -> None:
    with pytest.raises(UsageError) as error:
        is_of_pages(request_of(files, replay={"old": (files[name],)}))
    told = str(error.value)
    assert told.startswith("--own, --replay:")
    assert str(files["own"]) in told
    assert f"{files[name]} {what}" in told


def test_a_file_that_is_not_there_is_no_file_of_lines(files: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="is not there"):
        is_of_pages(request_of(files, original=(Path("nowhere.txt"),)))


OTHER: dict[str, Any] = {
    "dictionary": Path("d.txt"),
    "profile": Path("p.json"),
    "like": Path("l.txt"),
    "previous": Path("mix.json"),
    "encoding": "cp949",
    "cut_prefix": "train",
    "by": "characters",
    "even": False,
    "alpha": 0.25,
    "word_floor": 0.5,
    "caps": ("text=3",),
    "repeat_originals": 2,
    "max_length": 40,
    "use_space_char": True,
    "lmdb": True,
    "big": True,
    "memory": 1 << 30,
}


@pytest.mark.parametrize("name", OTHER)
def test_options_on_texts_are_refused_by_name(files: dict[str, Path], name: str) -> None:
    option = "--no-even" if name == "even" else f"--{name.replace('_', '-')}"
    with pytest.raises(UsageError) as error:
        is_of_pages(request_of(files, **{name: OTHER[name]}))
    assert str(error.value).startswith(f"{option}: is for text lines, ")
    assert f"Leave {option} out." in str(error.value)


def test_every_refused_option_is_one_of_the_request_and_every_file_is_looked_at(
    files: dict[str, Path],
) -> None:
    assert _OF_LINES.keys() == OTHER.keys()
    assert _OF_LINES.keys() <= {field.name for field in fields(MixRequest)}
    a, b = files["own"], files["lines"]
    asked = request_of(files, new=(b,), general=(a,), distil=(b,), replay={"x": (a, b)})
    assert [(role, name) for role, name, _ in named_files(asked)] == [
        *(("own", "own"), ("original", "original"), ("distil", "distil"), ("new", "new")),
        *(("general", "general"), ("replay", "replay:x"), ("replay", "replay:x")),
    ]


def test_photos_without_labels_are_pages_where_the_others_are(
    files: dict[str, Path], tmp_path: Path
) -> None:
    folder, listed = tmp_path / "photos", tmp_path / "list.txt"
    folder.mkdir()
    listed.write_text("photos/a.jpg\nphotos/b.jpg\n")
    assert is_unlabelled(folder) and is_unlabelled(listed)
    assert not is_unlabelled(files["own"]) and not is_unlabelled(tmp_path / "nowhere")
    assert is_of_pages(request_of(files, distil=(folder, listed, files["original"]), original=()))
    lines = (files["lines"],)
    assert not is_of_pages(request_of(files, own=lines, original=lines, distil=(listed,)))
