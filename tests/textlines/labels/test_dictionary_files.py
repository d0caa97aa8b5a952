"""Which file a dictionary is read from, and who says whether a space follows it."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from textlines.errors import InputError, UsageError
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_files import dictionary_places, entries_file, read_dictionary

Write = Callable[[str, str | bytes], Path]

KOREAN = "가\n나\n \n1\n"


def training_yaml(path: str, more: str = "") -> str:
    return f"Global:\n  epoch_num: 5\n  character_dict_path: {path}\n{more}"


@pytest.mark.parametrize(
    ("more", "has_space"),
    [
        ("  use_space_char: true\n", True),
        ("  use_space_char: True\n", True),
        ("  use_space_char: off\n", False),
        ("  use_space_char: false\n", False),
        ("  use_space_char:\n", False),
        ("", False),  # PaddleOCR's own default
    ],
)
def test_a_training_yaml_is_followed_to_its_dictionary(
    write_file: Write, more: str, has_space: bool
) -> None:
    dictionary = write_file("repo/ppocr/utils/dict/mine.txt", KOREAN)
    yml = write_file(
        "repo/configs/rec/mine/train.yml", training_yaml("./ppocr/utils/dict/mine.txt", more)
    )
    found = read_dictionary(yml)
    assert found.path.samefile(dictionary)
    assert (found.entries, found.use_space_char) == (("가", "나", " ", "1"), has_space)
    assert found.told_by == str(yml)
    assert Alphabet.read(yml).use_space_char is has_space
    assert Alphabet.read(yml, has_space).use_space_char is has_space
    flag = "--no-space" if has_space else "--use-space-char"
    with pytest.raises(UsageError, match=rf"^{flag}: contradicts .*train\.yml, by which .*mine"):
        Alphabet.read(yml, not has_space)


def test_the_dictionary_of_a_yaml_is_looked_for_beside_it_above_it_and_here(
    write_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yml = write_file("a/b/train.yaml", training_yaml("dicts/d.txt"))
    here = write_file("here/dicts/d.txt", "h\n")
    monkeypatch.chdir(tmp_path / "here")
    assert read_dictionary(yml).entries == ("h",)
    write_file("a/dicts/d.txt", "a\n")
    assert read_dictionary(yml).entries == ("a",)
    write_file("a/b/dicts/d.txt", "b\n")
    assert read_dictionary(yml).entries == ("b",)
    places = dictionary_places(yml, "dicts/d.txt")
    assert places[0] == tmp_path / "a/b/dicts/d.txt"
    assert places[-1] == here
    assert dictionary_places(yml, "dicts\\d.txt") == places
    assert dictionary_places(yml, str(here)) == (here,)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            training_yaml("no/such.txt"),
            r"names the dictionary no/such\.txt \(Global\.character_dict_path\), which is not "
            r"there\. Looked for at .*no/such\.txt, from each folder above that, and at ",
        ),
        (training_yaml("/no/such.txt"), r"Looked for at /no/such\.txt\. Put it there"),
        (training_yaml(""), r"names no dictionary \(Global\.character_dict_path is empty\)"),
        (training_yaml("~"), r"names no dictionary"),
        (training_yaml("other.yml"), r"names another YAML as its dictionary"),
        (training_yaml("labels.txt"), r"labels\.txt: is no dictionary: it looks like a label file"),
        (training_yaml("d.txt", "  use_space_char: maybe\n"), r"use_space_char: 'maybe', neither"),
        (
            "Global:\n  rec_char_dict_path: t.json\nPostProcess:\n  name: LaTeXOCRDecode\n",
            r"holds the tokenizer of a formula or document model \(LaTeXOCRDecode\)",
        ),
        (
            "PostProcess:\n  name: UniMERNetDecode\n  character_dict: {fast_tokenizer_file: {}}\n",
            r"holds the tokenizer of a formula or document model \(UniMERNetDecode\)",
        ),
        (
            "PostProcess:\n  name: DBPostProcess\n",
            r"is of a model that reads no characters \(DBPostProcess\): it holds no dictionary",
        ),
    ],
)
def test_a_yaml_without_a_dictionary_says_what_it_is(
    write_file: Write, content: str, told: str
) -> None:
    write_file("other.yml", "a: 1\n")
    write_file("labels.txt", "a.jpg\t가\nb.jpg\t나\n")
    write_file("d.txt", "a\n")
    with pytest.raises(InputError, match=told):
        Alphabet.read(write_file("train.yml", content))


@pytest.mark.parametrize("record", ["model.toml", "export.toml"])
def test_the_record_beside_a_dictionary_tells_of_its_space(
    write_file: Write, tmp_path: Path, record: str
) -> None:
    path = write_file("base/dictionary.txt", KOREAN)
    says = "use_space_char = false\n"
    section = f"[dictionary]\n{says}" if record == "model.toml" else ""
    head = "" if section else says
    known = sha256(path.read_bytes()).hexdigest()
    write_file(f"base/{record}", f'{head}[files]\n"dictionary.txt" = "{known}"\n{section}')
    assert not Alphabet.read(path).use_space_char
    told = rf"--use-space-char: contradicts .*{record}, by which .*dictionary\.txt has no space"
    with pytest.raises(UsageError, match=told):
        Alphabet.read(path, True)
    # Another file in its place is not what the record speaks of.
    path.write_text("가\n나\n")
    assert Alphabet.read(path).use_space_char


def test_a_dictionary_that_two_files_speak_of_differently_is_refused(write_file: Write) -> None:
    write_file("d.txt", "가\n나\n")
    yml = write_file("t.yml", training_yaml("d.txt", "  use_space_char: false\n"))
    model = Alphabet(("가", "나"), use_space_char=True)
    told = r"t\.yml: has no space after its entries as .*t\.yml says, and a space as the profile p"
    with pytest.raises(InputError, match=told):
        Alphabet.read(yml, model=model, told_by="the profile p")
    # Another dictionary than the model's may have another space, and has the model's by default.
    other = Alphabet(("가",), use_space_char=True)
    assert not Alphabet.read(yml, model=other).use_space_char
    plain = write_file("e.txt", "가\n나\n다\n")
    assert not Alphabet.read(plain, model=Alphabet(("가",), use_space_char=False)).use_space_char
    assert Alphabet.read(plain, model=Alphabet.assumed(["가"])).use_space_char


def test_what_a_yaml_names_is_hashed_for_the_record(write_file: Write) -> None:
    dictionary = write_file("d.txt", "가\n")
    yml = write_file("t.yml", training_yaml("d.txt"))
    held = write_file("inference.yml", "PostProcess:\n  character_dict: [가, 나]\n")
    assert entries_file(yml).samefile(dictionary)
    assert (entries_file(held), entries_file(dictionary)) == (held, dictionary)
    with pytest.raises(InputError, match="which is not there"):
        entries_file(write_file("u.yml", training_yaml("e.txt")))


def test_lines_of_white_space_are_entries(write_file: Write) -> None:
    path = write_file("d.txt", "\u3000\n \n\t\n\u00a0\n\u2003\nb\n \n")
    found = read_dictionary(path).entries
    assert found == ("\u3000", " ", "\t", "\u00a0", "\u2003", "b", " ")
    alphabet = Alphabet.read(path, use_space_char=False)
    assert alphabet.encode("b\u3000 \u00a0b") == [6, 1, 7, 4, 6]
    assert alphabet.unreached == {2: "duplicate", 3: "control"}
    assert Alphabet.read(path).unreached == {2: "space_twice", 3: "control", 7: "space_twice"}
