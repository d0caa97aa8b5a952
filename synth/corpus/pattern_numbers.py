"""Numbers in a pattern, between bounds or with a check digit.

They are written `<number 1000..990000 step 100 group ,>` and `<id business>`.

What has a published rule stands here. None is published for the check digits of Korean driver's
licences (the eleventh place; the twelfth counts how often the card was issued) and for those of
Korean parcel companies' numbers of ten to thirteen digits; `patterns.toml` draws them at random.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from string import ascii_uppercase

from synth.draws import Draws


@dataclass(frozen=True)
class Number:
    """A number between two bounds, each count of digits drawn as often as the others.

    So a meter from 0.00 to 999.99 shows 5.02 as often as 318.47, and prices are not nearly
    all as long as the dearest one.

    Attributes:
        low, high, step: in units of the last place (with places = 2, 4701 is 47.01).
        places: digits after the point.
        group: what stands between thousands, or nothing.
        pad: least count of digits before the point, filled up with zeros.
        point: the decimal mark.
    """

    low: int
    high: int
    step: int = 1
    places: int = 0
    group: str = ""
    pad: int = 0
    point: str = "."

    def text(self, value: int) -> str:
        """Write a value, given in units of the last place.

        >>> Number(0, 10**9, places=2, group=",").text(123456789), Number(0, 99, pad=4).text(38)
        ('1,234,567.89', '0038')
        """
        sign = "-" if value < 0 else ""
        whole, rest = divmod(abs(value), 10**self.places)
        digits = str(whole).zfill(self.pad)
        if self.group and len(digits) > 3:
            first = len(digits) % 3
            parts = [digits[:first]] if first else []
            digits = self.group.join(
                parts + [digits[k : k + 3] for k in range(first, len(digits), 3)]
            )
        return f"{sign}{digits}{self.point}{rest:0{self.places}d}" if self.places else sign + digits

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        """The steps (first, one past the last) whose values have the same count of digits."""
        edges = {0, self._steps}
        for size in range(1, len(str(max(abs(self.low), abs(self.high)))) + 1):
            for edge in (10**self.places * 10**size, -(10**self.places) * 10**size + 1):
                edges.add(min(max(-(-(edge - self.low) // self.step), 0), self._steps))
        ordered = sorted(edges)
        return tuple(pairwise(ordered))

    @cached_property
    def _steps(self) -> int:
        return (self.high - self.low) // self.step + 1

    def _samples(self) -> Iterator[int]:
        """Values that between them hold every character: all, or each span's ends and spread."""
        for first, end in self._spans:
            if end - first <= 256:
                yield from range(first, end)
            else:
                yield from range(first, end, (end - first) // 64)
                yield from range(first, first + 64)
                yield from range(end - 64, end)

    @cached_property
    def _witnesses(self) -> Mapping[str, tuple[int, ...]]:
        """For every character that the number can hold, up to 16 steps that hold it."""
        possible = {*"0123456789", *self.group, *(self.point if self.places else "")}
        possible |= {"-"} if self.low < 0 else set()
        steps: dict[str, list[int]] = {}
        for step in self._samples():
            for char in set(self.text(self.low + step * self.step)):
                seen = steps.setdefault(char, [])
                if len(seen) < 16:
                    seen.append(step)
            if len(steps) == len(possible) and all(len(seen) >= 4 for seen in steps.values()):
                break
        return {char: tuple(steps[char]) for char in sorted(steps)}

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return every character that some number of the range is written with."""
        return frozenset(self._witnesses)

    def _value(self, draws: Draws) -> int:
        first, end = draws.pick(self._spans)
        return self.low + draws.whole(first, end) * self.step

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append a number; each count of digits is as frequent as the others."""
        out.append(self.text(self._value(draws)))

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Set one drawn digit to the wanted one; where bounds or step forbid it, take a witness."""
        for _ in range(8):
            value = self._value(draws)
            text = self.text(value)
            if char in text:
                out.append(text)
                return
            if char.isascii() and char.isdigit():
                value = self._with_digit(value, int(char), draws)
                text = self.text(value)
                if char in text and self.low <= value <= self.high:
                    out.append(text)
                    return
        out.append(self.text(self.low + draws.pick(self._witnesses[char]) * self.step))

    def _with_digit(self, value: int, digit: int, draws: Draws) -> int:
        digits = len(str(abs(value)))
        place = int(10 ** draws.whole(0, digits))
        changed = abs(value) + (digit - abs(value) // place % 10) * place
        signed = -changed if value < 0 else changed
        return self.low + (signed - self.low) // self.step * self.step


DIGITS = "0123456789"


@dataclass(frozen=True)
class Checked:
    """A number of a fixed form whose last digit follows from the others.

    Attributes:
        places: what may stand in each place but the last: some digits or capitals, or one sign.
        check: returns the last digit (0..9) for the values of the digits and capitals before it.
            Not in the representation, which would name where in memory it lies.
        never: (start, text): what no number holds there, though its places could.
    """

    name: str
    places: tuple[str, ...]
    check: Callable[[Sequence[int]], int] = field(repr=False)
    never: tuple[tuple[int, str], ...] = ()

    @cached_property
    def characters(self) -> frozenset[str]:
        """Name every character that the number can hold."""
        return frozenset(DIGITS).union(*self.places)

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append one drawn number."""
        drawn = [draws.pick(place) for place in self.places]
        self._avoid(drawn, -1, draws)
        self._write(drawn, out)

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append a drawn number that holds `char`, one of `characters`."""
        drawn = [draws.pick(place) for place in self.places]
        at = draws.pick([k for k, place in enumerate(self.places) if char in place])
        drawn[at] = char
        self._avoid(drawn, at, draws)
        self._write(drawn, out)

    def _avoid(self, drawn: list[str], kept: int, draws: Draws) -> None:
        """Draw a place anew of what no number holds, other than the one that is kept."""
        for start, text in self.never:
            end = start + len(text)
            if "".join(drawn[start:end]) == text:
                at = max(place for place in range(start, end) if place != kept)
                drawn[at] = draws.pick([char for char in self.places[at] if char != drawn[at]])

    def _write(self, drawn: Sequence[str], out: list[str]) -> None:
        out += [*drawn, str(self.check(_values(drawn)))]

    def yields(self, text: str) -> bool:
        """Whether a text is such a number.

        >>> KINDS["ean13"].yields("8801234567893"), KINDS["ean13"].yields("8801234567890")
        (True, False)
        """
        if len(text) != len(self.places) + 1:
            return False
        before, last = text[:-1], text[-1]
        if not all(char in place for char, place in zip(before, self.places, strict=True)):
            return False
        if any(before.startswith(unheld, start) for start, unheld in self.never):
            return False
        return last == str(self.check(_values(before)))


_LETTERS: Mapping[str, int] = dict(
    zip(ascii_uppercase, (n for n in range(10, 39) if n % 11), strict=True)
)


def _values(chars: Sequence[str]) -> list[int]:
    """Value digits as they are, and capitals by ISO 6346: from A = 10 on without multiples of 11.

    >>> _values("A-B7Z")
    [10, 12, 7, 38]
    """
    return [int(c) if c in DIGITS else _LETTERS[c] for c in chars if c in DIGITS or c in _LETTERS]


def _business(digits: Sequence[int]) -> int:
    """Check a Korean business registration number; the carry of the ninth digit counts too.

    >>> _business([1, 2, 3, 4, 5, 6, 7, 8, 9])
    1
    """
    weighed = sum(d * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True))
    return -(weighed + digits[8] * 5 // 10) % 10


def _corporate(digits: Sequence[int]) -> int:
    """Check a Korean corporate registration number: weights 1 and 2 in turn.

    >>> _corporate([1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1])
    0
    """
    return -sum(digit * (1 + k % 2) for k, digit in enumerate(digits)) % 10


def _ean13(digits: Sequence[int]) -> int:
    """Check a barcode: weights 1 and 3 in turn.

    >>> _ean13([8, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    3
    """
    return -sum(digit * (3 if k % 2 else 1) for k, digit in enumerate(digits)) % 10


def _container(values: Sequence[int]) -> int:
    """Check a freight container's number (ISO 6346): weights 1, 2, 4 … 512, modulo 11; 10 is 0.

    >>> _container([13, 30, 28, 32, 3, 0, 5, 4, 3, 8])
    3
    """
    return sum(value << k for k, value in enumerate(values)) % 11 % 10


def _waybill(digits: Sequence[int]) -> int:
    """Check an air waybill (IATA resolution 600a): its serial number modulo 7.

    >>> _waybill([1, 8, 0, 1, 2, 3, 4, 5, 6, 7])
    5
    """
    return int("".join(map(str, digits[3:]))) % 7


def _postal(values: Sequence[int]) -> int:
    """Check a postal item (UPU S10): weights 8 6 4 2 3 5 9 7 of its serial number, modulo 11.

    >>> _postal([15, 18, 4, 7, 3, 1, 2, 4, 8, 2])
    9
    """
    weighed = sum(d * w for d, w in zip(values[2:], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return {10: 0, 11: 5}.get(11 - weighed % 11, 11 - weighed % 11)


KINDS: Mapping[str, Checked] = {
    kind.name: kind
    for kind in (
        # Tax office (101 and up), kind of business (01 and up), its number.
        Checked(
            "business",
            ("123456", DIGITS, DIGITS, "-", DIGITS, DIGITS, "-", *(DIGITS,) * 4),
            _business,
            never=((0, "100"), (4, "00")),
        ),
        # Registry office, kind of corporation, its number.
        Checked(
            "corporate",
            ("12", "01234", DIGITS, "1", "12", "1234", "-", "0", *(DIGITS,) * 5),
            _corporate,
        ),
        Checked("ean13", (DIGITS,) * 12, _ean13),
        # Owner (made up; no list of the register's), category, serial number.
        Checked(
            "container",
            (ascii_uppercase,) * 3 + ("U",) + (DIGITS,) * 6,
            _container,
        ),
        # The airline's number, a hyphen, serial number.
        Checked("awb", (DIGITS, DIGITS, DIGITS, "-", *(DIGITS,) * 7), _waybill),
        # Service (EMS, parcels, registered mail), serial number; the country stands behind it.
        Checked("s10", ("CER", ascii_uppercase, *(DIGITS,) * 8), _postal),
    )
}
"""By the name in a pattern."""
