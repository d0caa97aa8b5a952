import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.parsing import MAX_DEPTH, parse_json, parse_toml, parse_yaml

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc[{"), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_json_reads_as_pythons_own(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert parse_json(text, "a", "it", "") == value


def test_depth_counts_brackets_outside_strings_only() -> None:
    text = json.dumps(["[" * 500, '\\"' + "{" * 500])
    assert parse_json(text, "a", "it", "") == json.loads(text)
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(deepest, "a", "it", "")
    with pytest.raises(InputError, match="deeper than 64"):
        parse_json(f"[{deepest}]", "a", "it", "")


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 3_000, "[" * 3_000 + "]" * 3_000])
def test_nesting_is_refused_in_words(text: str) -> None:
    for parse in (parse_json, parse_yaml, parse_toml):
        with pytest.raises(InputError, match=r"a\.x"):
            parse(f"x = {text}" if parse is parse_toml else text, "a.x", "it", "Mend it.")


def test_deep_maps_of_yaml_are_refused() -> None:
    text = "".join(f"{' ' * depth}a:\n" for depth in range(3_000))
    with pytest.raises(InputError, match="deeper than 64"):
        parse_yaml(text, "a.yml", "it", "Mend it.")


def test_aliases_that_unfold_are_refused() -> None:
    text = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    with pytest.raises(InputError, match=r"holds a YAML alias \(\*a\)"):
        parse_yaml(text, "a.yml", "it", "")


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udfff": 1}', "1" * 5_000])
def test_what_cannot_be_written_again_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"half of a surrogate pair|no JSON"):
        parse_json(text, "a.json", "it", "")


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert parse_json('"\\ud83d\\ude00"', "a", "it", "") == "😀"


def test_the_line_of_a_fault_is_told() -> None:
    with pytest.raises(InputError, match=r"a\.json:3: it is no JSON"):
        parse_json('{\n"a": 1,\n}', "a.json", "it", "")
    with pytest.raises(InputError, match=r"a\.yml:3: it is no YAML"):
        parse_yaml("a: 1\nb: [\n", "a.yml", "it", "")
