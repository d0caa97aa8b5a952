"""The forms that digits in a text follow: what an edit of one of them has to keep.

A form is found by how it is written and checked by what it means: `13월` is no date, and a number
whose check digit is wrong no business number. Each carries a part of a pattern that yields the
texts of the same form, as long as the one found; `number` and `count` forms only keep a number
from growing a zero in front, and an amount as round as it was.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from synth.corpus.form_finders import (
    checked,
    dates,
    flats,
    hours,
    numbers,
    phones,
    registers,
    times,
)
from synth.corpus.pattern_matching import node_yields
from synth.corpus.pattern_numbers import DIGITS
from synth.corpus.patterns import Form
from synth.draws import Draws

PLATE = "number plate"

LOOSE = frozenset({"number", "count"})
"""Kinds that bound how a number begins and how large it is, and no digit beyond that."""

_FINDERS: tuple[Callable[[str], Iterator[Form]], ...] = (
    checked,
    registers,
    flats,
    phones,
    hours,
    dates,
    times,
    numbers,
)
"""In the order in which they take places of a text."""


@lru_cache(maxsize=16_384)
def forms_in(text: str) -> tuple[Form, ...]:
    """Find the forms of a text's digits; none overlaps another.

    >>> [(form.kind, "3월 14일(금) 15:30"[form.start : form.end]) for form in
    ...     forms_in("3월 14일(금) 15:30")]
    [('date', '3월 14일(금)'), ('time', '15:30')]
    >>> [form.kind for form in forms_in("보증금 500원, No. 0042, A17-B")]
    ['count']
    """
    if not any(char in text for char in DIGITS):
        return ()
    taken: list[Form] = []
    for finder in _FINDERS:
        for form in finder(text):
            apart = all(form.end <= other.start or other.end <= form.start for other in taken)
            if apart and node_yields(form.node, text[form.start : form.end]):
                taken.append(form)
    return tuple(sorted(taken, key=lambda form: form.start))


def keeps_forms(text: str, edited: str) -> bool:
    """Whether a text with other digits in the same places keeps every form of the first.

    >>> keeps_forms("10:10", "01:01"), keeps_forms("3월 10일", "3월 70일")
    (True, False)
    """
    return len(text) == len(edited) and all(
        node_yields(form.node, edited[form.start : form.end]) for form in forms_in(text)
    )


def with_digit(text: str, at: int, digit: str, draws: Draws) -> str | None:
    """Put a digit in the place of another; where its form forbids that, draw the form anew.

    Returns:
        None where no text of the form holds the digit.
    """
    edited = f"{text[:at]}{digit}{text[at + 1 :]}"
    for form in forms_in(text):
        if not form.start <= at < form.end or node_yields(form.node, edited[form.start : form.end]):
            continue
        if digit not in form.node.characters:
            return None
        out: list[str] = []
        form.node.draw_with(digit, draws, out)
        drawn = "".join(out)
        return f"{text[: form.start]}{drawn}{text[form.end :]}" if digit in drawn else None
    return edited


def allows(text: str, at: int, old: str, char: str) -> bool:
    """Whether another character than a digit may stand in the place of `old`, which begins at `at`.

    Not within a date, a time or a number of a register: their marks and letters stay. The letter of
    a number plate does not.

    >>> allows("12:30", 2, ":", ";"), allows("합계: 3", 2, ":", ";")
    (False, True)
    >>> allows("12가 3456", 2, "가", "거")
    True
    """
    return all(
        form.kind == PLATE
        or not form.start <= at < form.end
        or node_yields(form.node, f"{text[form.start : at]}{char}{text[at + len(old) : form.end]}")
        for form in strict_forms(text)
    )


def redrawn(text: str, draws: Draws) -> str:
    """Draw the digits of a text anew, each form by its rule.

    Digits of no form stand for themselves: a first one becomes 1 to 9, and a first 0 stays.
    """
    out: list[str] = []
    at = 0
    inside = False
    forms = {form.start: form for form in forms_in(text)}
    while at < len(text):
        if at in forms:
            forms[at].node.draw(draws, out)
            at = forms[at].end
            inside = False
            continue
        char = text[at]
        is_digit = char in DIGITS
        if is_digit and (char != "0" or inside):
            out.append(str(draws.whole(0 if inside else 1, 10)))
        else:
            out.append(char)
        inside = is_digit
        at += 1
    return "".join(out)


def strict_forms(text: str) -> tuple[Form, ...]:
    """Find the forms whose every digit is bound by a calendar, a clock or a register."""
    return tuple(form for form in forms_in(text) if form.kind not in LOOSE)
