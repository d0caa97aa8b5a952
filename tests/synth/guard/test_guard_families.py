"""Families shared out to parts: none in two, what is scarce first, what is missing told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.guard.guard_families import held_languages, shared_out
from synth.guard.guard_texts import LANGUAGES, PARTS, Language, characters_of
from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet

ASCII = frozenset(map(chr, range(0x21, 0x7F)))
BY_NAME = {one.name: one for one in LANGUAGES}
EVERY = Alphabet(tuple(sorted(ASCII.union(*map(characters_of, LANGUAGES)))))


def able(*names: str) -> frozenset[str]:
    return ASCII.union(*(characters_of(BY_NAME[name]) for name in names))


def languages(*names: str) -> tuple[Language, ...]:
    return tuple(BY_NAME[name] for name in names)


@given(st.dictionaries(st.text("ABCDEF", min_size=1), st.sets(st.sampled_from(["ko", "zh", "ja"]))))
def test_no_family_is_in_two_parts(families: dict[str, set[str]]) -> None:
    held = {name: able(*sorted(more)) for name, more in families.items()}
    try:
        shared = shared_out(held, LANGUAGES, EVERY)
    except InputError:
        assert len(held) < 3
        return
    every = [name for part in PARTS for name in shared.families[part]]
    assert sorted(every) == sorted(set(every)) == sorted(held)
    for part in PARTS:
        for language, drawable in shared.drawable[part].items():
            able_ones = [
                name for name in shared.families[part] if held[name] >= characters_of(language)
            ]
            assert able_ones and drawable <= frozenset.intersection(
                *(held[name] for name in able_ones)
            ) | {" "}


def test_what_few_families_write_goes_to_judging_first_and_the_lack_is_told() -> None:
    held = {"A": able("ko"), "B": able("ko"), "C": able(), "D": able(), "E": able()}
    shared = shared_out(held, languages("en", "ko"), EVERY)
    korean = [part for part in PARTS if BY_NAME["ko"] in shared.drawable[part]]
    assert korean == ["replay", "judge"]
    assert len(shared.told) == 1
    assert shared.told[0].startswith("ko (Hangul): 2 families can write it, and no family is in ")
    assert "no such lines in stop" in shared.told[0]


@pytest.mark.parametrize(
    ("count", "named"), [(0, "0 face families"), (1, "1 face family"), (2, "2 face families")]
)
def test_too_few_families_end_with_words(count: int, named: str) -> None:
    held = {str(number): able() for number in range(count)}
    with pytest.raises(InputError, match=rf"guard: has {named} for its three parts"):
        shared_out(held, languages("en"), EVERY)


def test_a_dictionary_of_no_script_of_ours() -> None:
    alphabet = Alphabet(("ก", "ข"))
    assert held_languages(alphabet) == ()
    with pytest.raises(InputError, match="holds none of the scripts"):
        shared_out({"A": able()}, (), alphabet)


def test_languages_are_those_of_the_dictionary() -> None:
    assert held_languages(Alphabet(tuple(sorted(ASCII)))) == languages("en")


@pytest.mark.parametrize("name", [one.name for one in LANGUAGES if one.lines])
def test_lines_are_written_in_the_script_that_is_a_dictionary_s_own(name: str) -> None:
    language = BY_NAME[name]
    alphabet = Alphabet(tuple(sorted(ASCII | characters_of(language))))
    found = held_languages(alphabet)
    assert language in found and BY_NAME["en"] in found
    families = {letter: ASCII | characters_of(language) for letter in "ABC"}
    shared = shared_out(families, found, alphabet)
    assert all(language in shared.drawable[part] for part in PARTS)
    assert not [gap for gap in shared.told if gap.startswith(name)]
    without = shared_out(dict.fromkeys("ABC", ASCII), found, alphabet)
    assert all(language not in without.drawable[part] for part in PARTS)
    assert any(gap.startswith(f"{name} (") for gap in without.told)


def test_no_lines_are_written_in_a_script_that_a_dictionary_holds_beside_its_own() -> None:
    more = characters_of(BY_NAME["ru"]) | characters_of(BY_NAME["el"])
    alphabet = Alphabet(tuple(sorted(ASCII | characters_of(BY_NAME["zh"]) | more)))
    assert not {one.name for one in held_languages(alphabet)} & {"ru", "el", "zh-Hant"}


def test_a_dictionary_of_a_script_without_guard_lines_is_told_of() -> None:
    held = {name: able() for name in "ABC"}
    thai = Alphabet((*sorted(ASCII), *map(chr, range(0x0E01, 0x0E2F))))
    shared = shared_out(held, languages("en"), thai)
    assert shared.told == (
        "Thai: the dictionary's own script, and no guard lines are written in it: guard it by "
        "labelled lines of yours",
    )
