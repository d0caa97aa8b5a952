"""What a mix says of itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.run_record import RunRecord
from train.tuning.mix_reading import MIX, read_mix


def source(role: str, head: str) -> dict[str, Any]:
    """Describe a label file of the mix."""
    return {
        "role": role,
        "labels": f"../{role}/rec_gt.txt",
        "images": f"../{role}",
        "sha256": "ab",
        "head": head,
    }


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Write a mix of one labelled and one distilled list."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    lists = {"epoch-000.txt": "new/a.png\t1\n", "epoch-000.distil.txt": "distil/b.png\t\n"}
    for name, text in lists.items():
        (folder / name).write_text(text, encoding="utf-8")
    epoch = {
        "list": "epoch-000.txt",
        "distil_list": "epoch-000.distil.txt",
        "new": 1,
        "original": 0,
        "distil": 6,
        "ratio": 6.0,
    }
    RunRecord(
        command="balance mix",
        configuration={
            "epochs": [epoch],
            "sources": [source("new", "new/"), source("distil", "distil/")],
            "data_folder": "..",
        },
        outputs={name: sha256_of(folder / name) for name in lists},
    ).write(folder / MIX)
    return folder


def rewrite(folder: Path, **changes: object) -> None:
    """Change values of the record."""
    content = json.loads((folder / MIX).read_text(encoding="utf-8"))
    content.update(changes)
    (folder / MIX).write_text(json.dumps(content), encoding="utf-8")


def test_folder_and_file_are_the_same_mix(mixed: Path) -> None:
    mix = read_mix(mixed)
    assert mix == read_mix(mixed / MIX)
    assert mix.data == mixed.parent.resolve()
    assert mix.epochs[0].original == 6
    assert mix.sources[0].labels == mixed.parent.resolve() / "new/rec_gt.txt"
    assert mix.new_heads() == ("new/",)


@pytest.mark.parametrize(
    ("heads", "told"),
    [(("new/", "new/"), ()), (("", "a/"), ()), (("b/", ""), ("b/",)), (("b/", "a/"), ("b/",))],
)
def test_a_head_tells_new_lines_only_where_it_is_theirs_alone(
    mixed: Path, heads: tuple[str, str], told: tuple[str, ...]
) -> None:
    configuration = json.loads((mixed / MIX).read_text(encoding="utf-8"))["configuration"]
    configuration["sources"] = [source("new", heads[0]), source("original", heads[1])]
    rewrite(mixed, configuration=configuration)
    assert read_mix(mixed).new_heads() == told


def test_the_hash_of_an_epoch_is_that_of_both_lists(mixed: Path) -> None:
    before = read_mix(mixed)
    known = before.sha256(before.epochs[0])
    (mixed / "epoch-000.distil.txt").write_text("other\t\n", encoding="utf-8")
    assert before.sha256(before.epochs[0]) != known


def test_a_folder_without_a_record_is_no_mix(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no mix \(it holds no mix\.json\).*balance mix"):
        read_mix(tmp_path)


def test_another_commands_record_is_refused(mixed: Path) -> None:
    rewrite(mixed, command="synth generate")
    with pytest.raises(InputError, match=r"was written by 'synth generate'"):
        read_mix(mixed)


def test_a_changed_list_is_refused(mixed: Path) -> None:
    (mixed / "epoch-000.txt").write_text("new/a.png\t2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"epoch-000\.txt.* is not the list that mix\.json"):
        read_mix(mixed)


@pytest.mark.parametrize("name", ["epoch-000.txt", "epoch-000.distil.txt"])
def test_a_missing_list_is_named(mixed: Path, name: str) -> None:
    (mixed / name).unlink()
    with pytest.raises(InputError, match=rf"{name}.* is not there"):
        read_mix(mixed)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"configuration": {}}, r"lacks 'epochs'"),
        ({"configuration": {"epochs": None, "sources": []}}, r"lacks .*not iterable"),
        ({"configuration": {"epochs": [], "sources": [], "data_folder": ".."}}, r"holds no list"),
        ({"configuration": {"epochs": [{"list": "x"}]}}, r"lacks 'distil_list'"),
    ],
)
def test_a_record_of_another_shape_is_refused(
    mixed: Path, changes: dict[str, object], message: str
) -> None:
    rewrite(mixed, **changes)
    with pytest.raises(InputError, match=message):
        read_mix(mixed)
