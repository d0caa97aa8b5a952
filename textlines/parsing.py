"""JSON, TOML and YAML from anywhere, bounded before they are parsed.

Parsers trust their input's depth: 200,000 `[` end libyaml in a segmentation fault and Python's own
parsers in a RecursionError. What is deeper or longer than anything that a person or a tool writes
is refused in words, with the place.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textlines.errors import InputError
from textlines.installing import pip_line

MAX_DEPTH = 64
"""Of brackets and maps within each other. The deepest file of PaddleOCR's stands at 12."""

MAX_CHARACTERS = 500_000_000
"""Of a text. A Label Studio export of a million boxes has 400 million."""

MAX_UNFOLDED = 2_000_000
"""Values of a YAML, each alias counted as all that it stands for."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(
    text: str,
    where: str,
    what: str,
    mend: str,
    *,
    mapped: Callable[[list[tuple[str, Any]]], Any] | None = None,
) -> Any:
    """Parse JSON.

    Args:
        where: the file (and line) that the text stands in, for messages.
        what: its use ("the profile"). mend: the way out, for messages.
        mapped: makes a map of its keys and values, as they stand there; None makes a `dict`.

    Raises:
        InputError: the text is no JSON, or nested or long beyond the limits, or holds half of a
            surrogate pair, which no file can be written with.

    >>> parse_json('{"a": [1]}', "a.json", "the profile", "Make it again.")
    {'a': [1]}
    >>> parse_json("[" * 100000, "a.json", "the profile", "Make it again.")
    Traceback (most recent call last):
    textlines.errors.InputError: a.json: the profile is nested deeper than 64. Make it again.
    """
    _refuse_long(text, where, what, mend)
    if _is_deep(text):
        raise _too_deep(where, what, mend)
    try:
        content = json.loads(text, object_pairs_hook=mapped)
    except json.JSONDecodeError as error:
        at = f"{where}:{error.lineno}" if error.lineno > 1 else where
        raise InputError(at, f"{what} is no JSON ({error.msg})", mend) from error
    except RecursionError as error:
        raise _too_deep(where, what, mend) from error
    except ValueError as error:  # a number of more digits than Python converts
        raise InputError(where, f"{what} is no JSON ({error})", mend) from error
    # Escapes alone can make one: in a str of valid UTF-8 there is none.
    if "\\ud" in text.lower() and _holds_surrogate(content):
        raise InputError(where, f"{what} holds half of a surrogate pair", mend)
    return content


def parse_toml(text: str, where: str, what: str, mend: str) -> dict[str, Any]:
    """Parse TOML; else as `parse_json`.

    >>> parse_toml("a = [1]", "a.toml", "the style", "Mend it.")
    {'a': [1]}
    """
    _refuse_long(text, where, what, mend)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(where, f"{what} is no TOML ({error})", mend) from error
    except RecursionError as error:
        raise _too_deep(where, what, mend) from error
    except ValueError as error:  # a number of more digits than Python converts
        raise InputError(where, f"{what} is no TOML ({error})", mend) from error


def to_toml(content: Mapping[str, Any]) -> str:
    r"""Write a mapping as TOML, in the order of its keys; tables come after plain values.

    Holds what `tomllib` gives back: str, bool, int, float, lists of these, mappings, and lists of
    mappings.

    >>> print(to_toml({"b": 1.5, "t": {"k": ["값", "\n"]}}), end="")
    b = 1.5
    <BLANKLINE>
    [t]
    k = ["값", "\n"]
    >>> print(to_toml({"pairs": [{"a": 1}, {"a": 2}]}), end="")
    <BLANKLINE>
    [[pairs]]
    a = 1
    <BLANKLINE>
    [[pairs]]
    a = 2
    """
    return "".join(_toml_table(content, ()))


def _toml_table(
    content: Mapping[str, Any], path: tuple[str, ...], brackets: tuple[str, str] = ("[", "]")
) -> list[str]:
    inner = {key for key, value in content.items() if isinstance(value, Mapping) or _rows(value)}
    plain = {key: value for key, value in content.items() if key not in inner}
    lines = [f"{_toml_key(key)} = {_toml_value(value)}\n" for key, value in plain.items()]
    if path and (plain or not content or brackets[0] == "[["):
        left, right = brackets
        lines.insert(0, f"\n{left}{'.'.join(map(_toml_key, path))}{right}\n")
    for key, value in content.items():
        if isinstance(value, Mapping):
            lines += _toml_table(value, (*path, key))
        for row in _rows(value):
            lines += _toml_table(row, (*path, key), ("[[", "]]"))
    return lines


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    """Return a list of mappings as it is, and () for anything else."""
    if not isinstance(value, list | tuple) or not value:
        return ()
    return value if all(isinstance(each, Mapping) for each in value) else ()


def _toml_key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "_").isidentifier()
    return key if bare else _toml_text(key)


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # repr gives the shortest text that reads back alike; TOML wants a digit behind "e".
        return repr(value)
    if isinstance(value, str):
        return _toml_text(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    raise TypeError(f"TOML has no form for {type(value).__name__}")


def _toml_text(text: str) -> str:
    # JSON's escapes are TOML's, but DEL, which TOML wants escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def parse_value(text: str, *, is_text: bool = False) -> Any:
    """Read the value of a `key=value` of the command line: TOML, else the text itself.

    A shell takes TOML's quotes away, so that they cannot be asked for.

    Args:
        is_text: the key takes text: then only what TOML has in quotes is read as TOML, and `1`
            stays text.

    >>> parse_value("[1, 2]"), parse_value("png"), parse_value("'png'")
    ([1, 2], 'png', 'png')
    >>> parse_value("1"), parse_value("1", is_text=True)
    (1, '1')
    """
    try:
        table = parse_toml(f"value = {text}", "", "", "")
    except InputError:
        return text
    # A line break would begin another key.
    whole = table.keys() == {"value"}
    return table["value"] if whole and (not is_text or type(table["value"]) is str) else text


def parse_yaml(text: str, where: str, what: str, mend: str) -> Any:
    r"""Parse YAML of plain values: every scalar stays text, tags build nothing; as `parse_json`.

    An alias stands for the same list or map as its anchor. What aliases would unfold to is
    counted: nine lines of them make a billion values of nine.

    Raises:
        InputError: also for a YAML whose aliases unfold beyond `MAX_UNFOLDED` values.

    >>> parse_yaml("a: &x [1]\nb: *x", "a.yml", "the configuration", "Mend it.")
    {'a': ['1'], 'b': ['1']}
    """
    try:
        import yaml
    except ImportError:
        raise InputError(
            where,
            f"{what} is YAML, which needs PyYAML to be read",
            f"Run: {pip_line('pyyaml')}",
        ) from None
    _refuse_long(text, where, what, mend)
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    built = _Built()
    try:
        # Events come one by one: libyaml's recursion begins when they are composed.
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.ScalarEvent):
                built.add(event.value, event.anchor)
            elif isinstance(event, yaml.SequenceStartEvent):
                built.open([], event.anchor)
            elif isinstance(event, yaml.MappingStartEvent):
                built.open({}, event.anchor)
            elif isinstance(event, yaml.CollectionEndEvent):
                built.close()
            elif isinstance(event, yaml.AliasEvent):
                built.repeat(event.anchor)
            elif isinstance(event, yaml.DocumentStartEvent):
                built.begin()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{where}:{mark.line + 1}" if mark else where
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(at, f"{what} is no YAML ({reason})", mend) from error
    except _TooMuchError as error:
        raise InputError(where, f"{what} {error}", mend) from error
    except ValueError as error:
        raise InputError(where, f"{what} is no YAML ({error})", mend) from error
    return built.whole


class _TooMuchError(Exception):
    """A YAML is beyond a limit; says which."""


@dataclass(slots=True)
class _Open:
    """A collection that is being filled; `values` and `height` count what aliases unfold to."""

    content: list[Any] | dict[str, Any]
    anchor: str | None
    key: str | None = None
    values: int = 1
    height: int = 1


class _Built:
    """Puts a YAML's values together, and counts them."""

    def __init__(self) -> None:
        self.whole: Any = None
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._documents = 0

    def begin(self) -> None:
        self._documents += 1
        if self._documents > 1:
            raise ValueError("it holds several documents")

    def open(self, content: list[Any] | dict[str, Any], anchor: str | None) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _TooMuchError(f"is nested deeper than {MAX_DEPTH}")
        if anchor:
            self._anchors.pop(anchor, None)
        self._open.append(_Open(content, anchor))

    def close(self) -> None:
        done = self._open.pop()
        self.add(done.content, done.anchor, done.values, done.height)

    def repeat(self, anchor: str) -> None:
        if anchor not in self._anchors:
            raise ValueError(
                f"the alias *{anchor[:40]} has no anchor before it, or stands within it"
            )
        value, values, height = self._anchors[anchor]
        self.add(value, None, values, height)

    def add(self, value: Any, anchor: str | None, values: int = 1, height: int = 0) -> None:
        if anchor:
            self._anchors[anchor] = (value, values, height)
        if not self._open:
            self.whole = value
            return
        holder = self._open[-1]
        holder.values += values
        holder.height = max(holder.height, height + 1)
        if holder.values > MAX_UNFOLDED:
            raise _TooMuchError(f"unfolds to more than {MAX_UNFOLDED:,} values")
        if len(self._open) + height > MAX_DEPTH:
            raise _TooMuchError(f"is nested deeper than {MAX_DEPTH}")
        if isinstance(holder.content, list):
            holder.content.append(value)
        elif holder.key is None:
            if not isinstance(value, str):
                raise ValueError("a list or a map stands as a key")
            holder.key = value
        else:
            holder.content[holder.key] = value
            holder.key = None


def _refuse_long(text: str, where: str, what: str, mend: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            where, f"{what} has {len(text):,} characters, more than {MAX_CHARACTERS:,}", mend
        )


def _too_deep(where: str, what: str, mend: str) -> InputError:
    return InputError(where, f"{what} is nested deeper than {MAX_DEPTH}", mend)


_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")


def _is_deep(text: str) -> bool:
    """Whether brackets outside strings stand deeper than `MAX_DEPTH`."""
    # Most texts hold too few brackets for it, and counting is a hundred times cheaper.
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    brackets = _NO_BRACKET.sub("", _STRING.sub("", text))
    # Innermost pairs are taken away, a level at a time, by what is written in C: of the program
    # of a model that takes a fifth of the loop's time.
    left = brackets
    for _ in range(MAX_DEPTH):
        if not left:
            return False
        left = left.replace("[]", "").replace("{}", "")
    depth = 0
    for bracket in brackets if left else "":
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _holds_surrogate(content: Any) -> bool:
    stack = [content]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if _SURROGATE.search(value):
                return True
        elif isinstance(value, dict):
            stack += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            stack += value
    return False
