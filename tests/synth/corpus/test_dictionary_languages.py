"""Which of the package's languages are drawn for a dictionary, and what its lines hold."""

import unicodedata
from pathlib import Path

import pytest

from synth.assets import asset_dir
from synth.corpus.corpus_files import embedded_corpus, load_corpus
from synth.corpus.dictionary_languages import is_for
from textlines.errors import InputError
from textlines.labels.canonical import clusters
from textlines.labels.scripts import script_of

ASCII = frozenset(map(chr, range(33, 127)))

LANGUAGES = {
    "ru": "Cyrillic",
    "el": "Greek",
    "vi": "Latin",
    "ja": "Hiragana",
    "zh-Hant": "Han",
    "ar": "Arabic",
    "he": "Hebrew",
    "th": "Thai",
    "hi": "Devanagari",
}


def lines(language: str) -> list[str]:
    return (asset_dir("corpora") / f"lines_{language}.txt").read_text("utf-8").splitlines()


def characters(language: str) -> frozenset[str]:
    return frozenset("".join(lines(language))) - {" "}


def drawn(held: frozenset[str], style: str = "document") -> set[str]:
    corpus = embedded_corpus(style, held=held)
    names = {source.name.removeprefix("lines_") for source in corpus.lines}
    return names & LANGUAGES.keys()


@pytest.mark.parametrize("style", ["document", "receipt"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dictionary_of_a_language_draws_its_lines(language: str, style: str) -> None:
    assert language in drawn(characters(language) | ASCII, style)


def test_without_a_dictionary_and_for_ours_of_before_nothing_is_added() -> None:
    korean = frozenset("".join(lines("ko"))) | ASCII
    assert drawn(frozenset()) == drawn(ASCII) == drawn(korean) == set()


def test_letters_that_a_chinese_dictionary_holds_as_signs_ask_for_no_lines() -> None:
    chinese = frozenset("".join(lines("zh"))) | ASCII
    assert drawn(chinese | characters("ru") | characters("el")) == set()
    assert drawn(chinese | characters("zh-Hant") | characters("ru")) == {"zh-Hant"}


def test_half_of_a_language_is_none() -> None:
    (source,) = embedded_corpus("document", languages=["vi"]).lines
    assert source.name == "lines_vi"
    letters = sorted(char for char in characters("vi") if not char.isascii())
    corpus = load_corpus(Path("embedded:lines_vi.txt"))
    assert is_for(ASCII.union(letters), corpus)
    assert not is_for(ASCII.union(letters[::2]), corpus)
    assert not is_for(ASCII, load_corpus(Path("embedded:lines_en.txt")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_named_language_is_drawn_whatever_the_dictionary(language: str) -> None:
    corpus = embedded_corpus("document", languages=[language], held=ASCII)
    (source,) = corpus.lines
    assert source.name == f"lines_{language}" and source.share > 0


@pytest.mark.parametrize(("language", "script"), LANGUAGES.items())
def test_lines_are_canonical_stand_once_and_are_in_their_script(language: str, script: str) -> None:
    found = lines(language)
    assert len(set(found)) == len(found) >= 100
    for line in found:
        assert line == " ".join(line.split()) and unicodedata.is_normalized("NFC", line)
    written = {script_of(char) for line in found for char in line if char.isalpha()}
    assert script in written
    alone = {script, "Latin", "Common"} | ({"Han", "Katakana"} if language == "ja" else set())
    assert written <= alone


def test_every_letter_of_an_alphabet_stands_in_a_line() -> None:
    for language, alphabet in {
        "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюяёАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯЁЪ",
        "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
        "he": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
        "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئ",
    }.items():
        assert not set(alphabet) - characters(language), language


@pytest.mark.parametrize("language", ["th", "hi"])
def test_lines_are_cut_between_clusters(language: str, tmp_path: Path) -> None:
    text = "".join(line.replace(" ", "") for line in lines(language)[:40])
    file = tmp_path / "long.txt"
    file.write_text(text, "utf-8")
    (source,) = load_corpus(file).lines
    assert [c for part in (source.texts[k] for k in source.entries) for c in clusters(part)] == [
        *clusters(text)
    ]


def test_only_lines_in_a_language_are_drawn_where_a_dictionary_holds_them(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        '[[source]]\nname = "a"\nkind = "text"\npath = "embedded:lines_ru.txt"\nwhere_held = true\n'
    )
    with pytest.raises(InputError, match="where a dictionary holds it"):
        load_corpus(file)
