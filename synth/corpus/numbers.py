"""Numbers in a pattern: `<number 1000..990000 step 100 group ,>`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

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
        found: dict[str, list[int]] = {}
        for step in self._samples():
            for char in set(self.text(self.low + step * self.step)):
                seen = found.setdefault(char, [])
                if len(seen) < 16:
                    seen.append(step)
            if len(found) == len(possible) and all(len(seen) >= 4 for seen in found.values()):
                break
        return {char: tuple(found[char]) for char in sorted(found)}

    @cached_property
    def characters(self) -> frozenset[str]:
        return frozenset(self._witnesses)

    def _value(self, draws: Draws) -> int:
        first, end = draws.pick(self._spans)
        return self.low + draws.whole(first, end) * self.step

    def draw(self, draws: Draws, out: list[str]) -> None:
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
