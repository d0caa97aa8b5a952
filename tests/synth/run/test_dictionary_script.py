"""A dictionary alone is drawn from where its script is there, and refused in words where not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.corpus.dictionary_languages import leading_script
from tests.synth.faces import broken_fonts as fonts
from textlines.files import sha256_of
from textlines.installing import install_line

Run = Callable[..., Any]

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-/$%&()#*"


@pytest.mark.parametrize(
    ("characters", "script", "count"),
    [
        (LATIN, "Latin", 52),
        ("0123456789", "", 0),
        (LATIN + "αβγδεζηθικλμνξοπρστυφχ", "Latin", 52),  # signs of formulas
        (LATIN + "абвгдежзийклмнопрстуфхцчшщъыьэюя", "Cyrillic", 32),
        (LATIN + "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภม", "Thai", 30),
        ("가각갂" + "一丁", "Hangul", 3),
    ],
)
def test_a_dictionary_is_of_the_script_that_it_holds_beside_latin(
    characters: str, script: str, count: int
) -> None:
    found, held = leading_script(characters)
    assert (found, len(held)) == (script, count)


@pytest.fixture
def generate(synth_here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that draws with a dictionary; one font of Latin letters is installed."""
    letters = fonts.true_type(tmp_path / "installed/letters.ttf")
    monkeypatch.setenv("OCR_FONT_DIRS", str(letters.parent))

    def run(entries: str, *words: object, style: str = "document") -> Any:
        file = tmp_path / "d.txt"
        file.write_text("".join(f"{entry}\n" for entry in entries), encoding="utf-8")
        shared = ("--style", style, "--fonts", letters.parent, "--workers", 1)
        return synth_here("generate", *shared, "--dictionary", file, "--count", 5, *words)

    return run


THAI = LATIN + "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภม"


def test_a_script_without_faces_and_texts_is_named_with_what_to_give(generate: Run) -> None:
    ended = generate(THAI, "--dry-run")
    assert ended.code == 1
    assert f"d.txt: is of Thai (30 of its {len(THAI)} entries), and no face at hand holds them, "
    assert (
        "no face at hand holds them, and no text that comes with this package is written in them. "
        f"Install a font of Thai ({install_line('scripts')} brings some), or name its folder with "
        "--fonts. Name texts of yours with --corpus or --text-list. "
        "--allow-unserved goes on without them."
    ) in " ".join(ended.err.split())


def test_a_script_with_texts_and_without_faces_asks_for_faces_alone(generate: Run) -> None:
    ended = generate(
        LATIN + "합계금액원영수증일시번호카드현금거스름돈물품가게점포상품수량단가", "--dry-run"
    )
    assert ended.code == 1
    said = " ".join(ended.err.split())
    assert "is of Hangul (" in said and "no face at hand holds them. Install a font of" in said
    assert "no text that comes" not in said


@pytest.mark.parametrize("more", [("--allow-unserved",), ("--chars", "ab"), ("--text-list", "t")])
def test_who_says_what_is_drawn_is_not_asked(
    generate: Run, more: tuple[str, ...], tmp_path: Path
) -> None:
    texts = tmp_path / "t.txt"
    texts.write_text("ABC\nabc\n")
    words = [str(texts) if word == "t" else word for word in more]
    ended = generate(THAI, "--dry-run", *words)
    assert ended.code == 0, ended.err
    assert "5 of 5 lines planned" in ended.out


def test_a_training_yaml_is_followed_and_its_space_is_recorded(
    synth_here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = fonts.true_type(tmp_path / "installed/letters.ttf")
    monkeypatch.setenv("OCR_FONT_DIRS", str(letters.parent))
    (tmp_path / "d.txt").write_text("".join(f"{entry}\n" for entry in LATIN))
    yml = tmp_path / "train.yml"
    yml.write_text("Global:\n  character_dict_path: d.txt\n  use_space_char: false\n")
    texts = tmp_path / "t.txt"
    texts.write_text("ABC\nA B\n")
    shared = ("generate", "--dictionary", yml, "--text-list", texts, "--count", 2, "--workers", 1)
    out = tmp_path / "run"
    ended = synth_here(*shared, "--style", "document", "--fonts", letters.parent, "--out", out)
    assert ended.code == 0, ended.err
    labels = (out / "rec_gt_train.txt").read_text().splitlines()
    assert {row.partition("\t")[2] for row in labels} == {"ABC"}
    record = json.loads((out / "run.json").read_text())
    assert record["configuration"]["plan"]["use_space_char"] is False
    assert record["inputs"]["dictionary"] == sha256_of(tmp_path / "d.txt")
    refused = synth_here(*shared, "--use-space-char", "--dry-run")
    assert refused.code == 2
    assert f"--use-space-char: contradicts {yml}, by which {tmp_path / 'd.txt'}" in refused.err


def test_a_language_that_no_face_writes_is_refused(
    synth_here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = fonts.true_type(tmp_path / "installed/letters.ttf")
    call = ("generate", "--style", "document", "--fonts", letters.parent, "--workers", 1)
    call += ("--count", 5, "--dry-run")
    ended = synth_here(*call, "--language", "ko")
    assert ended.code == 1
    assert (
        "--language ko: is written in Hangul, and no face at hand holds it: codes and figures "
        "alone would come. Install a font of Hangul (synth doctor names packages), or name its "
        "folder with --fonts. --allow-unserved goes on without them."
    ) in " ".join(ended.err.split())
    assert synth_here(*call, "--language", "ko", "--allow-unserved").code == 0
    assert synth_here(*call, "--language", "en").code == 0
