"""The base folder: whole or not at all, and nothing in it that was changed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.models.base_folder import BaseFolder, Parity, Source, read_base, write_base
from train.networks.spec import NetworkSpec

# NFD (one that composes to another entry), a blank entry, several code points, a duplicate.
HANGUL = ("가", "각", "\u1100\u1161", "\u1112\u1161\u11ab", "", "㈜회사", "\u3000", "가")
SPEC = NetworkSpec(name="ours", family="svtr_lcnet_v4", classes=len(HANGUL) + 2)
TENSORS = {
    "backbone.conv1.conv.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "head.fc.bias": np.float32([0.1, -2]),
}
SOURCE = Source(kind="onnx", files={"m.onnx": "ab" * 32}, tensors={"loaded": 2})
PARITY = Parity(of="one and two", lines=6, largest=3e-6, same_text=6, tolerance=1e-4)


def write(path: Path, **changes: Any) -> BaseFolder:
    usual: dict[str, Any] = {
        "spec": SPEC,
        "tensors": TENSORS,
        "alphabet": Alphabet(HANGUL),
        "write_graph": lambda graph: graph.write_bytes(b"onnx") and None,
        "source": SOURCE,
        "parity": (PARITY,),
        "versions": {"numpy": "2"},
    }
    return write_base(path, **(usual | changes))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = write(tmp_path / "base")
    found = read_base(tmp_path / "base")
    assert found == written
    assert (found.spec, found.source, found.parity) == (SPEC, SOURCE, (PARITY,))
    assert found.alphabet.entries == HANGUL
    tensors = found.tensors()
    assert list(tensors) == list(TENSORS)
    for name, array in TENSORS.items():
        np.testing.assert_array_equal(tensors[name], array)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a")
    write(tmp_path / "b")
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_a_comparison_made_while_writing_is_kept(tmp_path: Path) -> None:
    second = Parity(of="two and three", lines=1, largest=0.0, same_text=1, tolerance=1e-4)

    def write_graph(graph: Path) -> Parity:
        graph.write_bytes(b"onnx")
        return second

    assert write(tmp_path / "base", write_graph=write_graph).parity == (PARITY, second)


@pytest.mark.parametrize("name", ["weights.npz", "dictionary.txt", "inference.onnx"])
def test_a_changed_or_missing_file_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path / "base")
    file = tmp_path / "base" / name
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(InputError, match=rf"{name}: is not the file that model\.toml describes"):
        read_base(tmp_path / "base")
    file.unlink()
    with pytest.raises(InputError, match=rf"{name}: is not there"):
        read_base(tmp_path / "base")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "is of format 2, not 1"),
        ("format = 1", "format = ", "is no TOML"),
        ("classes = 10", "classes = 11", r"gives 10 classes .*, the network has 11"),
        ("[network]", "[net]", "lacks 'network'"),
        ("depth = 2", "depth = 0", "is broken .*start at 1"),
        ("depth = 2", "deep = 2", "is broken .*deep"),
    ],
)
def test_a_broken_description_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    write(tmp_path / "base")
    about = tmp_path / "base" / "model.toml"
    text = about.read_text()
    assert old in text
    about.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message):
        read_base(tmp_path / "base")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no model folder .*train weights NAME_OR_PATH"):
        read_base(tmp_path)


def test_nothing_is_left_of_a_folder_that_could_not_be_made(tmp_path: Path) -> None:
    def fail(graph: Path) -> None:
        graph.write_bytes(b"half")
        raise InputError("parity", "differs")

    with pytest.raises(InputError, match="differs"):
        write(tmp_path / "base", write_graph=fail)
    assert list(tmp_path.iterdir()) == []
    before = write(tmp_path / "base")
    with pytest.raises(InputError, match="differs"):
        write(tmp_path / "base", write_graph=fail)
    assert read_base(tmp_path / "base") == before
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_a_base_folder_is_replaced_and_anything_else_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "base")
    assert write(tmp_path / "base", versions={}).versions == {}
    other = tmp_path / "photos"
    other.mkdir()
    (other / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(InputError, match="holds other files, which would be lost"):
        write(other)
    with pytest.raises(InputError, match="is a file"):
        write(other / "cat.jpg")
    assert (other / "cat.jpg").read_bytes() == b"meow"


def test_an_entry_that_a_dictionary_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    entries = ("a\r", *HANGUL[1:])
    with pytest.raises(InputError, match="would not read back as it is"):
        write(tmp_path / "base", alphabet=Alphabet(entries))
    assert list(tmp_path.iterdir()) == []


def test_a_dictionary_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gives 9 classes .*, the network has 10"):
        write(tmp_path / "base", alphabet=Alphabet(HANGUL, use_space_char=False))
