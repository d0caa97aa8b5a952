"""Dates and times in a text, with what yields others that are written as they are."""

import re
from collections.abc import Iterator, Sequence

from synth.corpus.moments import Moment
from synth.corpus.nodes import Form, Literal, Node, Sequel
from synth.corpus.numbers import Number

FIRST_YEAR, LAST_YEAR = 2000, 2035
"""What a date drawn anew shows, and the year of the one before it."""


_FIELD = {
    "%Y": "((?:19|20)[0-9]{2})",
    "%y": "([0-9]{2})",
    "%m": "(0[1-9]|1[0-2])",
    "%-m": "(1[0-2]|[1-9])",
    "%d": "(0[1-9]|[12][0-9]|3[01])",
    "%-d": "([12][0-9]|3[01]|[1-9])",
    "%k": "([월화수목금토일])",
    "%z": "([一二三四五六日])",
    "%H": "([01][0-9]|2[0-3])",
    "%-H": "(1[0-9]|2[0-3]|[0-9])",
    "%I": "(0[1-9]|1[0-2])",
    "%-I": "(1[0-2]|[1-9])",
    "%M": "([0-5][0-9])",
    "%S": "([0-5][0-9])",
}

_DATES = (
    *(f"%Y{s}%m{s}%d" for s in ".-/"),
    *("%Y. %-m. %-d", "%Y. %m. %d", "%Y.%-m.%-d", "%Y%m%d"),
    *("%y.%m.%d", "%y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y", "%d.%m.%y"),
    *(
        f"{day}{weekday}"
        for year in ("%Y년 ", "%Y년", "%y년 ", "")
        for day in (f"{year}%-m월 %-d일", f"{year}%m월 %d일", f"{year}%-m월%-d일")
        for weekday in ("(%k)", " (%k)", "")
    ),
    *(f"{day}{week}" for day in ("%Y年%-m月%-d日", "%Y年%m月%d日") for week in (" 星期%z", "")),
    *("%-m月%-d日 星期%z", "%-m月%-d日", "%Y년 %-m월", "%Y년 %m월", "%Y年%-m月", "%Y년", "%Y年"),
    *("%Y-%m", "%Y/%m", "%m/%d"),
)
_CLOCKS = (
    "%H:%M:%S",
    "%H:%M",
    "%-H:%M",
    "%H시 %M분",
    "%-H시 %M분",
    "%-H시%M분",
    "%-H时%M分",
    "%-H시",
)

_MONTHS = (*("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),)
_MONTH = (
    "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|June|July"
    "|August|September|October|November|December)"
)
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_BEFORE, _AFTER = "(?<![0-9])(?<![0-9][-./,:])", "(?![0-9])(?![-./,:][0-9])"
"""Digits and what joins digits: a form does not begin or end within a longer number."""


def _moment_pattern(form: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    parts = tuple(re.findall("%-?[A-Za-z]|[^%]+", form))
    written = "".join(_FIELD.get(part) or re.escape(part) for part in parts)
    return re.compile(_BEFORE + written + _AFTER), parts


_DATE_FORMS = tuple(map(_moment_pattern, _DATES))
_CLOCK_PARTS = tuple(tuple(re.findall("%-?[A-Za-z]|[^%]+", form)) for form in _CLOCKS)
_HALF = "((?:오전|오후|上午|下午) ?)?"
_CLOCK_FORMS = tuple(
    (
        re.compile(
            rf"(?<![0-9:.,]){_HALF}"
            + "".join(_FIELD.get(part) or re.escape(part) for part in parts)
            + r"(?![0-9:]|[.,][0-9]|간)( ?[AaPp]\.?[Mm]\b)?"
        ),
        parts,
    )
    for parts in _CLOCK_PARTS
)


def _moment(parts: Sequence[str], groups: Sequence[str]) -> Moment:
    """Make what yields moments written as the one found is, a year of its own among theirs."""
    values = iter(groups)
    widths = []
    first, last = FIRST_YEAR, LAST_YEAR
    for part in parts:
        written = next(values) if part in _FIELD else part
        widths.append(len(written))
        if part in ("%Y", "%y"):
            year = int(written) if part == "%Y" else century(int(written))
            first, last = min(first, year), max(last, year)
    return Moment(tuple(parts), first, last, widths=tuple(widths))


def century(year: int) -> int:
    """Return the year that two digits stand for.

    >>> century(24), century(87)
    (2024, 1987)
    """
    return year + (2000 if year <= LAST_YEAR % 100 else 1900)


def dates(text: str) -> Iterator[Form]:
    """Find dates; those that the calendar lacks are the caller's to refuse."""
    for pattern, parts in _DATE_FORMS:
        for found in pattern.finditer(text):
            node = _moment(parts, found.groups())
            yield Form("date", found.start(), found.end(), node)
    for found in _NAMED.finditer(text):
        name = found["m1"] or found["m2"]
        longest = _LENGTHS[_MONTHS.index(name[:3].lower())]
        yield _named_day(found, longest)


_NAMED = re.compile(
    rf"\b(?P<d1>[0-9]{{1,2}})(?P<s1>[ -])(?P<m1>{_MONTH})\b(?:[ -](?P<y1>[0-9]{{4}}|[0-9]{{2}}))?\b"
    rf"|\b(?P<m2>{_MONTH})\.? (?P<d2>[0-9]{{1,2}})\b(?!:)(?:,? (?P<y2>[0-9]{{4}}))?",
    re.IGNORECASE,
)


def _named_day(found: re.Match[str], longest: int) -> Form:
    """Return the date with the name of a month; the name stays."""
    text, start = found[0], found.start()
    parts: list[Node] = []
    at = 0
    for name in ("d1", "d2", "y1", "y2"):
        written = found[name]
        if not written:
            continue
        parts.append(Literal(text[at : found.start(name) - start]))
        at = found.end(name) - start
        if name[0] == "d":
            low, high = (1, 9) if len(written) == 1 else (10, longest)
            parts.append(Number(1 if written[0] == "0" else low, high, pad=len(written)))
        elif len(written) == 4:
            year = int(written)
            parts.append(Number(min(FIRST_YEAR, year), max(LAST_YEAR, year)))
        else:
            parts.append(Number(0, 99, pad=2))
    parts.append(Literal(text[at:]))
    return Form("date", start, found.end(), Sequel(tuple(parts)))


_CLOCK = f"{_FIELD['%H']}:{_FIELD['%M']}"
_RANGE = re.compile(rf"(?<![0-9:])({_CLOCK})( ?[~∼–-] ?)({_CLOCK})(?![0-9:])")

EARLIEST = 6 * 60
"""Minute of the day before which no opening time is drawn, where the one found is later."""


def hours(text: str) -> Iterator[Form]:
    """Give two times of which the first is the earlier, and stays so."""
    for found in _RANGE.finditer(text):
        opens, closes = (
            60 * int(found[hour]) + int(found[minute]) for hour, minute in ((2, 3), (6, 7))
        )
        if opens >= closes:
            # Over midnight: either may be any time, and each is kept a time.
            for group in (1, 5):
                time = Moment(("%H", ":", "%M"))
                yield Form("time", found.start(group), found.end(group), time)
            continue
        step = next(n for n in (30, 10, 5, 1) if opens % n == closes % n == 0)
        middle = (opens + closes) // 2 // step * step
        first = range(EARLIEST if opens >= EARLIEST else 0, middle + step, step)
        if middle <= opens:
            first = range(first.start, opens + 1, step)
        last = range(first[-1] + step, 24 * 60, step)
        clock = ("%H", ":", "%M")
        node = Sequel((Moment(clock, clock=first), Literal(found[4]), Moment(clock, clock=last)))
        yield Form("hours", found.start(), found.end(), node)


def times(text: str) -> Iterator[Form]:
    """Find times of day."""
    for pattern, parts in _CLOCK_FORMS:
        for found in pattern.finditer(text):
            half, *groups, latin = found.groups(default="")
            if parts == ("%-H", "시") and not half:
                continue  # a count with its bound
            shown = [part.replace("H", "I") if half or latin else part for part in parts]
            start, end = found.start() + len(half), found.end() - len(latin)
            yield Form("time", start, end, _moment(shown, groups))
