import json

import pytest
import yaml
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


def test_aliases_are_read_as_what_they_stand_for() -> None:
    text = "a: &a {x: [1, 2]}\nb: *a\nc: &c 3\nd: [*c, *a]\n"
    a = {"x": ["1", "2"]}
    assert parse_yaml(text, "a.yml", "it", "") == {"a": a, "b": a, "c": "3", "d": ["3", a]}


def test_aliases_that_unfold_are_refused() -> None:
    rows = ["a0: &a0 [x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(InputError, match=r"a\.yml: it unfolds to more than 2,000,000 values"):
        parse_yaml("\n".join(rows), "a.yml", "it", "")
    chain = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 90)]
    with pytest.raises(InputError, match="it is nested deeper than 64"):
        parse_yaml("\n".join(chain), "a.yml", "it", "")


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: *b", "[a]: 1", "--- 1\n--- 2"])
def test_a_yaml_that_no_plain_value_is_like_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"a\.yml(:\d)?: it is no YAML"):
        parse_yaml(text, "a.yml", "it", "")


@given(VALUES)
def test_yaml_reads_as_pyyamls_base_loader(value: object) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    assert parse_yaml(text, "a", "it", "") == yaml.load(text, Loader=yaml.BaseLoader)


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
