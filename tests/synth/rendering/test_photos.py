"""Photos of a folder: found, counted, cut."""

import json
import os
import pickle
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from synth.draws import Draws
from synth.faces.display import display_faces
from synth.rendering.photos import PhotoBank
from synth.rendering.sample import Setup
from synth.rendering.style import load_style
from synth.rendering.surfaces import photo
from textlines.errors import InputError
from textlines.formats.manifest import manifest_line, manifest_row
from textlines.formats.plan_rows import PlanRow


def picture(seed: int, height: int = 120, width: int = 200) -> np.ndarray:
    """Make a picture without any two equal pieces."""
    source = np.random.default_rng(seed).integers(0, 256, (height // 4, width // 4, 3), np.uint8)
    return cv2.resize(source, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three photos, one of them in a folder below."""
    (tmp_path / "more").mkdir()
    for seed, name in enumerate(("a.png", "b.jpg", "more/c.png")):
        cv2.imwrite(str(tmp_path / name), picture(seed))
    return tmp_path


def test_all_photos_are_drawn_on_and_named_by_content(folder: Path) -> None:
    bank = PhotoBank(folder)
    assert len(bank) == 3 and bank.listing.tally == {}
    drawn = set()
    for index in range(40):
        assert bank.crop(48, 100, Draws(1, index)).shape == (48, 100, 3)
        drawn.add(bank.latest)
    assert sorted(drawn) == bank.identity() == sorted(bank.identity())


def test_names_and_places_do_not_reach_the_pixels(folder: Path, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("other")
    for index, path in enumerate(sorted(folder.rglob("*.*g"), reverse=True)):
        shutil.copy(path, other / f"{index}{path.suffix.upper()}")
    one, two = PhotoBank(folder), PhotoBank(other)
    for index in range(20):
        first, second = (bank.crop(33, 77, Draws(2, index)) for bank in (one, two))
        np.testing.assert_array_equal(first, second)


def test_a_listing_saves_the_survey_and_gives_the_same_bytes(folder: Path) -> None:
    bank = PhotoBank(folder)
    again = PhotoBank(folder, pickle.loads(pickle.dumps(bank.listing)))
    for index in range(10):
        np.testing.assert_array_equal(
            bank.crop(40, 90, Draws(3, index)), again.crop(40, 90, Draws(3, index))
        )


def test_little_memory_gives_the_same_bytes_as_the_first_pass(folder: Path) -> None:
    # Two large photos more than the memory holds: they are decoded again when drawn on.
    for seed in (8, 9):
        cv2.imwrite(str(folder / f"{seed}.png"), picture(seed, 700, 1000))
    bank = PhotoBank(folder, bound_bytes=500_000)
    held = sum(image.nbytes for image in bank._held.values())
    assert held <= 500_000
    first = [bank.crop(48, 120, Draws(4, index)) for index in range(25)]
    second = [bank.crop(48, 120, Draws(4, index)) for index in range(25)]
    np.testing.assert_array_equal(first, second)


def test_a_crop_is_new_and_may_be_drawn_on(folder: Path) -> None:
    bank = PhotoBank(folder)
    for index in range(6):
        first = bank.crop(48, 100, Draws(5, index))
        kept = first.copy()
        first[:] = 0
        np.testing.assert_array_equal(bank.crop(48, 100, Draws(5, index)), kept)


def test_a_photo_smaller_than_the_line_is_enlarged(folder: Path) -> None:
    crop = PhotoBank(folder).crop(48, 3200, Draws(6, 0))
    assert crop.shape == (48, 3200, 3) and crop.std() > 5


def test_what_cannot_be_used_is_counted_by_reason(folder: Path) -> None:
    whole = (folder / "b.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "zero.png").write_bytes(b"")
    (folder / "text.jpg").write_text("this is no image")
    (folder / "notes.txt").write_text("found on a walk")
    (folder / "copy.jpg").write_bytes(whole)
    cv2.imwrite(str(folder / "tiny.png"), picture(7)[:4, :4])
    listing = PhotoBank(folder).listing
    assert len(listing.photos) == 3
    assert listing.refused["truncated"] == ("cut.jpg",)
    assert listing.refused["empty"] == ("zero.png",)
    assert listing.refused["not_an_image"] == ("text.jpg",)
    assert listing.refused["other_file"] == ("notes.txt",)
    assert listing.refused["too_small"] == ("tiny.png",)
    # Of two files with one content the first name stays.
    assert listing.refused["same_content"] == ("copy.jpg",) or listing.refused["same_content"] == (
        "b.jpg",
    )


def test_a_folder_without_photos_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no usable photo \(no file at all\)"):
        PhotoBank(tmp_path)
    (tmp_path / "zero.jpg").write_bytes(b"")
    (tmp_path / "font.ttf").write_bytes(b"1")
    with pytest.raises(InputError, match=r"\(1 empty, 1 other_file\). Put JPEG, PNG or WebP"):
        PhotoBank(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        PhotoBank(tmp_path / "absent")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_photo_that_may_not_be_read_is_counted(folder: Path) -> None:
    (folder / "a.png").chmod(0)
    assert PhotoBank(folder).listing.tally == {"unreadable": 1}


def test_a_calm_photo_keeps_its_mean_and_loses_its_contrast(folder: Path) -> None:
    bank = PhotoBank(folder)
    plain, calm = (photo(48, 150, Draws(7, 1), bank, calm=c) for c in (0.0, 0.75))
    assert calm.std() < 0.5 * plain.std()
    assert abs(float(calm.mean()) - float(plain.mean())) < 2


@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.7])
def test_zoom_changes_what_is_seen_and_not_the_size(folder: Path, zoom: float) -> None:
    image = photo(48, 150, Draws(7, 1), PhotoBank(folder), zoom=zoom)
    assert image.shape == (48, 150, 3) and image.flags.c_contiguous


def test_the_manifest_names_the_photo_of_each_line(folder: Path) -> None:
    faces = tuple(face for face in display_faces() if face.kind == "seven_segment")
    setup = Setup(load_style("lcd", ["photos.p=0.5"]), faces, folder, 4)
    engine, named = setup.engine(), set()
    for at in range(30):
        sample = engine.sample(PlanRow(at, f"{at}.5", (), faces[0].id, "lcd"))
        row = manifest_row(json.loads(manifest_line(sample.record)))
        assert bool(row.photo) == (row.surface[0] == "photo")
        named.add(row.photo)
    assert named - {""} == set(PhotoBank(folder).identity())
    assert "" in named
