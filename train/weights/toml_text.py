"""A value as TOML: strings, numbers, lists of them, and tables of tables."""

import json
from collections.abc import Mapping
from typing import Any


def to_toml(content: Mapping[str, Any]) -> str:
    r"""Write a mapping as TOML, in the order of its keys; tables come after plain values.

    Holds what `tomllib` gives back: str, bool, int, float, lists of these, mappings.

    >>> print(to_toml({"b": 1.5, "t": {"k": ["값", "\n"]}}), end="")
    b = 1.5
    <BLANKLINE>
    [t]
    k = ["값", "\n"]
    """
    return "".join(_table(content, ()))


def _table(content: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in content.items() if not isinstance(value, Mapping)}
    lines = [f"{_key(key)} = {_value(value)}\n" for key, value in plain.items()]
    if path and (plain or not content):
        lines.insert(0, f"\n[{'.'.join(map(_key, path))}]\n")
    for key, value in content.items():
        if isinstance(value, Mapping):
            lines += _table(value, (*path, key))
    return lines


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "_").isidentifier()
    return key if bare else _text(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # repr gives the shortest text that reads back alike; TOML wants a digit behind "e".
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"TOML has no form for {type(value).__name__}")


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but DEL, which TOML wants escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
