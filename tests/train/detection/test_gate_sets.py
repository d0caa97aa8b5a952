"""The sets of a gate as files, and what earlier steps saw of them."""

import shutil
from pathlib import Path

import pytest

from tests.train.detection.made_pages import Line, labelled
from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.labels.tally import Tally
from train.detection.gate_sets import TunedSettings, list_pages, read_tuned_for, searched_on
from train.detection.named_pages import NamedPages
from train.detection.settings import PredictionSettings
from train.detection.tuned_file import FigureRecord, PagesRecord, SettingsRecord, TunedFile

PLACE = (20.0, 20.0, 120.0, 20.0)


def pages(folder: Path, *words: str) -> Path:
    """Write a page for each word, and return the folder of them."""
    lines: dict[str, list[Line]] = {f"{word}.png": [(word, PLACE)] for word in words}
    labelled(folder, lines)
    return folder


def tuned(path: Path, labels: Path, sha256: str = "") -> TunedSettings:
    """Write a file of settings that were searched on a label file."""
    settings = SettingsRecord.of(PredictionSettings())
    record = PagesRecord(
        labels=labels.as_posix(),
        sha256=sha256 or sha256_of(labels),
        pages=2,
        regions=2,
        hmean=FigureRecord(before=0.5, after=0.5),
    )
    file = TunedFile(
        model="dark",
        model_files={"dark.onnx": "1" * 64, "inference.yml": "2" * 64},
        objective="hmean",
        tried=1,
        memory_mb=1,
        settings=settings,
        deployed=settings,
        searched=record,
        judged=record,
    )
    file.write(path)
    return TunedSettings(path, file, sha256_of(path))


def test_a_set_is_called_by_its_name_or_by_what_its_path_has_for_itself(tmp_path: Path) -> None:
    first, second = pages(tmp_path / "a/dev", "one", "two"), pages(tmp_path / "b", "three")
    sets = list_pages([NamedPages(first)], [NamedPages(second, "다른")], Tally())
    assert [(one.name, len(one.pages)) for one in sets] == [("a/dev/Label.txt", 2), ("다른", 1)]
    assert [one.listed.is_target for one in sets] == [True, False]


def test_a_page_judges_once(tmp_path: Path) -> None:
    first, second = pages(tmp_path / "a", "one", "two"), pages(tmp_path / "b", "three", "four")
    third = pages(tmp_path / "c", "five", "six")
    shutil.copy(second / "three.png", third / "five.png")
    tally = Tally()
    sets = list_pages([NamedPages(first)], [NamedPages(second), NamedPages(third)], tally)
    assert [page.path for page in sets[2].pages] == ["six.png"]
    assert tally["repeated_image"] == 1 and sets[2].listed.lines == 2
    shutil.copy(second / "four.png", third / "six.png")
    with pytest.raises(InputError, match="holds no image that an earlier set does not have"):
        list_pages([NamedPages(first)], [NamedPages(second), NamedPages(third)], Tally())


def test_a_general_page_of_the_target_is_refused(tmp_path: Path) -> None:
    first, second = pages(tmp_path / "a", "one", "two"), pages(tmp_path / "b", "three", "four")
    shutil.copy(first / "two.png", second / "four.png")
    with pytest.raises(UsageError, match=r"shares 1 of its 2 images with the target a/Label[.]txt"):
        list_pages([NamedPages(first)], [NamedPages(second)], Tally())


def test_settings_belong_to_the_network_that_they_were_tuned_for(tmp_path: Path) -> None:
    made = tuned(tmp_path / "t.toml", pages(tmp_path / "a", "one") / "Label.txt")
    same = {"other.onnx": "1" * 64, "inference.yml": "3" * 64}
    read = read_tuned_for(made.path, same, model="m", option="--base")
    assert (read.file, read.sha256) == (made.file, made.sha256)
    with pytest.raises(InputError, match=r"was tuned for another model .dark. than --base m"):
        read_tuned_for(made.path, {"dark.onnx": "4" * 64}, model="m", option="--base")


def test_a_search_is_a_step_that_saw_pages(tmp_path: Path) -> None:
    labels = pages(tmp_path / "a", "one", "two") / "Label.txt"
    both = tuned(tmp_path / "t.toml", labels), tuned(tmp_path / "u.toml", labels)
    history = searched_on(both)
    assert [step.told() for step in history.steps] == [f"tune on {labels}"]
    assert len(history.images) == 2 and not history.gaps
    # Images that lie elsewhere are found from the folder that the gate is given.
    shutil.move(labels, tmp_path / "moved.txt")
    moved = tuned(tmp_path / "t.toml", tmp_path / "moved.txt")
    assert len(searched_on([moved], tmp_path / "a").images) == 2


def test_a_search_on_pages_that_are_no_longer_there_is_a_gap(tmp_path: Path) -> None:
    labels = pages(tmp_path / "a", "one", "two") / "Label.txt"
    made = tuned(tmp_path / "t.toml", labels)
    labels.write_text(labels.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    history = searched_on([made])
    assert len(history.images) == 0 and history.saw_file(made.file.searched.sha256)
    (gap,) = history.gaps
    assert gap.endswith(f"was searched on {labels}, whose images are not there as they were")
