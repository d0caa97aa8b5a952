"""What a scan finds, what it refuses by which reason, and in which order it looks."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.faces import font_files
from synth.faces import scan as scanning
from synth.faces.font_catalogue import Catalogue, Note
from synth.faces.font_face import HANDWRITTEN
from synth.faces.font_files import read_cached, read_font_file
from synth.faces.scan import FontSource, find_faces
from textlines import signals
from textlines.errors import InputError

Make = Callable[..., Path]


@pytest.fixture
def shape(rectangle: Any) -> dict[str, Any]:
    return {char: (rectangle(50, 0, 200 + ord(char), 700),) for char in "ABCabc"}


def test_folders_are_searched_to_the_bottom_whatever_the_case_of_suffixes(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "fonts"
    make_font(shape, name="One", path=folder / "deep" / "er" / "ONE.TTF")
    make_font(shape, name="Two", path=folder / "two.OtF")
    (folder / "readme.txt").write_text("no font")
    (folder / "type1.pfb").write_bytes(b"\x80\x01")
    found = find_faces([folder])
    assert [face.family for face in sorted(found.faces, key=lambda f: f.family)] == ["One", "Two"]
    assert found.refused == {"not a font": 2}


def test_order_and_names_of_files_do_not_matter(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    a = make_font(shape, name="One", path=tmp_path / "x" / "a.ttf")
    b = make_font(shape, name="Two", path=tmp_path / "x" / "b.ttf")
    (tmp_path / "y").mkdir()
    shutil.copy(a, tmp_path / "y" / "z.ttf")
    shutil.copy(b, tmp_path / "y" / "c.ttf")
    ids = [[face.id for face in find_faces([tmp_path / sub]).faces] for sub in "xy"]
    assert ids[0] == ids[1]


def test_a_file_that_is_there_twice_counts_once(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    path = make_font(shape, path=tmp_path / "x" / "a.ttf")
    shutil.copy(path, tmp_path / "x" / "b.ttf")
    found = find_faces([tmp_path / "x"])
    assert (len(found.faces), found.refused) == (1, {"duplicate": 1})


def test_a_collection_gives_a_face_for_each_index(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    from fontTools.ttLib import TTCollection, TTFont

    collection = TTCollection()
    collection.fonts = [TTFont(make_font(shape, name=name)) for name in ("One", "Two")]
    path = tmp_path / "both.ttc"
    collection.save(path)
    record = read_font_file(path)
    assert [(face.index, face.family) for face in record.faces] == [(0, "One"), (1, "Two")]
    faces = record.as_faces(path)
    assert faces[0].id[-2:] == "-0"
    assert faces[1].id[-2:] == "-1"
    assert faces[0].sha256 == faces[1].sha256


def damaged(make_font: Make, shape: Any, tmp_path: Path, how: str) -> Path:
    from fontTools.ttLib import TTFont, newTable
    from fontTools.ttLib.tables.DefaultTable import DefaultTable

    path = make_font(shape)
    data = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "truncated":
        path.write_bytes(data[: len(data) * 2 // 3])
    elif how == "broken":
        path.write_bytes(b"\x89PNG\r\n" + data)
    elif how == "cut in its directory":
        path.write_bytes(data[:20])
    else:
        font = TTFont(path)
        if how == "no cmap":
            del font["cmap"]
        elif how == "symbol cmap":
            font["cmap"].tables[0].platEncID = 0
            font["cmap"].tables = font["cmap"].tables[:1]
            font["cmap"].tables[0].platformID = 3
        else:
            del font["glyf"], font["loca"]
            font["EBDT"] = DefaultTable("EBDT")
            font["EBDT"].data = b"\0\2\0\0"
            assert newTable("EBDT") is not None
        font.save(tmp_path / "changed.ttf")
        return tmp_path / "changed.ttf"
    return path


@pytest.mark.parametrize(
    ("how", "reason", "detail"),
    [
        ("empty", "empty", "0 bytes"),
        ("truncated", "truncated", "ends at byte"),
        ("broken", "broken", "does not begin as a font does"),
        ("cut in its directory", "broken", "TTLibError"),
        ("no cmap", "no cmap", "no table from Unicode"),
        ("symbol cmap", "no cmap", "no table from Unicode"),
        ("bitmap only", "bitmap only", "only ['EBDT']"),
    ],
)
def test_a_bad_font_is_refused_with_its_reason(
    make_font: Make, shape: Any, tmp_path: Path, how: str, reason: str, detail: str
) -> None:
    record = read_font_file(damaged(make_font, shape, tmp_path, how))
    assert (record.refusal, record.faces) == (reason, ())
    assert detail in record.detail


def test_bad_fonts_are_counted_and_named_beside_a_good_one(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "fonts"
    make_font(shape, path=folder / "good.ttf")
    (folder / "empty.ttf").touch()
    (folder / "text.otf").write_text("hello")
    found = find_faces([folder])
    assert len(found.faces) == 1
    assert found.refused == {"broken": 1, "empty": 1}
    assert found.details[0] == f"{folder / 'empty.ttf'}: empty (0 bytes)"


@pytest.mark.parametrize("names", ["symbols", "greek"])
def test_a_font_that_draws_pictures_for_letters_is_refused(
    make_font: Make, shape: Any, names: str
) -> None:
    posing = {"A": "a10", "B": "a100", "C": "a101"}
    if names == "greek":
        posing = {"A": "Alpha", "B": "Beta", "C": "Chi"}
    letters = {char: shape[char] for char in "ABC"}
    assert read_font_file(make_font(letters, glyph_names=posing)).refusal == "pictures"


def test_a_font_that_draws_capitals_for_small_letters_is_no_picture_font(
    make_font: Make, shape: Any
) -> None:
    names = {"a": "A", "b": "B", "c": "C"}
    small = {char: shape[char] for char in "abc"}
    assert read_font_file(make_font(small, glyph_names=names)).refusal is None


def test_a_folder_without_fonts_is_an_error_that_says_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.png").touch()
    with pytest.raises(InputError, match=r"holds no usable font: 2 not a font\. Put \.ttf"):
        find_faces([tmp_path])


def test_a_folder_of_bad_fonts_names_one(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").touch()
    with pytest.raises(InputError, match=r"1 empty; first .*a\.ttf: empty \(0 bytes\)"):
        find_faces([tmp_path])


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--fonts .*gone: is not there"):
        find_faces([tmp_path / "gone"])


def test_unknown_licences_can_be_left_out_and_are_counted(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    make_font(shape, name="Free", licence="SIL Open Font License", path=tmp_path / "f" / "a.ttf")
    make_font(shape, name="Odd", path=tmp_path / "f" / "b.ttf")
    found = find_faces([tmp_path / "f"], licence="known")
    assert [(face.family, face.licence) for face in found.faces] == [("Free", "OFL-1.1")]
    assert found.refused == {"unknown licence": 1}


def test_the_catalogue_adds_what_the_file_does_not_say(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    make_font(shape, name="Meter Bold", path=tmp_path / "f" / "a.ttf")
    make_font(shape, name="Weather", path=tmp_path / "f" / "b.ttf")
    notes = Catalogue(
        face=(
            Note(family="meter", kind="seven_segment", licence="MIT", weight=2, declared="05"),
            Note(family="Weather", pictures=True),
        )
    )
    found = find_faces([tmp_path / "f"], catalogue=notes)
    (face,) = found.faces
    assert (face.kind, face.licence, face.weight) == ("seven_segment", "MIT", 2)
    assert face.declared == frozenset("05")
    assert found.refused == {"pictures": 1}


def test_unchanged_files_are_not_read_again(
    make_font: Make, shape: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_font(shape)
    seen: list[tuple[int, int]] = []
    first = read_cached([path], lambda *at: seen.append(at))

    def never(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(font_files, "read_font_file", never)
    assert read_cached([path]) == first
    assert seen == [(1, 1)]


def test_a_changed_file_is_read_again(make_font: Make, shape: Any) -> None:
    path = make_font(shape)
    before = read_cached([path])[path]
    make_font({"A": shape["B"]}, name="Other", path=path)
    after = read_cached([path])[path]
    assert before.faces[0].family == "Test"
    assert after.faces[0].family == "Other"


def test_many_files_are_read_by_several_processes(
    make_font: Make, shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font_files, "_FEW", 2)
    paths = [make_font(shape, name=f"N{k}", path=tmp_path / f"{k}.ttf") for k in range(4)]
    records = read_cached(paths, workers=2)
    assert [records[path].faces[0].family for path in paths] == ["N0", "N1", "N2", "N3"]


def test_few_files_of_many_bytes_are_read_by_several_processes_too(
    make_font: Make, shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    def pool(count: int) -> Any:
        started.append(count)
        return signals.worker_pool(count)

    monkeypatch.setattr(font_files, "worker_pool", pool)
    paths = [make_font(shape, name=f"M{k}", path=tmp_path / f"{k}.ttf") for k in range(3)]
    told: list[tuple[int, int]] = []
    read_cached(paths[:2], lambda *state: told.append(state), workers=2)
    assert (started, told) == ([], [(1, 2), (2, 2)])
    monkeypatch.setattr(font_files, "_LITTLE_BYTES", 100)
    told.clear()
    paths = [make_font(shape, name=f"L{k}", path=tmp_path / f"l{k}.ttf") for k in range(3)]
    records = read_cached(paths, lambda *state: told.append(state), workers=2)
    assert (started, told) == ([2], [(1, 3), (2, 3), (3, 3)])
    assert [records[path].faces[0].family for path in paths] == ["L0", "L1", "L2"]


def test_hidden_files_beside_fonts_are_foreign_ones(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    make_font(shape, path=tmp_path / "good.ttf")
    (tmp_path / "._good.ttf").write_bytes(b"\x00\x05\x16\x07 of another system")
    (tmp_path / "fonts.dir").write_text("3\n", encoding="utf-8")
    found = find_faces([tmp_path])
    assert len(found.faces) == 1
    assert (found.refused, found.details) == ({"not a font": 2}, ())
    assert not found.is_of_machine


def die(path: Path) -> Any:
    import os

    if path.name == "killer.ttf":
        os._exit(1)
    return read_font_file(path)


def test_a_font_that_kills_its_reader_is_counted_and_the_rest_is_read(
    make_font: Make, shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font_files, "_FEW", 2)
    monkeypatch.setattr(font_files, "read_font_file", die)
    paths = [
        make_font(shape, name=name, path=tmp_path / f"{name}.ttf") for name in ("a", "killer", "z")
    ]
    records = read_cached(paths, workers=2)
    assert [records[path].refusal for path in paths] == [None, "broken", None]


def test_weights_that_name_themselves_as_families_are_of_one_family(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    for family, style in (("Way", "Regular"), ("Way", "Bold"), ("Way Light", "Italic")):
        make_font(shape, name=family, style=style, path=tmp_path / "x" / f"{family}{style}.ttf")
    make_font(shape, name="Way Condensed", path=tmp_path / "x" / "c.ttf")
    found = sorted((face.family, face.style) for face in find_faces([tmp_path / "x"]).faces)
    way = [("Way", "Bold"), ("Way", "Light Italic"), ("Way", "Regular")]
    assert found == [*way, ("Way Condensed", "Regular")]


def test_a_note_says_that_a_family_is_handwritten_whatever_its_files_say(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    make_font(shape, name="Pen", path=tmp_path / "x" / "pen.ttf")
    plain = find_faces([tmp_path / "x"], catalogue=Catalogue()).faces[0].traits
    notes = Catalogue(face=(Note(family="Pen", handwritten=True),))
    assert HANDWRITTEN not in plain
    assert find_faces([tmp_path / "x"], catalogue=notes).faces[0].traits == (*plain, HANDWRITTEN)


def test_a_note_says_which_families_are_one_design(
    make_font: Make, shape: Any, tmp_path: Path
) -> None:
    for family in ("Noto Sans K", "Noto Sans J", "Other"):
        make_font(shape, name=family, path=tmp_path / "x" / f"{family}.ttf")
    notes = Catalogue(face=(Note(family="Noto Sans", design="Source"),))
    found = {
        face.family: face.design for face in find_faces([tmp_path / "x"], catalogue=notes).faces
    }
    assert found == {"Noto Sans K": "Source", "Noto Sans J": "Source", "Other": ""}


def test_the_first_place_that_holds_faces_is_used(
    make_font: Make, shape: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, machine, variable = (tmp_path / name for name in ("own", "machine", "variable"))
    own.mkdir()
    make_font(shape, name="Machine", path=machine / "m.ttf")
    make_font(shape, name="Variable", path=variable / "v.ttf")
    monkeypatch.setattr(scanning, "asset_dir", lambda name: own)
    monkeypatch.setattr(scanning, "machine_sources", lambda: [FontSource("system", machine)])
    assert [face.family for face in find_faces().faces] == ["Machine"]
    monkeypatch.setenv("OCR_FONT_DIRS", str(variable))
    assert [face.family for face in find_faces().faces] == ["Variable"]
    second = make_font(shape, name="Second", path=tmp_path / "second" / "s.ttf").parent
    monkeypatch.setenv("OCR_FONT_DIRS", os.pathsep.join(map(str, (variable, second))))
    assert {face.family for face in find_faces().faces} == {"Variable", "Second"}
    make_font(shape, name="Own", path=own / "o.ttf")
    assert [face.family for face in find_faces().faces] == ["Own"]
    assert [face.family for face in find_faces([machine]).faces] == ["Machine"]


def test_a_wrong_variable_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCR_FONT_DIRS", str(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"OCR_FONT_DIRS=.*gone: is not a folder\. Correct"):
        find_faces()
