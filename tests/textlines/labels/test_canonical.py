import pickle
import unicodedata
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.canonical import _PLAIN, LabelError, canonical, clusters, name_of, script_of
from textlines.labels.scripts import SCRIPTS, _pattern

# Letters, marks and joiners of many scripts, which random text hardly ever puts side by side.
MIXED = st.text(
    st.sampled_from("aé1 -값가각각ㄱ金ひがカー가Ａ：\u0301\u0323ก็ุเक्षि\u200d👩🔬🇰🇷️\u200bم")
    | st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])
)


@given(MIXED.filter(bool))
def test_a_canonical_label_stays_as_it_is(label: str) -> None:
    once = canonical(label)
    assert canonical(once) == once == unicodedata.normalize("NFC", label)


@given(MIXED)
def test_clusters_are_those_of_unicode(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert clusters(text) == tuple(regex.findall(r"\X", text))
    assert "".join(clusters(text)) == text


def test_no_character_of_the_short_way_joins_another() -> None:
    joins = regex.compile(r"\P{Grapheme_Cluster_Break=Other}")
    syllable = regex.compile(r"\p{Grapheme_Cluster_Break=LV}|\p{Grapheme_Cluster_Break=LVT}")
    for number in range(0x11_0000):
        char = chr(number)
        if _PLAIN.fullmatch(char):
            assert not joins.match(char) or syllable.match(char), hex(number)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("a\tb", r"label 'a\\tb': holds U\+0009 TAB at character 2\. Take it out of the label"),
        ("a\r", r"U\+000D carriage return"),
        ("\x07", r"U\+0007 control character"),
        ("a\u2028", r"U\+2028 LINE SEPARATOR"),
        ("a\u2029", r"U\+2029 PARAGRAPH SEPARATOR"),
        ("\ud800", r"U\+D800 half of a surrogate pair"),
        ("\x85", r"U\+0085"),
        ("", "label '': is empty"),
        ("a" * 100 + "\n", r"\(101 characters\): holds U\+000A line feed at character 101"),
    ],
)
def test_what_a_label_line_cannot_hold_is_refused(label: str, message: str) -> None:
    with pytest.raises(LabelError, match=message) as caught:
        canonical(label)
    assert isinstance(caught.value, ValueError)
    again: Any = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.reason) == (str(caught.value), caught.value.reason)


def test_decomposed_hangul_is_composed() -> None:
    assert canonical(unicodedata.normalize("NFD", "값 1원")) == "값 1원"


def test_every_script_name_is_known_and_none_is_missing() -> None:
    everything = "".join(map(chr, range(0x11_0000)))
    # The youngest scripts of the list may be too young for an older `regex`.
    names = [name for name in SCRIPTS if name in _pattern().groupindex]
    assert len(names) > 150
    nameless = regex.compile("[^" + "".join(rf"\p{{Script={name}}}" for name in names) + "]")
    unknown = regex.compile(r"\p{Script=Unknown}")
    assert nameless.findall(everything) == unknown.findall(everything)
    for name in names:
        char = regex.search(rf"\p{{Script={name}}}", everything)[0]
        assert script_of(char) == name


def test_a_regex_of_an_older_unicode_still_names_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textlines.labels.scripts.SCRIPTS", ("Martian", "Latin", "Hangul"))
    pattern = _pattern.__wrapped__()
    assert (pattern.match("a").lastgroup, pattern.match("ㅋ").lastgroup) == ("Latin", "Hangul")


def test_ascii_is_of_the_scripts_that_unicode_gives_it() -> None:
    import regex

    for char in map(chr, range(0x80)):
        assert regex.fullmatch(rf"\p{{Script={script_of(char)}}}", char), repr(char)


def test_a_cluster_is_of_the_script_of_its_letter() -> None:
    assert script_of("1\u20e3") == "Common"
    assert script_of("か\u3099") == "Hiragana"
    with pytest.raises(ValueError, match="no character"):
        script_of("")


def test_names_tell_look_alikes_apart() -> None:
    assert name_of("О") == "U+041E CYRILLIC CAPITAL LETTER O"
