"""Was it rendered: by manifest, by a run's images/, by another program's word; never by a guess."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rows import manifest_record
from textlines.errors import InputError
from textlines.formats.rendered import RenderedImages, any_rendered, holds_rendered, profile_of

Write = Callable[[str, str | bytes], Path]

RUN = json.dumps({"version": 1, "command": "synth generate"})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ('{"command": "synth generate"}', True),
        ('{"command": "balance mix"}', False),
        ('{"command": "split", "synthetic": true}', True),
        ('{"command": "split", "configuration": {"synthetic": true}}', True),
        ('{"command": "split", "configuration": {"synthetic": "yes"}}', False),
        ('{"command": "synthesis"}', False),
        ("[1]", False),
    ],
)
def test_a_record_tells_of_the_images_of_its_run(
    record: str, expected: bool, write_file: Write
) -> None:
    labels = write_file("new/gt.txt", "images/0000/1.jpg\tone\n")
    assert not holds_rendered(labels)
    write_file("new/run.json", record)
    assert holds_rendered(labels) is expected


def test_pages_of_a_run_were_rendered_whatever_its_manifest_holds(write_file: Write) -> None:
    write_file("new/run.json", '{"version": 1, "command": "synth pages"}')
    labels = write_file("new/Label.txt", "images/0000/000000.jpg\t[]\n")
    write_file("new/manifest.jsonl", '{"index": 0, "image": "images/0000/000000.jpg"}\n')
    found = RenderedImages().find("images/0000/000000.jpg", labels.parent)
    assert found is not None and (found.text, found.face) == ("", "")


def test_originals_that_lie_in_a_runs_folder_are_none_of_its_images(write_file: Write) -> None:
    write_file("new/run.json", RUN)
    write_file("new/manifest.jsonl", json.dumps(manifest_record()) + "\n")
    labels = write_file("new/old.txt", "old/a.png\tone\nb.png\ttwo\n")
    assert not holds_rendered(labels)
    assert any_rendered(["new/images/0000/000000.jpg"], labels.parent.parent)


def test_a_manifest_alone_names_what_was_rendered_and_how(write_file: Write) -> None:
    rows = [manifest_record(0, "하나", image="train/7.png"), manifest_record(1, "둘")]
    path = write_file("manifest.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    images = RenderedImages()
    found = images.find("train/7.png", path.parent)
    assert found is not None
    assert (found.folder, found.text, found.face) == (str(path.parent), "하나", "f" * 16 + "-0")
    assert images.find("train/8.png", path.parent) is None
    assert images.find("7.png", path.parent / "train") is None, "above the data folder"


@pytest.mark.parametrize("other", ['{"audio": "a.wav", "version": 9}\n', "no json\n", "[]\n", ""])
def test_a_manifest_of_another_program_says_nothing(other: str, write_file: Write) -> None:
    labels = write_file("gt.txt", "images/0000/1.jpg\tone\n")
    write_file("manifest.jsonl", other)
    assert not holds_rendered(labels)


def test_what_is_damaged_is_told_and_not_passed_over(write_file: Write) -> None:
    labels = write_file("gt.txt", "images/0000/1.jpg\tone\n")
    good = json.dumps(manifest_record())
    write_file("manifest.jsonl", f"{good}\n{good[:40]}\n")
    with pytest.raises(InputError, match=r"manifest\.jsonl:2: is no row of a manifest \(no JSON"):
        holds_rendered(labels)
    write_file("run.json", "{")
    with pytest.raises(InputError, match=r"run\.json: the run record is no JSON"):
        holds_rendered(labels)


def test_a_run_whose_manifest_starts_damaged_is_not_taken_for_anothers(write_file: Write) -> None:
    labels = write_file("gt.txt", "images/0000/1.jpg\tone\n")
    write_file("run.json", RUN)
    write_file("manifest.jsonl", "\xff\n")
    with pytest.raises(InputError, match=r"manifest\.jsonl:1: is no row of a manifest"):
        holds_rendered(labels)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ('{"inputs": {"profile": "ab"}}', "ab"),
        ('{"inputs": {"profile": 1}}', ""),
        ('{"inputs": []}', ""),
        ("[]", ""),
    ],
)
def test_a_record_tells_what_profile_was_rendered_for(
    record: str, expected: str, write_file: Write
) -> None:
    labels = write_file("gt.txt", "images/0000/1.jpg\tone\n")
    assert profile_of(labels) == ""
    write_file("run.json", record)
    assert profile_of(labels) == expected


@pytest.mark.parametrize(
    "path", ["길" * 300 + ".png", "길" * 300 + "/a.png", "a/" * 3000 + "a.png"]
)
def test_an_image_whose_path_is_too_long_for_the_disk_was_not_rendered(
    path: str, tmp_path: Path
) -> None:
    assert RenderedImages().find(path, tmp_path) is None
