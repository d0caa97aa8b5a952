"""What a mix says of itself and of each line of its lists."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.mix import MIX, outputs_of, read_mix, read_mix_record
from textlines.labels.tally import Tally

CONFIGURATION: dict[str, Any] = {
    "ratio": 6.0,
    "by": "lines",
    "general_ratio": None,
    "epoch_lines": None,
    "on_shortage": "error",
    "check_images": "none",
    "even": False,
    "alpha": 0.5,
    "word_floor": 0.9,
    "floor_words": 1,
    "floor_characters": 1,
    "repeat_originals": 1,
    "max_length": 25,
    "use_space_char": True,
    "dictionary_sha256": None,
    "data_folder": "..",
    "kinds": [
        {"code": "o", "role": "original", "name": "original", "rendered": False},
        {"code": "N", "role": "new", "name": "new", "rendered": True},
        {"code": "d", "role": "distil", "name": "distil", "rendered": False},
        {"code": "r1", "role": "replay", "name": "replay:old", "rendered": False},
    ],
    "sources": [
        {
            "role": "new",
            "name": "new",
            "labels": "../new/rec_gt.txt",
            "images": "../new",
            "sha256": "ab",
            "lines": 3,
            "usable": 2,
            "rendered": 2,
            "head": "new/",
        }
    ],
    "epochs": [
        {
            "list": "epoch-000.txt",
            "roles": "epoch-000.roles",
            "distil_list": "epoch-000.distil.txt",
            "distil_roles": "epoch-000.distil.roles",
            "original": 1,
            "distil": 1,
            "new": 1,
            "general": 0,
            "replay": {"old": 1},
            "ratio": 6.0,
            "divergence": 0.1,
            "words_below_floor": 0,
            "characters_below_floor": 0,
        }
    ],
}

LISTS = {
    "epoch-000.txt": "train/a.png\t1\ntrain/a.png\t1\ntrain/b.png\t2\n",
    "epoch-000.roles": "o\nN\nr1\n",
    "epoch-000.distil.txt": "train/c.png\t\n",
    "epoch-000.distil.roles": "d\n",
}


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Write a mix of one labelled and one distilled list."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, text in LISTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    content = {
        "version": 2,
        "command": "balance mix",
        "seed": 0,
        "configuration": CONFIGURATION,
        "outputs": {name: sha256_of(folder / name) for name in LISTS},
    }
    (folder / MIX).write_text(json.dumps(content), encoding="utf-8")
    return folder


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the record."""
    content = json.loads((folder / MIX).read_text(encoding="utf-8"))
    change(content)
    (folder / MIX).write_text(json.dumps(content), encoding="utf-8")


def write_list(folder: Path, name: str, text: str) -> None:
    """Change a list together with its hash, as one who forges a mix would."""
    (folder / name).write_text(text, encoding="utf-8")
    rewrite(folder, lambda content: content["outputs"].update({name: sha256_of(folder / name)}))


def test_folder_and_file_are_the_same_mix(mixed: Path) -> None:
    mix = read_mix(mixed)
    assert mix == read_mix(mixed / MIX)
    assert mix.data == mixed.parent.resolve()
    assert (mix.epochs[0].kept, mix.epochs[0].labelled) == (2, 3)
    assert mix.place(mix.sources[0].labels) == mixed.parent.resolve() / "new/rec_gt.txt"


def test_each_row_has_its_role_whatever_its_path(mixed: Path) -> None:
    mix = read_mix(mixed)
    found = [
        (one.line.path, one.kind.name, one.kind.rendered)
        for one in mix.lines(mix.epochs[0], Tally())
    ]
    assert found == [
        ("train/a.png", "original", False),
        ("train/a.png", "new", True),
        ("train/b.png", "replay:old", False),
        ("train/c.png", "distil", False),
    ]


def test_a_folder_without_a_record_is_no_mix(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no mix \(it holds no mix\.json\).*balance mix"):
        read_mix(tmp_path)


def test_a_mix_that_carries_no_roles_is_refused_with_words(mixed: Path) -> None:
    rewrite(mixed, lambda content: content.update(version=1))
    with pytest.raises(
        InputError,
        match=r"mix\.json: is a mix record of version 1, this program reads version 2: it does not "
        r"say which lines are new and which were rendered\. Make the mix again",
    ):
        read_mix(mixed)
    assert outputs_of(mixed / MIX) == set(LISTS)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.update(version=3), r"of version 3, this program reads version 2.*program"),
        (lambda c: c.update(version=True), r"of version True"),
        (lambda c: c.pop("version"), r"is JSON, but no mix record"),
        (lambda c: c.update(command="synth generate"), r"was written by 'synth generate'"),
        (lambda c: c.update(configuration={}), r"configuration\.ratio: field required"),
        (lambda c: c["configuration"].update(epochs=[]), r"holds no list"),
        (lambda c: c["configuration"].update(more=1), r"configuration\.more: extra inputs"),
        (lambda c: c["configuration"]["epochs"][0].update(new=-1), r"epochs\[0\]\.new: "),
        (lambda c: c["configuration"]["epochs"][0].update(list="../x"), r"epochs\[0\]\.list: "),
        (lambda c: c["configuration"]["epochs"][0].update(new=2), r"holds 1 line of the role new"),
        (lambda c: c["outputs"].update({"../x": "ab"}), r"names the output '\.\./x' elsewhere"),
        (lambda c: c["outputs"].pop("epoch-000.roles"), r"does not say what epoch-000\.roles held"),
    ],
)
def test_a_damaged_record_is_told(
    mixed: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    rewrite(mixed, change)
    with pytest.raises(InputError, match=told) as found:
        read_mix(mixed)
    assert "Make the mix again" in str(found.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"{", "no JSON"), (b"\xff", "not UTF-8"), (b"[" * 999, "nested"), (b"7", "no mix record")],
)
def test_what_is_no_record_is_told(mixed: Path, content: bytes, told: str) -> None:
    (mixed / MIX).write_bytes(content)
    with pytest.raises(InputError, match=told):
        read_mix_record(mixed / MIX)
    assert outputs_of(mixed / MIX) == set()


@pytest.mark.parametrize("name", list(LISTS))
def test_a_changed_or_missing_list_is_named(mixed: Path, name: str) -> None:
    (mixed / name).write_text("o\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"{name}: is not the list that mix\.json describes"):
        read_mix(mixed)
    (mixed / name).unlink()
    with pytest.raises(InputError, match=rf"{name}: is not there"):
        read_mix(mixed)


def test_roles_of_another_number_or_kind_are_told(mixed: Path) -> None:
    write_list(mixed, "epoch-000.roles", "o\nN\n")
    with pytest.raises(InputError, match=r"holds 0 lines of the role replay:old"):
        read_mix(mixed)
    write_list(mixed, "epoch-000.roles", "o\nN\nr1\n")
    write_list(mixed, "epoch-000.txt", LISTS["epoch-000.txt"] + "train/d.png\t3\n")
    mix = read_mix(mixed)
    with pytest.raises(InputError, match=r"epoch-000\.txt:4: has a line beyond the 3"):
        list(mix.lines(mix.epochs[0], Tally()))


def test_own_lines_count_as_often_as_they_stand_and_as_original(mixed: Path) -> None:
    write_list(mixed, "epoch-000.txt", "own/a.png\t1\nown/a.png\t1\ntrain/a.png\t1\n")
    write_list(mixed, "epoch-000.roles", "w\nw\nN\n")

    def with_own(content: dict[str, Any]) -> None:
        configuration = content["configuration"]
        kind = {"code": "w", "role": "own", "name": "own", "rendered": False}
        configuration["kinds"].append(kind)
        configuration["sources"][0].update(role="own", name="own", times=2)
        configuration["epochs"][0].update(own=2, original=0, replay={})

    rewrite(mixed, with_own)
    mix = read_mix(mixed)
    epoch = mix.epochs[0]
    assert (epoch.own, epoch.kept, epoch.labelled) == (2, 3, 3)
    assert [one.kind.role for one in mix.lines(epoch, Tally())] == ["own", "own", "new", "distil"]
    rewrite(mixed, lambda content: content["configuration"]["epochs"][0].update(own=1))
    with pytest.raises(InputError, match=r"holds 2 lines of the role own, mix\.json counts 1"):
        read_mix(mixed)


def test_a_record_from_before_own_lines_had_a_role_is_read(mixed: Path) -> None:
    rewrite(
        mixed, lambda content: content["configuration"]["epochs"][0].update(own_to_general=1.25)
    )
    epoch = read_mix(mixed).epochs[0]
    assert (epoch.own, epoch.scene_to_general) == (0, 1.25)
    assert read_mix(mixed).sources[0].times is None
    # Written again it has the name of today, and is read alike.
    record = read_mix_record(mixed / MIX)
    record.write(mixed / MIX)
    assert "own_to_general" not in (mixed / MIX).read_text(encoding="utf-8")
    assert read_mix_record(mixed / MIX) == record
