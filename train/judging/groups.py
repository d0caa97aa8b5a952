"""Which lines belong together: by the first capture group of an expression on the path."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from textlines.errors import UsageError

OTHER = "(no match)"
"""The group of paths that the expression does not find anything in."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each line, and how many lines matched no expression."""

    pattern: str
    names: tuple[str, ...]
    unmatched: int


def grouping(pattern: str, paths: Sequence[str]) -> Grouping:
    """Name the group of each path.

    Raises:
        UsageError: the expression is none, captures nothing, or matches no path.

    >>> grouping("^crops/([^_]+)_", ["crops/a_1.jpg", "crops/a_2.jpg", "x.jpg"]).names
    ('a', 'a', '(no match)')
    """
    option = f"--group {pattern}"
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise UsageError(option, f"is no regular expression ({error})", "") from error
    if not expression.groups:
        raise UsageError(
            option, "captures nothing", "Put the part that names the group in brackets: ^([^_]+)_"
        )
    found = [expression.search(path) for path in paths]
    if not any(found):
        first = f" (first: {paths[0]})" if paths else ""
        raise UsageError(option, f"matches none of the {len(paths):,} paths{first}", "")
    names = tuple((match[1] or "") if match else OTHER for match in found)
    return Grouping(pattern, names, sum(match is None for match in found))
