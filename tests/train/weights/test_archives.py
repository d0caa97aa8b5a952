"""Archives: a model comes out, nothing leaves the folder, and errors name places in the archive."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.models.model_sources import source_of
from train.weights import archives
from train.weights.archives import unpacked

TRAINED = {
    "ch_PP-OCRv3_rec_train/best_accuracy.pdparams": b"weights",
    "ch_PP-OCRv3_rec_train/best_accuracy.pdopt": b"state",
    "ch_PP-OCRv3_rec_train/train.log": b"log",
}
EXPORTED = {
    "./PP-OCRv5_server_rec_infer/inference.json": b"{}",
    "./PP-OCRv5_server_rec_infer/inference.pdiparams": b"numbers",
    "./PP-OCRv5_server_rec_infer/._inference.json": b"of a Mac",
    "./PP-OCRv5_server_rec_infer/inference.yml": b"Global: {}",
}


def packed(
    path: Path, files: Mapping[str, bytes], *members: tarfile.TarInfo, mode: str = "w"
) -> Path:
    """Write an archive of files and of members without content."""
    with tarfile.open(path, mode) as out:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
        for member in members:
            out.addfile(member)
    return path


def link(name: str, kind: bytes, to: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


@pytest.mark.parametrize(("ending", "mode"), [(".tar", "w"), (".tar.gz", "w:gz"), (".tgz", "w:gz")])
def test_a_training_archive_is_its_checkpoint(tmp_path: Path, ending: str, mode: str) -> None:
    path = packed(tmp_path / f"ch_PP-OCRv3_rec_train{ending}", TRAINED, mode=mode)
    with unpacked(str(path)) as found:
        folder = Path(found.path)
        assert folder.name == "ch_PP-OCRv3_rec_train"
        assert [file.name for file in folder.iterdir()] == ["best_accuracy.pdparams"]
        assert (folder / "best_accuracy.pdparams").read_bytes() == b"weights"
    assert found.archive == path
    assert found.taken == ("ch_PP-OCRv3_rec_train/best_accuracy.pdparams",)
    assert [name.rpartition("/")[2] for name in found.left] == ["best_accuracy.pdopt", "train.log"]
    assert not folder.exists()


def test_an_archive_for_inference_is_its_folder(tmp_path: Path) -> None:
    path = packed(tmp_path / "m.tar", EXPORTED)
    with unpacked(str(path)) as found:
        assert Path(found.path).name == "PP-OCRv5_server_rec_infer"
        held = sorted(file.name for file in Path(found.path).iterdir())
    assert held == ["inference.json", "inference.pdiparams", "inference.yml"]
    assert [name.rpartition("/")[2] for name in found.left] == ["._inference.json"]


def test_an_archive_of_an_onnx_file_is_that_file(tmp_path: Path) -> None:
    with unpacked(str(packed(tmp_path / "m.tar", {"m/rec.onnx": b"graph"}))) as found:
        assert Path(found.path).name == "rec.onnx"


@pytest.mark.parametrize("model", ["PP-OCRv4_mobile_rec", "nowhere.tar", "a/folder"])
def test_what_is_no_archive_is_handed_on(model: str) -> None:
    with unpacked(model) as found:
        assert (found.path, found.archive, found.taken) == (model, None, ())


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (link("m/a.pdparams", tarfile.SYMTYPE, "/etc/passwd"), "a link or a device"),
        (link("m/a.pdparams", tarfile.LNKTYPE, "m/b.pdparams"), "a link or a device"),
        (link("m", tarfile.SYMTYPE, ".."), "a link or a device"),
        (link("m/pipe.pdparams", tarfile.FIFOTYPE, ""), "a link or a device"),
        (link("m/zero.pdparams", tarfile.CHRTYPE, ""), "a link or a device"),
        (tarfile.TarInfo("../out.pdparams"), "a path that leads out of it"),
        (tarfile.TarInfo("m/../../out.pdparams"), "a path that leads out of it"),
        (tarfile.TarInfo("/tmp/out.pdparams"), "a path that leads out of it"),
        (tarfile.TarInfo("m\\..\\..\\out.pdparams"), "a path that leads out of it"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_links_and_paths_out_are_refused(
    tmp_path: Path, member: tarfile.TarInfo, message: str
) -> None:
    path = packed(tmp_path / "m.tar", TRAINED, member)
    with pytest.raises(InputError) as caught, unpacked(str(path)):
        raise AssertionError("was unpacked")
    assert f"m.tar: holds {message} ({member.name!r})" in str(caught.value)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.tar"]


@given(name=st.text(st.sampled_from("a./\\"), min_size=1, max_size=12))
def test_no_name_leads_out(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("archive")
    path = packed(folder / "m.tar", {f"{name}.pdparams": b"weights"})
    try:
        with unpacked(str(path)) as found:
            place = Path(found.path).resolve()
            assert place.is_dir()
            assert any(part.startswith("model-") for part in place.parts)
    except InputError as error:
        assert "leads out of it" in str(error) or "holds no model" in str(error)
    assert [file.name for file in folder.iterdir()] == ["m.tar"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"m/readme.txt": b""}, "m.tar: holds no model"),
        ({}, "m.tar: holds no model"),
        (
            TRAINED | EXPORTED,
            "m.tar: holds 2 models (PP-OCRv5_server_rec_infer, ch_PP-OCRv3_rec_train)",
        ),
        ({"a.onnx": b"", "b/c.onnx": b""}, "m.tar: holds 2 models (a.onnx, b/c.onnx)"),
    ],
)
def test_an_archive_without_one_model_is_told(
    tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    path = packed(tmp_path / "m.tar", files)
    with pytest.raises(InputError) as caught, unpacked(str(path)):
        raise AssertionError("was unpacked")
    assert message in str(caught.value)


def test_a_file_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "m.tar", TRAINED)
    with tarfile.open(path, "a") as out:
        member = tarfile.TarInfo("ch_PP-OCRv3_rec_train/best_accuracy.pdparams")
        out.addfile(member, io.BytesIO(b""))
    with (
        pytest.raises(InputError, match=r"best_accuracy\.pdparams' twice"),
        unpacked(str(path)),
    ):
        raise AssertionError("was unpacked")


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "m.tgz", {"m/a.pdparams": bytes(4096)}, mode="w:gz")
    monkeypatch.setattr(archives, "MOST_BYTES", 4095)
    with pytest.raises(InputError, match="unpacks to more than"), unpacked(str(path)):
        raise AssertionError("was unpacked")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_broken_archive_is_told_at_every_length(tmp_path: Path, mode: str) -> None:
    whole = packed(tmp_path / "whole.tar", TRAINED, mode=mode).read_bytes()
    cut = tmp_path / "cut.tar"
    for length in (0, 1, 100, 512, 600, len(whole) // 2):
        cut.write_bytes(whole[:length])
        try:
            with unpacked(str(cut)) as found:
                # A plain archive that is cut behind a member is whole as far as it goes.
                assert (Path(found.path) / "best_accuracy.pdparams").read_bytes() == b"weights"
        except InputError as error:
            assert str(error).startswith(f"{cut}: ")


def test_an_error_within_the_block_names_the_place_in_the_archive(tmp_path: Path) -> None:
    path = packed(tmp_path / "m.tar", TRAINED)
    with pytest.raises(InputError) as caught, unpacked(str(path)) as found:
        raise InputError(f"{found.path}/best_accuracy.pdparams", "is cut short", "Copy it again.")
    assert str(caught.value) == (
        f"{path}: ch_PP-OCRv3_rec_train/best_accuracy.pdparams: is cut short. Copy it again."
    )


def test_other_commands_say_what_becomes_of_an_archive(tmp_path: Path) -> None:
    path = packed(tmp_path / "m.tar", TRAINED)
    with pytest.raises(InputError, match=r"is an archive.*train weights .*m\.tar --out FOLDER"):
        source_of(path)
