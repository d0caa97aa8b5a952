from pathlib import Path

import pytest

from textlines.errors import InputError
from textlines.labels.dictionary_files import DictionaryFile
from train.models.network_alphabet import fitted


def file(*entries: str, says: bool | None = None) -> DictionaryFile:
    return DictionaryFile(Path("d.txt"), entries, says, "" if says is None else "train.yml")


@pytest.mark.parametrize("says", [None, True])
def test_the_number_of_classes_tells_of_a_space(says: bool | None) -> None:
    assert fitted("d.txt", file("가", "b", says=says), 4).use_space_char
    assert not fitted("d.txt", file("가", "b"), 3).use_space_char
    assert not fitted("d.txt", file("가", " "), 3).use_space_char


@pytest.mark.parametrize(
    ("entries", "says", "classes", "flag", "told"),
    [
        (("a", "b"), None, 4, False, "gives 3 classes .* the network has 4. With --use-space-char"),
        (("a", "b"), None, 3, True, "gives 4 classes .* the network has 3. With --no-space"),
        (("a", "b"), None, 9, None, r"gives 4 classes \(blank \+ 2 entries \+ space\), the net"),
        (("a", "b"), False, 9, None, r"gives 3 classes \(blank \+ 2 entries\), the network has 9"),
        (
            ("a", "b"),
            False,
            4,
            None,
            r"d\.txt: has no space after its 2 entries, as train\.yml says, and the network's 4 "
            r"classes leave room for one",
        ),
        (("a", "b"), True, 3, None, r"has a space after .* 3 classes leave no room for it"),
        (
            ("a", "b", ""),
            None,
            4,
            None,
            r"ends in a blank line, which would be the last of the network's 4 classes, .* Take "
            r"the blank line away, or say --no-space",
        ),
    ],
)
def test_what_contradicts_the_classes_is_refused(
    entries: tuple[str, ...], says: bool | None, classes: int, flag: bool | None, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        fitted("d.txt", file(*entries, says=says), classes, flag)


def test_a_blank_last_class_is_taken_where_it_is_asked_for() -> None:
    assert fitted("d.txt", file("a", ""), 3, False).decode([1, 2]) == "a"
