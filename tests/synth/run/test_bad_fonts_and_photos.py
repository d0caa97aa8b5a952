"""Bad fonts and photos: a folder of them alone is refused, a mix goes on and counts them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from synth.faces.display import display_faces

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]

STYLE = """
faces = ["seven_segment"]
[output]
height = 16
[surfaces]
photo = { p = 1 }
"""


@pytest.fixture
def generate(synth_here: Run, write_file: Write, tmp_path: Path) -> Run:
    """Return a function that draws four numbers into `run`."""
    style, texts = write_file("photo.toml", STYLE), write_file("list.txt", "12\n47\n30\n88\n")
    plain = write_file("plain.toml", STYLE.partition("[surfaces]")[0])

    def run(*words: object) -> Any:
        chosen = style if "--backgrounds" in words else plain
        shared = ("--style", chosen, "--text-list", texts, "--workers", 1)
        return synth_here("generate", *shared, "--out", tmp_path / "run", *words)

    return run


def counts(tmp_path: Path) -> dict[str, int]:
    """Read the counts of the run."""
    found: dict[str, int] = json.loads((tmp_path / "run" / "run.json").read_text())["counts"]
    return found


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """Encode an image."""
    data = io.BytesIO()
    image.save(data, form, **options)
    return data.getvalue()


def texture(width: int = 120, height: int = 90) -> Image.Image:
    """Make a picture that no other is like."""
    return Image.effect_mandelbrot((width, height), (-2, -1.5, 1, 1.5), 30).convert("RGB")


def bad_photos() -> dict[str, bytes]:
    """Make a file of every kind that is no photo to draw on."""
    whole = encoded(texture(), "JPEG")
    bomb = encoded(Image.new("1", (10_000, 5_000)), "PNG")
    return {
        "cut.jpg": whole[: len(whole) // 2],
        "zero.png": b"",
        "fifty_megapixel.png": bomb,
        "text.jpg": b"this is no image\n",
        "tiny.png": encoded(texture(3, 3), "PNG"),
        "notes.txt": b"shopping list\n",
    }


BAD = {"truncated", "empty", "too_large", "not_an_image", "too_small", "other_file"}


def test_bad_photos_among_good_ones_are_counted_and_named(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    good = {
        "exif.jpg": encoded(texture(), "JPEG", exif=turned),
        "alpha.png": encoded(texture(110).convert("RGBA"), "PNG"),
        "cmyk.jpg": encoded(texture(100).convert("CMYK"), "JPEG"),
    }
    again = {"exif_again.jpg": good["exif.jpg"]}
    for name, data in {**good, **bad_photos(), **again}.items():
        write_file(f"photos/{name}", data)
    ended = generate("--backgrounds", tmp_path / "photos")
    assert ended.code == 0, ended.err
    found = counts(tmp_path)
    start = "left out: photo: "
    told = {name.removeprefix(start) for name in found if name.startswith(start)}
    assert told == {*BAD, "same_content"}
    assert all(found[f"{start}{reason}"] == 1 for reason in told)
    assert "photo: cut short, left out: 1 (cut.jpg)" in ended.err
    assert "photo: too many pixels, left out: 1 (fifty_megapixel.png)" in ended.err
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert len(record["configuration"]["photos"]) == 3


def test_a_folder_of_bad_photos_alone_is_refused(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    for name, data in bad_photos().items():
        write_file(f"photos/{name}", data)
    ended = generate("--backgrounds", tmp_path / "photos")
    assert ended.code == 1
    assert f"{tmp_path / 'photos'}: holds no usable photo (" in ended.err
    assert all(f"1 {reason}" in ended.err for reason in BAD)
    assert "Put JPEG, PNG or WebP photos there, or leave --backgrounds out." in ended.err
    assert not (tmp_path / "run").exists()


def test_a_folder_of_photos_that_is_none(generate: Run, write_file: Write, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = generate("--backgrounds", tmp_path / "empty")
    assert ended.code == 1
    assert f"{tmp_path / 'empty'}: holds no usable photo (no file at all)." in ended.err
    for path in (tmp_path / "missing", write_file("photo.jpg", encoded(texture(), "JPEG"))):
        ended = generate("--backgrounds", path)
        assert ended.code == 1
        assert f"{path}: is not a folder. Name a folder of photos with --backgrounds." in ended.err


def test_photos_and_styles_that_do_not_meet_are_told(
    generate: Run, synth_here: Run, write_file: Write, tmp_path: Path
) -> None:
    style = write_file("photo.toml", STYLE)
    words = ("--style", style, "--chars", "1", "--count", 2, "--out", tmp_path / "run")
    ended = synth_here("generate", *words)
    assert ended.code == 2
    assert f"--style {style}: draws on photos, and no folder of photos is given." in ended.err
    assert not (tmp_path / "run").exists()
    photo = write_file("photos/a.jpg", encoded(texture(), "JPEG"))
    words = ("--style", "lcd", "--chars", "1", "--count", 2, "--workers", 1)
    words = (*words, "--set", "photos.p=0", "--backgrounds", photo.parent)
    ended = synth_here("generate", *words, "--out", tmp_path / "run")
    assert ended.code == 0, ended.err
    assert "photo: not drawn on by this style (--set photos.p=0.3 does): 1" in ended.err
    assert counts(tmp_path)["left out: photo: unused"] == 1


def surfaces(run: Path) -> list[str]:
    """Name what each line of a run is drawn on."""
    rows = (run / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(row)["surface"][0] for row in rows]


def test_given_photos_take_the_share_that_the_style_says(
    synth_here: Run, write_file: Write, tmp_path: Path
) -> None:
    photos = write_file("photos/a.png", encoded(texture(640, 480), "PNG")).parent
    texts = write_file("list.txt", "".join(f"{k:03}\n" for k in range(60)))
    words = ("--style", "lcd", "--text-list", texts, "--workers", 1)

    def run(name: str, *more: object) -> list[str]:
        ended = synth_here("generate", *words, "--out", tmp_path / name, *more)
        assert ended.code == 0, ended.err
        assert "photo: not drawn" not in ended.err
        return surfaces(tmp_path / name)

    stock = run("stock", "--backgrounds", photos)
    assert 1 <= stock.count("photo") <= 25
    half = run("half", "--backgrounds", photos, "--set", "photos.p=0.5")
    assert 18 <= half.count("photo") <= 42
    # A line that so busy a photo leaves illegible in every attempt is drawn plain.
    assert set(half) - {"plain"} == {"photo", "lcd"}
    whole = run("all", "--backgrounds", photos, "--set", "photos.p=1")
    assert set(whole) - {"plain"} == {"photo"}
    assert whole.count("photo") > half.count("photo")
    plain, never = run("plain"), run("never", "--set", "photos.p=0")
    assert "photo" not in plain
    labels = {
        name: (tmp_path / name / "manifest.jsonl").read_bytes() for name in ("plain", "never")
    }
    assert labels["plain"] == labels["never"]
    assert len(never) == 60


def test_a_photo_that_breaks_while_drawing_ends_the_run_with_its_name(
    synth_here: Run, cache_home: Path, tmp_path: Path, write_file: Write
) -> None:
    from synth.draws import Draws
    from synth.rendering.photos import PhotoBank
    from textlines.errors import InputError

    photo = write_file("photos/a.jpg", encoded(texture(), "JPEG"))
    listing = PhotoBank(photo.parent).listing
    photo.write_bytes(photo.read_bytes()[:900])
    with pytest.raises(InputError, match=r"a\.jpg: is a JPEG cut short"):
        PhotoBank(photo.parent, listing).crop(16, 40, Draws(1, 0))


def bitmap_only(path: Path) -> bytes:
    """Take the outlines out of a font and leave it a table of bitmaps."""
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.tables.DefaultTable import DefaultTable

    font = TTFont(path, recalcBBoxes=False)
    for tag in ("glyf", "loca"):
        del font[tag]
    font["EBDT"] = DefaultTable("EBDT")
    font["EBDT"].data = b"\0\2\0\0"
    data = io.BytesIO()
    font.save(data)
    return data.getvalue()


@pytest.fixture
def bad_fonts(cache_home: Path) -> dict[str, bytes]:
    """Make a file of every kind that is no font to draw with."""
    face = display_faces()[0].path
    whole = face.read_bytes()
    return {
        "cut.ttf": whole[: len(whole) // 2],
        "zero.otf": b"",
        "text.ttf": b"this is no font, whatever its name says\n",
        "bitmap.ttf": bitmap_only(face),
        "readme.md": b"# fonts\n",
    }


def test_bad_fonts_among_good_ones_are_counted_and_named(
    generate: Run, write_file: Write, tmp_path: Path, bad_fonts: dict[str, bytes]
) -> None:
    good = next(face.path for face in display_faces() if face.kind == "seven_segment")
    for name, data in {**bad_fonts, "good.ttf": good.read_bytes()}.items():
        write_file(f"mine/{name}", data)
    ended = generate("--fonts", tmp_path / "mine")
    assert ended.code == 0, ended.err
    found = {name: n for name, n in counts(tmp_path).items() if "font: " in name}
    assert sum(found.values()) == len(bad_fonts)
    assert {found[f"left out: font: {why}"] for why in ("not a font", "bitmap only", "empty")} == {
        1
    }
    assert f"font: file of 0 bytes, left out: 1 ({tmp_path / 'mine' / 'zero.otf'})" in ended.err
    for name in ("cut.ttf", "text.ttf", "bitmap.ttf"):
        assert str(tmp_path / "mine" / name) in ended.err


def test_a_folder_of_bad_fonts_alone_is_refused(
    generate: Run, write_file: Write, tmp_path: Path, bad_fonts: dict[str, bytes]
) -> None:
    for name, data in bad_fonts.items():
        write_file(f"mine/{name}", data)
    ended = generate("--fonts", tmp_path / "mine")
    assert ended.code == 1
    assert f"--fonts {tmp_path / 'mine'}: holds no usable font: " in ended.err
    assert "Put .ttf, .otf, .ttc, .otc, .woff or .woff2 files there" in ended.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["cut.ttf", "zero.otf", "text.ttf", "bitmap.ttf"])
def test_one_bad_font_alone_is_named(
    name: str, generate: Run, write_file: Write, bad_fonts: dict[str, bytes]
) -> None:
    font = write_file(name, bad_fonts[name])
    ended = generate("--fonts", font)
    assert ended.code == 1
    assert f"--fonts {font}: holds no usable font: 1 " in ended.err
    assert "Traceback" not in ended.err


def test_a_folder_of_no_fonts_is_refused(generate: Run, write_file: Write, tmp_path: Path) -> None:
    folder = write_file("mine/readme.md", "# fonts\n").parent
    ended = generate("--fonts", folder)
    assert ended.code == 1
    assert f"--fonts {folder}: holds no usable font: 1 not a font." in ended.err
    missing = tmp_path / "missing"
    ended = generate("--fonts", missing)
    assert ended.code == 1
    assert f"--fonts {missing}: is not there. Name a folder that holds fonts." in ended.err


def test_fonts_of_a_kind_that_the_style_does_not_draw_are_refused(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    dots = next(face.path for face in display_faces() if face.kind == "dot_matrix")
    write_file("mine/dots.ttf", dots.read_bytes())
    ended = generate("--fonts", tmp_path / "mine")
    assert ended.code == 2
    assert "draws from faces of the kind seven_segment; none of the 1 found is one" in ended.err


def test_handwritten_faces_alone_are_refused_by_a_style_without_handwriting(
    generate: Run, tmp_path: Path
) -> None:
    font = TTFont(next(face.path for face in display_faces() if face.kind == "dot_matrix"))
    font["name"].removeNames(nameID=256)
    font["OS/2"].panose.bFamilyType = 3
    (tmp_path / "mine").mkdir()
    font.save(tmp_path / "mine" / "pen.ttf")
    ended = generate("--fonts", tmp_path / "mine", "--style", "receipt")
    assert ended.code == 2
    assert "draws in no handwritten face, and 1 face found is handwritten" in ended.err
    drawn = generate("--fonts", tmp_path / "mine", "--style", "receipt", "--set", "handwritten=1")
    assert drawn.code == 0
