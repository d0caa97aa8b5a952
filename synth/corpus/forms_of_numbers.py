"""Numbers that follow a rule in a text, with what yields others of the same form."""

import re
from collections.abc import Iterator

from synth.corpus.check_digits import DIGITS, KINDS, NOT_0
from synth.corpus.forms_of_moments import century
from synth.corpus.lookalikes import code_spans
from synth.corpus.moments import Moment
from synth.corpus.nodes import Form, Literal, Node, OneOf, Sequel
from synth.corpus.numbers import Number

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
        for found in pattern.finditer(text):
            kept = 0
            places = list(kind.places)
            while kept < len(places) and not found[0][kept].isdigit():
                places[kept] = found[0][kept]
                kept += 1
            node = type(kind)(kind.name, tuple(places), kind.check)
            yield Form("check digit", found.start(), found.end(), node)


def _digits(count: int, first: str = DIGITS) -> tuple[Node, ...]:
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
    """Give telephone numbers; the area or the service stays."""
    for pattern in _PHONES:
        for found in pattern.finditer(text):
            head, middle, last = found["head"], found["mid"], found["last"]
            if middle:
                rest = (
                    *_digits(len(middle), _SUBSCRIBERS + middle[0]),
                    Literal(found["sep"]),
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
            yield Form("phone", found.start(), found.end(), Sequel((Literal(head), *rest)))


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
    for found in _FLAT.finditer(text):
        block, floor = int(found[1]), int(found[3])
        floors = Number(1, 9) if len(found[3]) == 1 else Number(10, max(25, floor))
        node = Sequel(
            (
                Number(block // 100 * 100 + 1, max(block // 100 * 100 + 29, block)),
                Literal(found[2]),
                floors,
                Literal("0"),
                OneOf("12345678"),
            )
        )
        yield Form("flat", found.start(), found.end(), node)


def registers(text: str) -> Iterator[Form]:
    """Give post codes, resident numbers, driver's licences and number plates."""
    for found in _POSTCODE.finditer(text):
        yield Form("post code", found.start(1), found.end(1), Number(1000, 63999, pad=5))
    for found in _RESIDENT.finditer(text):
        rest = found[5]
        tail: tuple[Node, ...] = tuple(
            Literal("*") if char == "*" else OneOf(DIGITS) for char in rest
        )
        born = Moment(("%y", "%m", "%d"), century(36))
        # The seventh digit names the century.
        node = Sequel((born, Literal("-"), OneOf("1234" + found[4]), *tail))
        yield Form("resident number", found.start(), found.end(), node)
    for found in _LICENCE.finditer(text):
        node = Sequel(
            (
                Literal(found[1]),
                *_digits(2),
                Literal("-"),
                *_digits(6),
                Literal("-"),
                *_digits(2),
            )
        )
        yield Form("licence", found.start(), found.end(), node)
    for found in _PLATE.finditer(text):
        front: Node = Number(100, 999) if len(found[1]) == 3 else Number(1, 99, pad=2)
        serial = Number(100, 999, pad=4) if found[3][0] == "0" else Number(1000, 9999)
        node = Sequel((front, Literal(found[2]), serial))
        yield Form("number plate", found.start(), found.end(), node)


_NUMBER = re.compile(
    r"(?P<sign>(?:[₩$€£¥￥] ?|제 ?|第 ?|№ ?)?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<rest>\.[0-9]+)?"
    r"(?P<unit> ?[%％‰℃℉°㎡㎥㎏㎎㎝㎜㎞㎖㏄]| ?[A-Za-zµ]{1,4}(?![A-Za-z0-9])|[가-힣一-鿿ぁ-ヿ]+)?"
)


def numbers(text: str) -> Iterator[Form]:
    """Give amounts and counts, and bare numbers of several digits before their point."""
    codes = code_spans(text)
    for found in _NUMBER.finditer(text):
        start, end = found.start("whole"), found.end()
        end -= len(found["unit"] or "")
        if any(first < end and start < last for first, last in codes):
            continue
        whole, rest = found["whole"], (found["rest"] or "")[1:]
        joined = text[start - 1 : start] in {*"-/:.,~"} and text[start - 2 : start - 1].isdigit()
        is_count = bool(found["sign"] or found["unit"] or "," in whole) and not joined
        if is_count:
            node = _count(whole, rest, found["unit"] or "")
        elif len(whole) > 1 and whole[0] != "0":
            point = (Literal("."), *_digits(len(rest))) if rest else ()
            node = Sequel((*_digits(len(whole), NOT_0), *point))
        else:
            continue
        yield Form("count" if is_count else "number", start, end, node)


def _count(whole: str, rest: str, unit: str) -> Node:
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
