"""What is written is what YAML's own reader reads, in the same order."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from train.pipeline.yaml_text import Flow, Noted, yaml_text

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
ODD = st.sampled_from(
    [
        *("yes", "no", "on", "null", "~", "1", "1e3", "0x1f", "1:30", "- a", "a: b", "a #b", "'"),
        *('"', "{a}", "[a]", "&a", "*a", "!a", "%a", "@a", "`a", "", " ", "a\\", '"\\"', "<<"),
        *("2026-11-30", "${{ a.b }}", "=", "?", "|", ">", ".5", "1_000", "0o17", "+1", ".inf"),
        *("-.INF", ".NaN"),
    ]
)
BLOCKS = st.lists(st.from_regex(r"[!-~][ -~]{0,8}[!-~]", fullmatch=True), min_size=2).map(
    lambda lines: "\n".join(lines) + "\n"
)
SCALARS = WORDS | ODD | BLOCKS | st.integers(-99, 99) | st.booleans() | st.none()
KEYS = WORDS.filter(bool) | ODD
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner.filter(lambda value: not isinstance(value, list)), max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)


def as_read(value: object) -> object:
    """Return a value as it is after it was written: an empty mapping or list is one."""
    if isinstance(value, dict):
        return {key: as_read(one) for key, one in value.items()}
    return [as_read(one) for one in value] if isinstance(value, list) else value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_it_is_read_as_it_was_said(content: dict[str, object]) -> None:
    # As its keys are read by YAML 1.1, `on` would be true: GitHub asks for it unquoted.
    read = yaml.load(yaml_text(content), _Reader)
    assert read == as_read(content)
    assert list(read) == list(content)


class _Reader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """One that takes every key for a text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, object]:
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

    def construct_yaml_map(self, node: yaml.MappingNode) -> object:
        yield self.construct_mapping(node)


_Reader.add_constructor("tag:yaml.org,2002:map", _Reader.construct_yaml_map)


def test_comments_stand_before_their_keys() -> None:
    text = yaml_text({"a": Noted({"b": Noted("1", "two\nlines")}, "one"), "c": [Noted("d", "e")]})
    assert text == '# one\na:\n  # two\n  # lines\n  b: "1"\nc:\n  # e\n  - d\n'


def test_lists_in_a_line_and_scripts() -> None:
    text = yaml_text({"a": Flow(["b", 1, "c d"]), "run": 'x "$Y"\n\n  z\n', "one": 'x "$Y"'})
    assert text == 'a: [b, 1, c d]\nrun: |\n  x "$Y"\n\n    z\none: \'x "$Y"\'\n'
    assert yaml.safe_load(text) == {"a": ["b", 1, "c d"], "run": 'x "$Y"\n\n  z\n', "one": 'x "$Y"'}


@pytest.mark.parametrize("text", ["a\nb", " a\nb\n", "a\n\n", "\na\n"])
def test_what_would_be_read_otherwise_is_no_block(text: str) -> None:
    with pytest.raises(ValueError, match="no block of lines"):
        yaml_text({"a": text})
