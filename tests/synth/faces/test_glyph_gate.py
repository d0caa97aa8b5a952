"""The rules of the glyph gate, on real faces and on made ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.faces.display import display_faces
from synth.faces.font_face import Face
from synth.faces.glyph_gate import FaceGate, Gate

Installed = Callable[[str], Face]
RUSSIAN = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ")
ENGLISH = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@pytest.fixture(scope="module")
def dejavu(installed_font: Installed) -> Face:
    return installed_font("DejaVuSans.ttf")


def test_capital_o_is_drawable_in_dejavu_with_the_dictionary_of_ppocr_v4(
    dejavu: Face, ppocr_v4: frozenset[str]
) -> None:
    verdict = Gate(ppocr_v4).stands_for(dejavu, "O")
    assert verdict.ok
    assert "Ο" in verdict.twins  # the Greek one, which that dictionary holds


def test_cyrillic_a_is_drawn_in_a_russian_line_and_refused_in_an_english_one(dejavu: Face) -> None:
    gate = Gate(RUSSIAN | ENGLISH).of(dejavu)
    assert gate.judge("Аня")["А"].ok
    assert gate.judge("Аnna")["А"].reason == "looks like A"


def test_latin_a_is_refused_in_a_russian_line(dejavu: Face) -> None:
    gate = Gate(RUSSIAN | ENGLISH).of(dejavu)
    assert not gate.judge("Aня")["A"].ok
    assert gate.judge("Anna")["A"].ok


def test_a_line_of_look_alikes_alone_is_ascii(dejavu: Face) -> None:
    gate = Gate(RUSSIAN | ENGLISH).of(dejavu)
    assert all(verdict.ok for verdict in gate.judge("COP").values())
    assert not any(verdict.ok for verdict in gate.judge("СОР").values())


def test_a_line_of_both_scripts_decides_nothing(dejavu: Face) -> None:
    gate = Gate(RUSSIAN | ENGLISH).of(dejavu)
    verdicts = gate.judge("яdA")
    assert verdicts["я"].ok
    assert verdicts["d"].ok
    assert not verdicts["A"].ok


@pytest.mark.parametrize("char", "aAzZkK")
def test_dseg_letters_are_refused(installed_font: Installed, char: str) -> None:
    face = installed_font("DSEG7Classic-Regular.ttf")
    verdict = Gate(ENGLISH).stands_for(face, char)
    assert not verdict.ok
    assert char.swapcase() in verdict.twins


def test_dseg_digits_are_drawable(installed_font: Installed) -> None:
    gate = Gate(ENGLISH | set("-.")).of(installed_font("DSEG7Classic-Regular.ttf"))
    assert all(verdict.ok for verdict in gate.judge("0123456789-.").values())


def test_the_blank_exclamation_mark_of_dseg_is_refused(installed_font: Installed) -> None:
    face = installed_font("DSEG7Classic-Regular.ttf")
    assert Gate("!a").stands_for(face, "!").reason == "blank"


def test_a_character_that_no_label_can_hold_never_counts(installed_font: Installed) -> None:
    face = installed_font("NotoSansKR-Regular.otf")
    compatible = "\uf92c"  # composes to U+90CE, so that no label in NFC holds it
    gate = Gate(["郎", compatible, "良", "郞"]).of(face)
    assert gate.stands_for("郎").ok
    assert gate.stands_for("郎").twins == ()


@pytest.mark.parametrize("pair", ["를롤", "훌흘", "흔혼", "값갑", "未末", "土士", "0O", ".,", "1l"])
@pytest.mark.parametrize("file", ["NotoSansKR-Regular.otf", "NotoSerifKR-Regular.otf"])
def test_near_twins_of_a_text_face_are_drawable_and_clear(
    installed_font: Installed, file: str, pair: str
) -> None:
    face = installed_font(file)
    gate = Gate(pair)
    assert all(gate.stands_for(face, char).ok for char in pair)
    assert gate.distinct(face, *pair)


def test_stem_like_i_and_l_are_refused_where_they_are_the_same(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    same = make_font({"I": (rectangle(100, 0, 190, 730),), "l": (rectangle(100, 0, 185, 732),)})
    gate = Gate("Il").of(face_of(same))
    assert gate.stands_for("I").reason == "looks like l"
    assert gate.stands_for("l").reason == "looks like I"
    assert not gate.distinct("I", "l")


def test_a_pair_that_differs_a_little_is_drawable_but_not_clear(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    taller = make_font({"I": (rectangle(100, 0, 190, 730),), "l": (rectangle(100, 0, 190, 765),)})
    gate = Gate("Il").of(face_of(taller))
    assert gate.stands_for("I").ok
    assert not gate.distinct("I", "l")


def test_tofu_is_refused(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    notdef = (rectangle(50, 0, 90, 700), rectangle(200, 0, 240, 700))
    face = face_of(make_font({"가": notdef, "나": (rectangle(0, 0, 500, 500),)}))
    gate = Gate("가나").of(face)
    assert gate.stands_for("가").reason == "tofu"
    assert gate.stands_for("나").ok


def test_one_glyph_for_two_characters_makes_them_twins(installed_font: Installed) -> None:
    face = installed_font("DejaVuSans.ttf")
    gate = Gate("-‐‑").of(face)
    assert gate.stands_for("-").ok
    assert gate.stands_for("‐").reason.startswith("looks like")


def test_greek_mu_needs_a_greek_line(installed_font: Installed) -> None:
    gate = Gate("µμαβγm").of(installed_font("DejaVuSans.ttf"))
    assert gate.judge("5 µm")["µ"].ok
    assert not gate.judge("5 μm")["μ"].ok
    assert gate.judge("αμβ")["μ"].ok
    assert not gate.judge("αµβ")["µ"].ok


def test_the_full_width_form_gives_way_to_the_plain_one(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    shape = (rectangle(100, 0, 190, 730), rectangle(190, 300, 400, 390))
    face = face_of(make_font({"A": shape, "Ａ": shape, "b": (rectangle(50, 0, 99, 400),)}))
    gate = Gate("AＡb").of(face)
    for text in ("Ab", "A"):
        assert gate.judge(text)["A"].ok
    assert not gate.judge("Ａb")["Ａ"].ok


def test_five_is_drawable_in_our_seven_segment_faces_and_s_is_not() -> None:
    segments = [f for f in display_faces() if f.kind == "seven_segment"]
    gate = Gate(ENGLISH)
    for face in segments:
        assert gate.stands_for(face, "5").ok, face.family
        assert gate.stands_for(face, "S").reason == "absent", face.family


def test_space_needs_a_glyph_and_no_ink(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    ink = (rectangle(0, 0, 500, 500),)
    assert Gate("a").stands_for(face_of(make_font({" ": (), "a": ink})), " ").ok
    assert Gate("a").stands_for(face_of(make_font({"a": ink})), " ").reason == "absent"
    assert Gate("a").stands_for(face_of(make_font({" ": ink, "a": ink})), " ").reason == "blank"


def test_facts_are_kept_on_disk_and_are_the_same_from_there(dejavu: Face) -> None:
    fresh = Gate(RUSSIAN | ENGLISH).of(dejavu)
    found = {char: fresh.facts(char) for char in "АOl5값"}
    fresh.save()
    again = Gate(RUSSIAN | ENGLISH).of(dejavu)
    assert again.knows("АOl5값")
    assert {char: again.facts(char) for char in "АOl5값"} == found


def test_another_alphabet_has_facts_of_its_own(dejavu: Face) -> None:
    with_greek = Gate("OΟ").of(dejavu)
    assert with_greek.facts("O").twins == ("Ο",)
    with_greek.save()
    assert Gate("O").of(dejavu).facts("O").twins == ()


def test_a_broken_cache_is_found_out_again(dejavu: Face) -> None:
    gate = Gate("Il").of(dejavu)
    facts = gate.facts("I")
    gate.save()
    cache: Path = gate._cache
    cache.write_bytes(b"{ half")
    assert FaceGate(dejavu, frozenset("Il"), Gate("Il").key).facts("I") == facts
