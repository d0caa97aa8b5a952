"""What a mix of pages says of itself and of each page of its lists."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.mix import MIX, is_mix_record, read_mix, read_mix_record
from textlines.formats.page_mix import read_page_mix
from textlines.regions.page_file import LabelledRegion, write_pages

QUAD = np.array([[0, 0], [9, 0], [9, 5], [0, 5]], np.float64)
EPOCH: dict[str, Any] = {
    "list": "epoch-000.txt",
    "roles": "epoch-000.roles",
    "own": 2,
    "original": 1,
    "new": 1,
    "general": 0,
    "replay": {"forms": 1},
    "negatives": 1,
    "ratio": 3.0,
    "regions": 4,
    "regions_by_role": {"own": 2, "new": 1, "replay:forms": 1},
}
CONFIGURATION: dict[str, Any] = {
    "ratio": 8.0,
    "general_ratio": 1.0,
    "own_times": 2,
    "epoch_lines": None,
    "on_shortage": "error",
    "check_images": "listing",
    "data_folder": "..",
    "kinds": [
        {"code": "w", "role": "own", "name": "own", "rendered": False},
        {"code": "o", "role": "original", "name": "original", "rendered": False},
        {"code": "N", "role": "new", "name": "new", "rendered": True},
        {"code": "R1", "role": "replay", "name": "replay:forms", "rendered": True},
    ],
    "sources": [],
    "epochs": [EPOCH],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a mix of four pages in five rows, as `balance mix` does."""
    out = tmp_path / "mixed"
    out.mkdir()
    region = LabelledRegion(QUAD, "값 12", "")
    names = ["own/가.png", "receipts/空.png", "own/가.png", "new/a.png", "forms/b.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"P5 1 1 255 0")
    write_pages(out / "epoch-000.txt", [(name, [region] * ("空" not in name)) for name in names])
    (out / "epoch-000.roles").write_text("w\no\nw\nN\nR1\n")
    save(out, CONFIGURATION)
    return out


def save(out: Path, configuration: dict[str, Any], **changes: Any) -> None:
    """Write the record of what lies in the folder."""
    record = {
        "kind": "pages",
        "version": 1,
        "command": "balance mix",
        "seed": 0,
        "configuration": configuration,
        "outputs": {path.name: sha256_of(path) for path in out.glob("epoch-*")},
    }
    (out / MIX).write_text(json.dumps(record | changes), encoding="utf-8")


def test_each_row_is_a_page_with_its_role(folder: Path) -> None:
    mix = read_page_mix(folder)
    assert (mix.path, mix.data) == (folder, folder.parent.resolve())
    assert mix.sha256 == sha256_of(folder / MIX)
    [epoch] = mix.epochs
    pages = mix.pages(epoch)
    assert [(page.labels.path, page.role, page.rendered) for page in pages] == [
        ("own/가.png", "own", False),
        ("receipts/空.png", "original", False),
        ("own/가.png", "own", False),
        ("new/a.png", "new", True),
        ("forms/b.png", "replay", True),
    ]
    assert [page.labels.is_negative for page in pages] == [False, True, False, False, False]
    assert pages[0].labels.regions[0].text == "값 12"
    assert all(page.labels.image.is_file() for page in pages)
    assert (epoch.kept, epoch.pages) == (3, 5)
    # The file itself will do.
    assert read_page_mix(folder / MIX).sha256 == mix.sha256


def test_a_list_that_was_changed_is_refused_when_it_is_read(folder: Path) -> None:
    mix = read_page_mix(folder)
    with (folder / "epoch-000.txt").open("a", encoding="utf-8") as file:
        file.write("own/가.png\t[]\n")
    with pytest.raises(InputError, match=r"epoch-000\.txt: is not the list that mix\.json"):
        mix.pages(mix.epochs[0])
    (folder / "epoch-000.txt").unlink()
    with pytest.raises(InputError, match=r"epoch-000\.txt: is not there"):
        mix.pages(mix.epochs[0])


def test_rows_that_no_role_is_for_are_refused(folder: Path) -> None:
    (folder / "epoch-000.roles").write_text("w\no\nw\nN\n")
    save(folder, CONFIGURATION)
    mix = read_page_mix(folder)
    with pytest.raises(InputError, match=r"has 5 rows and 4 roles, mix\.json counts 5"):
        mix.pages(mix.epochs[0])


def test_a_page_that_was_moved_is_named_with_its_row(folder: Path) -> None:
    (folder.parent / "new" / "a.png").unlink()
    mix = read_page_mix(folder)
    with pytest.raises(InputError, match=r"epoch-000\.txt:4 \(new/a\.png\): is a page whose image"):
        mix.pages(mix.epochs[0])


def test_a_mix_of_lines_and_one_of_pages_send_to_the_right_command(folder: Path) -> None:
    with pytest.raises(InputError, match=r"is a mix of pages, .*`train det`"):
        read_mix(folder)
    with pytest.raises(InputError, match="is a mix of pages"):
        read_mix_record(folder / MIX)
    assert is_mix_record(folder / MIX)
    lines = json.loads((folder / MIX).read_text(encoding="utf-8")) | {"version": 2}
    del lines["kind"]
    (folder / MIX).write_text(json.dumps(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"is a mix of text lines, .*`train rec`"):
        read_page_mix(folder)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"version": 2}, "version 2, this program reads version 1"),
        ({"command": "balance check"}, "was written by 'balance check', it is no mix"),
        ({"surprise": 1}, "surprise: extra inputs are not permitted"),
        ({"configuration": {**CONFIGURATION, "epochs": []}}, "holds no list"),
    ],
)
def test_what_is_no_record_of_ours_is_refused(
    folder: Path, changes: dict[str, Any], told: str
) -> None:
    save(folder, **{"configuration": CONFIGURATION, **changes})
    with pytest.raises(InputError) as error:
        read_page_mix(folder)
    assert told in str(error.value)


def test_a_folder_without_a_mix_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no mix \(it holds no mix\.json\)"):
        read_page_mix(tmp_path)
