"""The Korean texts that come with the package."""

import unicodedata
from pathlib import Path

import pytest

from synth.assets import asset_dir
from synth.corpus.corpus_files import (
    embedded_corpus,
    embedded_languages,
    embedded_path,
    load_corpus,
    stand_ins,
)
from textlines.errors import InputError

SYLLABLES = tuple(
    bytes((row, cell)).decode("euc-kr") for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF)
)
"""The 2,350 syllables of KS X 1001."""

NATURAL = ("lines_ko.txt", "words_ko.txt")
MOST_WITHOUT_A_WORD = 240


def lines(name: str) -> list[str]:
    return (asset_dir("corpora") / name).read_text(encoding="utf-8").splitlines()


def held(*names: str) -> set[str]:
    """Return the characters of lines that no label has to be cut for."""
    return {char for name in names for line in lines(name) if len(line) <= 25 for char in line}


def test_every_syllable_of_ks_x_1001_stands_in_a_korean_line() -> None:
    assert len(SYLLABLES) == 2350
    assert not set(SYLLABLES) - held(*NATURAL, "names_ko.txt")


def test_syllables_beyond_ks_x_1001_that_people_write_stand_in_words_too() -> None:
    assert set("뷁쌰쒠똠햏샾") <= held(*NATURAL)
    assert not set("뷁쌰쒠똠햏샾") & set(SYLLABLES)


def test_syllables_that_only_made_up_names_hold_are_those_that_no_word_holds() -> None:
    in_words = held(*NATURAL)
    rare = [char for char in SYLLABLES if char not in in_words]
    assert len(rare) <= MOST_WITHOUT_A_WORD
    # One name for each of them, and no name that is not for one.
    names = lines("names_ko.txt")
    assert len(names) == len(rare)
    for name in names:
        assert sum(char in name for char in rare) == 1, name
    # The README names them, so that nobody takes them for words.
    told = (asset_dir("corpora") / "README.md").read_text(encoding="utf-8")
    assert "".join(rare) in told.replace("\n", "")


@pytest.mark.parametrize("name", [*NATURAL, "names_ko.txt"])
def test_lines_are_canonical_and_stand_once(name: str) -> None:
    found = lines(name)
    assert len(set(found)) == len(found)
    for line in found:
        assert line == " ".join(line.split()) and 2 <= len(line) <= 25, line
        assert unicodedata.is_normalized("NFC", line)


def test_lines_mix_hangul_with_brackets_latin_digits_and_signs() -> None:
    found = lines("lines_ko.txt")
    for sign in ("(주)", "㈜", "[", "(", "Wi-Fi", "USB", "℃", "㎡", "№", "₩", "①", "~"):
        assert any(sign in line for line in found), sign


def test_a_language_leaves_out_the_sources_of_others() -> None:
    assert embedded_languages() == tuple(
        sorted(("ar", "el", "en", "he", "hi", "ja", "ko", "ru", "th", "vi", "zh", "zh-Hant"))
    )
    for style in ("document", "receipt"):
        corpus = embedded_corpus(style, languages=("ko",))
        names = {source.name for source in (*corpus.lines, *corpus.patterns)}
        assert names and not any(name.endswith(("_en", "_zh")) for name in names)
        assert any(name.endswith("_ko") for name in names)
    spare = stand_ins(languages=("ko",))
    assert all(source.share == 0 for source in (*spare.lines, *spare.patterns))
    assert {source.name for source in spare.lines} == {"lines_ko", "words_ko", "names_ko"}
    assert [source.name for source in spare.lines if source.is_last] == ["names_ko"]


def test_an_embedded_file_is_named_as_a_corpus() -> None:
    corpus = load_corpus(Path("embedded:lines_ko.txt"))
    (source,) = corpus.lines
    assert source.name == "lines_ko" and "이용해 주셔서 감사합니다" in source.texts
    assert embedded_path(Path("mine.txt")) == Path("mine.txt")


def test_an_embedded_file_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    for name in ("lines_fr.txt", "", "catalogue.toml", "../pyproject.toml"):
        with pytest.raises(InputError, match=r"There are: .*lines_ko\.txt, .*words_ko\.txt"):
            load_corpus(Path(f"embedded:{name}"))
    mix = tmp_path / "mix.toml"
    mix.write_text('[[source]]\nname = "a"\nkind = "text"\npath = "embedded:lines_fr.txt"\n')
    with pytest.raises(InputError, match=r"embedded:lines_fr\.txt: comes not with this package"):
        load_corpus(mix)


def test_a_corpus_without_a_source_in_the_language_is_refused(tmp_path: Path) -> None:
    mix = tmp_path / "mix.toml"
    (tmp_path / "a.txt").write_text("bonjour\n")
    mix.write_text('[[source]]\nname = "a"\nkind = "text"\npath = "a.txt"\nlanguage = "fr"\n')
    with pytest.raises(InputError, match="has no source in the language ko"):
        load_corpus(mix, languages=("ko",))
    assert load_corpus(mix, languages=("fr",)).lines
