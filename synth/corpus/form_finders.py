"""Dates, times and numbers of a rule in a text, with what yields others written as they are.

What each finder yields may still be a date that the calendar lacks: `synth.corpus.digit_forms`
checks it, and says which finder takes a place before the others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from synth.corpus.lookalikes import code_spans
from synth.corpus.moments import Moment
from synth.corpus.pattern_numbers import DIGITS, KINDS, Number
from synth.corpus.patterns import Form, Literal, OneOf, PatternNode, Sequel

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
        for match in pattern.finditer(text):
            node = _moment(parts, match.groups())
            yield Form("date", match.start(), match.end(), node)
    for match in _NAMED.finditer(text):
        name = match["m1"] or match["m2"]
        longest = _LENGTHS[_MONTHS.index(name[:3].lower())]
        yield _named_day(match, longest)


_NAMED = re.compile(
    rf"\b(?P<d1>[0-9]{{1,2}})(?P<s1>[ -])(?P<m1>{_MONTH})\b(?:[ -](?P<y1>[0-9]{{4}}|[0-9]{{2}}))?\b"
    rf"|\b(?P<m2>{_MONTH})\.? (?P<d2>[0-9]{{1,2}})\b(?!:)(?:,? (?P<y2>[0-9]{{4}}))?",
    re.IGNORECASE,
)


def _named_day(match: re.Match[str], longest: int) -> Form:
    """Return the date with the name of a month; the name stays."""
    text, start = match[0], match.start()
    parts: list[PatternNode] = []
    at = 0
    for name in ("d1", "d2", "y1", "y2"):
        written = match[name]
        if not written:
            continue
        parts.append(Literal(text[at : match.start(name) - start]))
        at = match.end(name) - start
        if name[0] == "d":
            low, high = (1, 9) if len(written) == 1 else (10, longest)
            parts.append(Number(1 if written[0] == "0" else low, high, pad=len(written)))
        elif len(written) == 4:
            year = int(written)
            parts.append(Number(min(FIRST_YEAR, year), max(LAST_YEAR, year)))
        else:
            parts.append(Number(0, 99, pad=2))
    parts.append(Literal(text[at:]))
    return Form("date", start, match.end(), Sequel(tuple(parts)))


_CLOCK = f"{_FIELD['%H']}:{_FIELD['%M']}"
_RANGE = re.compile(rf"(?<![0-9:])({_CLOCK})( ?[~∼–-] ?)({_CLOCK})(?![0-9:])")

EARLIEST = 6 * 60
"""Minute of the day before which no opening time is drawn, where the one found is later."""


def hours(text: str) -> Iterator[Form]:
    """Find two times of which the first is the earlier, and stays so."""
    for match in _RANGE.finditer(text):
        opens, closes = (
            60 * int(match[hour]) + int(match[minute]) for hour, minute in ((2, 3), (6, 7))
        )
        if opens >= closes:
            # Over midnight: either may be any time, and each is kept a time.
            for group in (1, 5):
                time = Moment(("%H", ":", "%M"))
                yield Form("time", match.start(group), match.end(group), time)
            continue
        step = next(n for n in (30, 10, 5, 1) if opens % n == closes % n == 0)
        middle = (opens + closes) // 2 // step * step
        first = range(EARLIEST if opens >= EARLIEST else 0, middle + step, step)
        if middle <= opens:
            first = range(first.start, opens + 1, step)
        last = range(first[-1] + step, 24 * 60, step)
        clock = ("%H", ":", "%M")
        node = Sequel((Moment(clock, clock=first), Literal(match[4]), Moment(clock, clock=last)))
        yield Form("hours", match.start(), match.end(), node)


def times(text: str) -> Iterator[Form]:
    """Find times of day."""
    for pattern, parts in _CLOCK_FORMS:
        for match in pattern.finditer(text):
            half, *groups, latin = match.groups(default="")
            if parts == ("%-H", "시") and not half:
                continue  # a count with its bound
            shown = [part.replace("H", "I") if half or latin else part for part in parts]
            start, end = match.start() + len(half), match.end() - len(latin)
            yield Form("time", start, end, _moment(shown, groups))


BOUNDS = {
    **{"학년": 6, "학기": 2, "분기": 4, "교시": 8, "호선": 9, "반": 20, "월": 12, "月": 12},
    **{
        "시간": 24,
        "일": 31,
        "日": 31,
        "시": 24,
        "时": 24,
        "時": 24,
        "点": 24,
        "분": 59,
        "分": 59,
        "초": 59,
    },
    **{"秒": 59, "세": 99, "살": 99, "岁": 99, "歳": 99, "층": 60, "楼": 60, "%": 100},
    "％": 100,
}
"""The most of a thing that there is, where a number beside it is no larger; by what follows the
number. `시장` is no hour."""

_NOT_BOUND = ("시장", "시리즈", "일간", "분의", "분기점", "초등", "세트", "반도", "时间")


_CHECKED = tuple(
    (
        re.compile(
            "(?<![0-9A-Z-])"
            + "".join(re.escape(p) if len(p) == 1 else f"[{p}]" for p in kind.places)
            + "[0-9](?![0-9-])"
        ),
        kind,
    )
    for kind in KINDS.values()
)


def checked(text: str) -> Iterator[Form]:
    """Find numbers whose check digit may be right; the letters that they begin with stay."""
    for pattern, kind in _CHECKED:
        for match in pattern.finditer(text):
            kept = 0
            places = list(kind.places)
            while kept < len(places) and not match[0][kept].isdigit():
                places[kept] = match[0][kept]
                kept += 1
            node = replace(kind, places=tuple(places))
            yield Form("check digit", match.start(), match.end(), node)


def _digits(count: int, first: str = DIGITS) -> tuple[PatternNode, ...]:
    return tuple(OneOf(first if k == 0 else DIGITS) for k in range(count))


_PHONES = (
    re.compile(
        r"(?<![0-9])(?P<head>(?:\+82[- ]?|\(?0)(?:2|[3-6][1-5]|1[016-9]|70|80|50[0-9])[-. )]{1,2})"
        r"(?P<mid>[0-9]{3,4})(?P<sep>[-. ])(?P<last>[0-9]{4})(?![0-9]|-[0-9])"
    ),
    re.compile(
        r"(?<![0-9-])(?P<head>(?:1[568][0-9]{2}|(?:\(?[2-9][0-9]{2}\)?[ -])?555)(?P<sep>[- ]))"
        r"(?P<mid>)(?P<last>[0-9]{4})(?![0-9]|-[0-9])"
    ),
    re.compile(
        r"(?<![0-9-])(?P<head>1(?=[3-9])|0[1-9][0-9]{1,2}-(?=[0-9]{8}))(?P<mid>)(?P<sep>)"
        r"(?P<last>(?<=1)[0-9]{10}|(?<=-)[0-9]{8})(?![0-9]|-[0-9])"
    ),
)
_SUBSCRIBERS = "23456789"


def phones(text: str) -> Iterator[Form]:
    """Find telephone numbers; the area or the service stays."""
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            head, middle, last = match["head"], match["mid"], match["last"]
            if middle:
                rest = (
                    *_digits(len(middle), _SUBSCRIBERS + middle[0]),
                    Literal(match["sep"]),
                    *_digits(len(last)),
                )
            elif head.endswith(("555-", "555 ")):  # numbers for fiction
                rest = (Literal(last[:2]), *_digits(2))
            elif head == "1":
                rest = _digits(10, "3456789")
            elif len(last) == 8:
                rest = _digits(8, _SUBSCRIBERS + last[0])
            else:
                rest = _digits(len(last))
            yield Form("phone", match.start(), match.end(), Sequel((Literal(head), *rest)))


_FLAT = re.compile(r"(?<![0-9])(1[0-9]{2}|[2-9][0-9]{2})(동 ?)([0-9]{1,2})(0[1-8])(?=호)")
_POSTCODE = re.compile(r"(?:우편번호:? ?|\(우\) ?|우\) ?)([0-9]{5})(?![0-9])")
_RESIDENT = re.compile(r"(?<![0-9])([0-9]{2})([01][0-9])([0-3][0-9])-([1-8])([0-9*]{6})(?![0-9])")
_LICENCE = re.compile(r"(?<![0-9-])((?:1[1-9]|2[0-68])-)[0-9]{2}-[0-9]{6}-[0-9]{2}(?![0-9-])")
_PLATE = re.compile(
    r"(?<![0-9])([0-9]{2,3})([가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주"
    r"하허호바사아자배] ?)([0-9]{4})(?![0-9])"
)


def flats(text: str) -> Iterator[Form]:
    """Find flats: a block and a floor's room."""
    for match in _FLAT.finditer(text):
        block, floor = int(match[1]), int(match[3])
        floors = Number(1, 9) if len(match[3]) == 1 else Number(10, max(25, floor))
        node = Sequel(
            (
                Number(block // 100 * 100 + 1, max(block // 100 * 100 + 29, block)),
                Literal(match[2]),
                floors,
                Literal("0"),
                OneOf("12345678"),
            )
        )
        yield Form("flat", match.start(), match.end(), node)


def registers(text: str) -> Iterator[Form]:
    """Find post codes, resident numbers, driver's licences and number plates."""
    for match in _POSTCODE.finditer(text):
        yield Form("post code", match.start(1), match.end(1), Number(1000, 63999, pad=5))
    for match in _RESIDENT.finditer(text):
        rest = match[5]
        tail: tuple[PatternNode, ...] = tuple(
            Literal("*") if char == "*" else OneOf(DIGITS) for char in rest
        )
        born = Moment(("%y", "%m", "%d"), century(36))
        # The seventh digit names the century.
        node = Sequel((born, Literal("-"), OneOf("1234" + match[4]), *tail))
        yield Form("resident number", match.start(), match.end(), node)
    for match in _LICENCE.finditer(text):
        node = Sequel(
            (
                Literal(match[1]),
                *_digits(2),
                Literal("-"),
                *_digits(6),
                Literal("-"),
                *_digits(2),
            )
        )
        yield Form("licence", match.start(), match.end(), node)
    for match in _PLATE.finditer(text):
        front: PatternNode = Number(100, 999) if len(match[1]) == 3 else Number(1, 99, pad=2)
        serial = Number(100, 999, pad=4) if match[3][0] == "0" else Number(1000, 9999)
        node = Sequel((front, Literal(match[2]), serial))
        yield Form("number plate", match.start(), match.end(), node)


_NUMBER = re.compile(
    r"(?P<sign>(?:[₩$€£¥￥] ?|제 ?|第 ?|№ ?)?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<rest>\.[0-9]+)?"
    r"(?P<unit> ?[%％‰℃℉°㎡㎥㎏㎎㎝㎜㎞㎖㏄]| ?[A-Za-zµ]{1,4}(?![A-Za-z0-9])|[가-힣一-鿿ぁ-ヿ]+)?"
)


def numbers(text: str) -> Iterator[Form]:
    """Find amounts and counts, and bare numbers of several digits before their point."""
    codes = code_spans(text)
    for match in _NUMBER.finditer(text):
        start, end = match.start("whole"), match.end()
        end -= len(match["unit"] or "")
        if any(first < end and start < last for first, last in codes):
            continue
        whole, rest = match["whole"], (match["rest"] or "")[1:]
        joined = text[start - 1 : start] in {*"-/:.,~"} and text[start - 2 : start - 1].isdigit()
        is_count = bool(match["sign"] or match["unit"] or "," in whole) and not joined
        if is_count:
            node = _count(whole, rest, match["unit"] or "")
        elif len(whole) > 1 and whole[0] != "0":
            point = (Literal("."), *_digits(len(rest))) if rest else ()
            node = Sequel((*_digits(len(whole), DIGITS[1:]), *point))
        else:
            continue
        yield Form("count" if is_count else "number", start, end, node)


def _count(whole: str, rest: str, unit: str) -> PatternNode:
    """Make what yields amounts of as many digits, as round, and of no more than there is."""
    group = "," if "," in whole else ""
    digits = whole.replace(",", "")
    value = int(digits + rest)
    scale = 10 ** len(rest)
    if digits[0] == "0" and len(digits) > 1:
        return Number(0, 10 ** len(digits) * scale - 1, 1, len(rest), group, len(digits))
    low = 10 ** (len(digits) - 1) * scale if len(digits) > 1 else min(1, value)
    high = 10 ** len(digits) * scale - 1
    if len(digits) == 1 and not rest:
        high = 99
    if not unit.strip().startswith(_NOT_BOUND):
        most = next((n for key, n in BOUNDS.items() if unit.strip().startswith(key)), None)
        if most is not None and value <= most * scale:
            high = min(high, most * scale)
    step = 1
    if len(digits) > 2 and not rest:
        step = 10 ** min(len(digits) - len(digits.rstrip("0")), len(digits) - 1)
    return Number(low, high, step, len(rest), group)
