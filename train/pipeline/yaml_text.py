"""Plain values as YAML that a person reads: in their order, scripts as they are typed, comments.

PyYAML, which comes with the extra `train`, writes neither comments nor blocks of shell; and a
workflow is written where no more than the core is installed.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# What YAML 1.1 and 1.2 both read as a text, unquoted. A colon or a hash inside a word is none.
_PLAIN = re.compile(r"[A-Za-z_/.$][A-Za-z0-9_./$@+-]*(?: [A-Za-z0-9_./$=+-]+)*")
_READ_OTHERWISE = re.compile(
    r"(?i:y|n|yes|no|true|false|on|off|null|~|[-+]?\.?(?:inf|nan)|0[xo]?[0-9a-f]*|[-+.0-9_e]*)"
)


@dataclass(frozen=True, slots=True)
class Noted:
    """A value with a comment before its key, a line of text each."""

    value: object
    comment: str


class Flow(tuple[object, ...]):
    """A list that stands in one line."""

    __slots__ = ()


def yaml_text(content: Mapping[str, object]) -> str:
    r"""Return a mapping of texts, numbers, lists and mappings as a YAML document.

    A text of several lines becomes a block; None an empty value.

    Raises:
        ValueError: a block ends in no line feed, or begins with a space.

    >>> print(yaml_text({"run": "a\nb\n", "on": Flow(["x", "1"]), "n": [1, {"k": None}]}), end="")
    run: |
      a
      b
    on: [x, "1"]
    n:
      - 1
      - k:
    """
    return "\n".join(_mapping(content, "")) + "\n"


def _mapping(content: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, value in content.items():
        if isinstance(value, Noted):
            yield from (f"{indent}# {line}".rstrip() for line in value.comment.splitlines())
            value = value.value
        # As a key `on` is what GitHub asks for, whatever YAML 1.1 makes of it.
        name = key if _PLAIN.fullmatch(key) else _quoted(key)
        yield from _entry(f"{indent}{name}:", value, indent)


def _entry(head: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, f"{indent}  ")
    elif isinstance(value, Sequence) and not isinstance(value, str | Flow) and value:
        yield head
        yield from _items(value, f"{indent}  ")
    elif isinstance(value, str) and "\n" in value:
        yield f"{head} |"
        yield from _block(value, f"{indent}  ")
    else:
        yield f"{head} {_scalar(value)}".rstrip()


def _items(values: Sequence[object], indent: str) -> Iterator[str]:
    for value in values:
        note = ""
        if isinstance(value, Noted):
            note, value = value.comment, value.value
        yield from (f"{indent}# {line}".rstrip() for line in note.splitlines())
        if isinstance(value, Mapping) and value:
            first, *rest = _mapping(value, f"{indent}  ")
            while first.lstrip().startswith("#"):
                raise ValueError(f"a comment before the first key of an item: {first}")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        elif isinstance(value, str) and "\n" in value:
            yield f"{indent}- |"
            yield from _block(value, f"{indent}  ")
        else:
            yield f"{indent}- {_scalar(value)}"


def _block(text: str, indent: str) -> Iterator[str]:
    if not text.endswith("\n") or text.endswith("\n\n") or text.startswith((" ", "\n")):
        raise ValueError(f"no block of lines: {text!r}")
    yield from (f"{indent}{line}".rstrip() for line in text[:-1].split("\n"))


def _scalar(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and not _READ_OTHERWISE.fullmatch(value)
        return value if is_plain else _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_scalar(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_scalar, value)) + "]"
    raise ValueError(f"no YAML is made of {value!r}")


def _quoted(text: str) -> str:
    """Return a text in quotes: single ones where double ones would need backslashes."""
    if text.isprintable() and ('"' in text or "\\" in text):
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
