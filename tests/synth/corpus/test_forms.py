"""An edit of a digit leaves a date a date, an amount an amount: checked by rules written anew."""

import re
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.assets import asset_dir
from synth.corpus.digit_forms import (
    allows,
    forms_in,
    keeps_forms,
    redrawn,
    strict_forms,
    with_digit,
)
from synth.corpus.own_shapes import own_shapes
from synth.corpus.pattern_file import load_patterns
from synth.corpus.patterns import draw
from synth.draws import Draws
from textlines.profile.support import pattern_of

DIGITS = "0123456789"


def is_date(form):
    def valid(text):
        try:
            return 1900 <= datetime.strptime(text, form).year <= 2099
        except ValueError:
            return False

    return valid


def is_korean_date(text):
    year, month, day = re.fullmatch(r"(?:(\d{4})년 )?(\d{1,2})월 (\d{1,2})일", text).groups()
    try:
        date(int(year or 2024), int(month), int(day))
    except ValueError:
        return False
    return not (month + " " + day).startswith("0") and " 0" not in f" {day}"


def is_clock(text):
    hour, minute = re.fullmatch(r"(\d\d):(\d\d)", text).groups()
    return int(hour) < 24 and int(minute) < 60


def is_amount(text):
    digits = re.fullmatch(r"([1-9]\d{0,2}(?:,\d{3})*)원", text)
    return bool(digits)


def is_quantity(text):
    return bool(re.fullmatch(r"[1-9]\d{0,3}(개|명|斤|kg|매)", text))


def is_mobile(text):
    return bool(re.fullmatch(r"010-[2-9]\d{3}-\d{4}", text))


def is_business(text):
    digits = [int(char) for char in text.replace("-", "")]
    total = sum(d * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False))
    return (10 - (total + digits[8] * 5 // 10) % 10) % 10 == digits[9]


def is_barcode(text):
    return sum(int(d) * (1, 3)[k % 2] for k, d in enumerate(text)) % 10 == 0


def is_waybill(text):
    return int(text[4:11]) % 7 == int(text[11])


def with_check(before, valid):
    return next(before + d for d in DIGITS if valid(before + d))


DAYS = st.dates(date(1985, 1, 1), date(2035, 12, 31))
NUMBER = st.integers(1, 999_999)
KINDS = {
    "iso date": (DAYS.map(lambda d: d.strftime("%Y-%m-%d")), is_date("%Y-%m-%d")),
    "dotted date": (DAYS.map(lambda d: d.strftime("%Y.%m.%d")), is_date("%Y.%m.%d")),
    "korean date": (DAYS.map(lambda d: f"{d.year}년 {d.month}월 {d.day}일"), is_korean_date),
    "day": (DAYS.map(lambda d: f"{d.month}월 {d.day}일"), is_korean_date),
    "english date": (
        DAYS.map(lambda d: f"{d.day} {d.strftime('%B %Y')}"),
        is_date("%d %B %Y"),
    ),
    "time": (st.times().map(lambda t: t.strftime("%H:%M")), is_clock),
    "amount": (NUMBER.map(lambda n: f"{n:,}원"), is_amount),
    "quantity": (
        st.tuples(st.integers(1, 9999), st.sampled_from(("개", "명", "斤", "kg", "매"))).map(
            lambda pair: f"{pair[0]}{pair[1]}"
        ),
        is_quantity,
    ),
    "mobile": (
        st.integers(20_000_000, 99_999_999).map(lambda n: f"010-{str(n)[:4]}-{str(n)[4:]}"),
        is_mobile,
    ),
    "business": (
        st.integers(101_010_000, 609_999_999).map(
            lambda n: with_check(f"{str(n)[:3]}-8{str(n)[4]}-{str(n)[5:]}", is_business)
        ),
        is_business,
    ),
    "barcode": (
        st.integers(10**11, 10**12 - 1).map(lambda n: with_check(str(n), is_barcode)),
        is_barcode,
    ),
    "air waybill": (
        st.integers(10**9, 10**10 - 1).map(
            lambda n: with_check(f"{str(n)[:3]}-{str(n)[3:]}", is_waybill)
        ),
        is_waybill,
    ),
}


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), digit=st.sampled_from(DIGITS), seed=st.integers(0, 9))
def test_an_edit_leaves_the_form_and_all_around_it(name, data, digit, seed):
    values, valid = KINDS[name]
    inner = data.draw(values)
    before, behind = data.draw(st.sampled_from((("", ""), ("값: ", ""), ("(", ") 알림"))))
    text = f"{before}{inner}{behind}"
    assert valid(inner)
    places = [k for k, char in enumerate(inner) if char in DIGITS]
    at = len(before) + data.draw(st.sampled_from(places))
    edited = with_digit(text, at, digit, Draws(seed, 0))
    if edited is None:
        return
    assert edited.startswith(before) and edited.endswith(behind)
    found = edited[len(before) : len(edited) - len(behind)]
    assert digit in found
    assert valid(found), (text, edited)
    again = redrawn(text, Draws(seed, 1))
    assert valid(again[len(before) : len(again) - len(behind)]), (text, again)


MONTH, DAY = re.compile(r"(\d+)(?=월)"), re.compile(r"(?<=월 )(\d+)(?=일)")
# A hired car's number plate may begin with a 0.
GROWN = re.compile(
    r"(?<![\d.,:/*+~-])0\d+(?=[원개명斤매장권층동호회kg%℃])(?!호 ?\d{4})"
    r"|(?<![\d.])0(?=[원개명斤매])"
)
CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?![\d:])")


def faults(text):
    """Name what no reader would take for a text of its form."""
    found = [f"month {m}" for m in MONTH.findall(text) if not 1 <= int(m) <= 12]
    found += [f"day {d}" for d in DAY.findall(text) if not 1 <= int(d) <= 31]
    found += [f"zero {zero}" for zero in GROWN.findall(text)]
    found += [f"clock {h}:{m}" for h, m in CLOCK.findall(text) if int(h) > 23 or int(m) > 59]
    return found


def embedded():
    folder = asset_dir("corpora")
    for name in ("lines_ko.txt", "lines_zh.txt", "lines_en.txt"):
        yield from (folder / name).read_text(encoding="utf-8").splitlines()
    for rule in load_patterns(folder / "patterns.toml").rules:
        if rule.name not in {"meter_clock"}:  # minutes and seconds of a stop watch
            yield from (draw(rule, Draws(5, k)) for k in range(60))


def test_no_edit_of_the_embedded_texts_is_implausible():
    seen = edits = refused = 0
    for text in embedded():
        if text.startswith("#") or not any(char in DIGITS for char in text) or faults(text):
            continue
        seen += 1
        for at, char in enumerate(text):
            if char in DIGITS:
                for digit in DIGITS:
                    edited = with_digit(text, at, digit, Draws(3, at))
                    edits += 1
                    if edited is None:
                        refused += 1
                    else:
                        assert not faults(edited), (text, edited)
        again = redrawn(text, Draws(4, seen))
        assert not faults(again), (text, again)
    assert seen > 1500 and edits > 50_000
    assert refused < edits / 50


@settings(max_examples=60, deadline=None)
@given(day=DAYS, seed=st.integers(0, 99))
def test_what_a_form_yields_is_as_long_and_of_the_same_kind(day, seed):
    for text in (f"{day:%Y-%m-%d}", f"{day.month}월 {day.day}일", f"{day:%y.%m.%d}", "02-345-6789"):
        (form,) = forms_in(text)
        out = []
        form.node.draw(Draws(seed, 0), out)
        drawn = "".join(out)
        assert len(drawn) == len(text)
        assert [one.kind for one in forms_in(drawn)] == [form.kind]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("2024-13-45", ["number", "number", "number"]),
        ("123-45-67890", ["number", "number", "number"]),  # the check digit would be 1
        ("123-45-67891", ["check digit"]),
        ("09:00~18:30", ["hours"]),
        ("22:00~02:00", ["time", "time"]),
        ("900101-1******", ["resident number"]),
        ("면허번호 11-20-123456-78", ["licence"]),
        ("12가 3456", ["number plate"]),
        ("101동 1203호", ["flat"]),
        ("(우) 06236", ["post code"]),
        ("EE123456785KR", ["check digit"]),
        ("S/N A0K93", []),
        ("0042", []),
        ("57.00", ["number"]),
        ("값", []),
    ],
)
def test_forms_are_told_by_what_they_mean(text, kinds):
    assert [form.kind for form in forms_in(text)] == kinds


def test_of_two_times_the_first_stays_the_earlier():
    for k in range(200):
        text = redrawn("영업시간 09:00~18:30", Draws(1, k))
        opens, closes = re.fullmatch(r"영업시간 (\d\d:\d\d)~(\d\d:\d\d)", text).groups()
        assert "06:00" <= opens < closes
    assert not keeps_forms("09:00~18:30", "19:00~08:30")


def test_an_exchange_keeps_forms_or_is_none():
    assert keeps_forms("10:10", "01:01") and not keeps_forms("3월 10일", "3월 70일")
    assert not keeps_forms("보증금 100원", "보증금 011원")


def test_own_shapes_draw_dates_by_the_calendar():
    own = [f"2024-0{m}-1{d}" for m in range(1, 10) for d in range(10)] + ["3월 14일", "5월 20일"]
    source = own_shapes(own, (), DIGITS, 30)
    for k in range(300):
        text = source.grammar.draw(Draws(2, k))
        valid = is_korean_date if "월" in text else is_date("%Y-%m-%d")
        assert valid(text), text
        assert pattern_of(text) in set(map(pattern_of, own))


def test_own_shapes_keep_a_form_whose_digits_production_lacks():
    source = own_shapes(["2024-01-12", "2021-04-14"], (), "0124", 30)
    drawn = {source.grammar.draw(Draws(2, k)) for k in range(60)}
    assert drawn == {"2024-01-12", "2021-04-14"}


def test_one_text_that_is_no_date_frees_the_shape():
    dates = [f"2024-01-1{d}" for d in range(10)]
    assert all(strict_forms(text) for text in dates)
    source = own_shapes([*dates, "9999-99-99"], (), DIGITS, 30)
    drawn = [source.grammar.draw(Draws(2, k)) for k in range(100)]
    assert not all(map(is_date("%Y-%m-%d"), drawn))


@pytest.mark.parametrize("text", ["04-OCT-08", "5 March 2024", "3월 14일", "12:30", "02-345-6789"])
def test_marks_and_letters_of_a_form_stay(text):
    for at, char in enumerate(text):
        if char not in DIGITS:
            assert not allows(text, at, char, "X") and not allows(text, at, char, ";")
    assert not keeps_forms("04-OCT-08", "O4-0CT-O8")
    assert allows("합계: 3,000", 2, ":", ";") and allows("A-12", 1, "-", "_")
