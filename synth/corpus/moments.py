"""Dates and times in a pattern: `<date %Y-%m-%d>`, `<time %H:%M>`. A date always exists.

Times may be bounded, `<time 09:00..11:30 step 30 %H:%M>`: of two that follow each other, bounds
that lie apart keep the first the earlier.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from synth.draws import Draws

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FIELDS: Mapping[str, tuple[str, Callable[[int], str]]] = {
    "%Y": ("year", lambda v: f"{v:04d}"),
    "%y": ("year", lambda v: f"{v % 100:02d}"),
    "%m": ("month", lambda v: f"{v:02d}"),
    "%-m": ("month", str),
    "%b": ("month", lambda v: MONTHS[v - 1][:3]),
    "%^b": ("month", lambda v: MONTHS[v - 1][:3].upper()),
    "%B": ("month", lambda v: MONTHS[v - 1]),
    "%d": ("day", lambda v: f"{v:02d}"),
    "%-d": ("day", str),
    "%a": ("weekday", lambda v: DAYS[v][:3]),
    "%^a": ("weekday", lambda v: DAYS[v][:3].upper()),
    "%A": ("weekday", lambda v: DAYS[v]),
    "%k": ("weekday", lambda v: "월화수목금토일"[v]),
    "%z": ("weekday", lambda v: "一二三四五六日"[v]),
    "%H": ("hour", lambda v: f"{v:02d}"),
    "%-H": ("hour", str),
    "%I": ("hour", lambda v: f"{(v + 11) % 12 + 1:02d}"),
    "%-I": ("hour", lambda v: str((v + 11) % 12 + 1)),
    "%p": ("hour", lambda v: "AM" if v < 12 else "PM"),
    "%P": ("hour", lambda v: "오전" if v < 12 else "오후"),
    "%N": ("hour", lambda v: "上午" if v < 12 else "下午"),
    "%M": ("minute", lambda v: f"{v:02d}"),
    "%S": ("second", lambda v: f"{v:02d}"),
}
"""What may stand in a format: the field it shows, and how the field's value is written."""

RANGES: Mapping[str, range] = {
    "month": range(1, 13),
    "day": range(1, 32),
    "weekday": range(7),
    "hour": range(24),
    "minute": range(60),
    "second": range(60),
}


CLOCK: Mapping[str, Callable[[int], int]] = {
    "hour": lambda minute: minute // 60,
    "minute": lambda minute: minute % 60,
}
"""Fields by the minute of the day."""


@dataclass(frozen=True)
class Moment:
    """A date, a time of day or both, written by a format.

    Attributes:
        parts: keys of `FIELDS`, and texts that stand as they are.
        first_year, last_year: both included.
        clock: the minutes of the day (0..1439) that hour and minute are of; all where None.
        widths: for each part, how many characters it is written with; any where None. So
            `%-m` may be kept to the months of one digit, for texts as long as a given one.
    """

    parts: tuple[str, ...]
    first_year: int = 2000
    last_year: int = 2035
    clock: range | None = None
    widths: tuple[int, ...] | None = None

    def _range(self, field: str) -> range:
        return range(self.first_year, self.last_year + 1) if field == "year" else RANGES[field]

    @cached_property
    def _holders(self) -> Mapping[str, tuple[tuple[str, tuple[int, ...]], ...]]:
        """For each character, the fields that can show it and their values that do."""
        holders: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
        for at, part in enumerate(self.parts):
            if part not in FIELDS:
                for char in part:
                    holders.setdefault(char, []).append(("", ()))
                continue
            field, written = FIELDS[part]
            values: dict[str, list[int]] = {}
            if self.clock is not None and field in CLOCK:
                shown = [(minute, written(CLOCK[field](minute))) for minute in self.clock]
                field = "clock"
            else:
                shown = [(value, written(value)) for value in self._range(field)]
            for value, text in shown:
                if self.widths and len(text) != self.widths[at]:
                    continue
                for char in set(text):
                    values.setdefault(char, []).append(value)
            for char in sorted(values):
                holders.setdefault(char, []).append((field, tuple(values[char])))
        return {char: tuple(holders[char]) for char in sorted(holders)}

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return every character that some moment is written with."""
        return frozenset(self._holders)

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append a moment as it is written."""
        self._write("", 0, draws, out)

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append a moment in which a field or a fixed text holds `char`."""
        field, values = draws.pick(self._holders[char])
        self._write(field, draws.pick(values) if values else 0, draws, out)

    def _write(self, fixed: str, value: int, draws: Draws, out: list[str]) -> None:
        written = self._written(fixed, value, draws)
        # Whichever value is fixed, there is a day of the wanted widths: one in ten or more is.
        while self.widths and tuple(map(len, written)) != self.widths:
            written = self._written(fixed, value, draws)
        out += written

    def _written(self, fixed: str, value: int, draws: Draws) -> list[str]:
        day = self._day(fixed, value, draws)
        fields = {
            "year": day.year,
            "month": day.month,
            "day": day.day,
            "weekday": day.weekday(),
            "hour": draws.whole(0, 24),
            "minute": draws.whole(0, 60),
            "second": draws.whole(0, 60),
        }
        if fixed in ("hour", "minute", "second"):
            fields[fixed] = value
        if self.clock is not None:
            minute = value if fixed == "clock" else draws.pick(self.clock)
            fields |= {field: of(minute) for field, of in CLOCK.items()}
        return [
            FIELDS[part][1](fields[FIELDS[part][0]]) if part in FIELDS else part
            for part in self.parts
        ]

    def _day(self, fixed: str, value: int, draws: Draws) -> date:
        """Draw a day of the calendar whose `fixed` field has this value."""
        year = value if fixed == "year" else draws.whole(self.first_year, self.last_year + 1)
        month = value if fixed == "month" else draws.whole(1, 13)
        if fixed == "day":
            # January has 31 days, so there is always a month that has the wanted one.
            month = draws.pick([m for m in range(1, 13) if value <= _length(year, m)])
            return date(year, month, value)
        day = date(year, month, draws.whole(1, _length(year, month) + 1))
        if fixed == "weekday":
            day += timedelta(days=(value - day.weekday()) % 7)
            if day.year > self.last_year:
                day -= timedelta(days=7)
        return day


def _length(year: int, month: int) -> int:
    """Count the days of a month.

    >>> _length(2024, 2), _length(2025, 2), _length(2025, 12)
    (29, 28, 31)
    """
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


CLOCK_BOUNDS = re.compile(
    r"(?P<from>[0-9]{2}:[0-9]{2})\.\.(?P<to>[0-9]{2}:[0-9]{2})(?: step (?P<step>[0-9]{1,4}))? "
)
"""How a pattern bounds a time of day: `09:00..11:30 step 30 `."""


def minutes_between(bounds: re.Match[str]) -> range:
    """Return the minutes of the day between two times; none where they are not in order."""
    (hour, minute), (to_hour, to_minute) = (
        map(int, bounds[name].split(":")) for name in ("from", "to")
    )
    last = to_hour * 60 + to_minute
    if max(hour, to_hour) > 23 or max(minute, to_minute) > 59:
        return range(0)
    step = int(bounds["step"] or 1)
    return range(hour * 60 + minute, last + 1, step) if step else range(0)
