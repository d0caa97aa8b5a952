"""JSON, TOML and YAML from anywhere, bounded before they are parsed.

Parsers trust their input's depth: 200,000 `[` end libyaml in a segmentation fault and Python's own
parsers in a RecursionError. What is deeper or longer than anything that a person or a tool writes
is refused in words, with the place.
"""

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

from textlines.errors import InputError

MAX_DEPTH = 64
"""Of brackets and maps within each other. The deepest file of PaddleOCR's stands at 12."""

MAX_CHARACTERS = 500_000_000
"""Of a text. A Label Studio export of a million boxes has 400 million."""

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


def parse_yaml(text: str, where: str, what: str, mend: str) -> Any:
    """Parse YAML of plain values: every scalar stays text, tags build nothing; as `parse_json`.

    Anchors are read, but an alias of a collection is refused: nine lines of them unfold to a
    billion values.

    Raises:
        InputError: also for a YAML that holds such an alias.
    """
    import yaml

    _refuse_long(text, where, what, mend)
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    depth = 0
    try:
        # Events come one by one: libyaml's recursion begins when they are composed.
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise InputError(where, f"{what} holds a YAML alias (*{event.anchor})", mend)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _too_deep(where, what, mend)
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{where}:{mark.line + 1}" if mark else where
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(at, f"{what} is no YAML ({reason})", mend) from error
    except (RecursionError, ValueError) as error:
        raise InputError(where, f"{what} is no YAML ({error})", mend) from error


def _refuse_long(text: str, where: str, what: str, mend: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            where, f"{what} has {len(text):,} characters, more than {MAX_CHARACTERS:,}", mend
        )


def _too_deep(where: str, what: str, mend: str) -> InputError:
    return InputError(where, f"{what} is nested deeper than {MAX_DEPTH}", mend)


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")


def _is_deep(text: str) -> bool:
    """Whether brackets outside strings stand deeper than `MAX_DEPTH`."""
    # Most texts hold too few brackets for it, and counting is a hundred times cheaper.
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _NO_BRACKET.sub("", _STRING.sub("", text)):
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
