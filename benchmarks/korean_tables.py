"""The tables of `benchmarks/korean.py`, and what must hold.

Syllables of judged lines are counted as read right or not by the alignment of `train mine`. All
intervals are 95 %, by drawing the judged lines anew (paired: both arms read the same lines).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from textlines.formats.profile import WELL_READ, ErrorProfile
from textlines.profile.align import align
from textlines.profile.jamo import PLACES, parts

DRAWS = 2000
HOLDING = ((0, 0), (1, 1), (2, 3), (4, 9), (10, 19), (20, 999))
"""Drawn lines that hold a syllable, on the mean of the seeds."""

Pairs = Sequence[tuple[str, str]]
Arm = tuple[int, str]
"""Own lines, and what was drawn."""
Array = np.ndarray[Any, np.dtype[np.float64]]


class Judged:
    """Readings of the judging lines, in a form that can be drawn from anew.

    Args:
        readings: of one candidate, or of one for each seed: then the places of a line are
            those of all of them, and its edits and whether it is exact are means.
    """

    def __init__(self, *readings: Pairs) -> None:
        self.exact = np.mean([[a == b for a, b in pairs] for pairs in readings], axis=0)
        aligned = [[align(label, read) for label, read in pairs] for pairs in readings]
        self._marks = [
            [
                (edit.label, edit.kind == "right")
                for edits in of_line
                for edit in edits
                if edit.label
            ]
            for of_line in zip(*aligned, strict=True)
        ]
        self.edits = np.mean(
            [[sum(e.kind != "right" for e in edits) for edits in one] for one in aligned], axis=0
        )
        self.length = np.array([len(label) for label, _ in readings[0]], np.float64)

    def of(self, belongs: Callable[[str], bool]) -> tuple[Array, Array]:
        """Return, for each line, how many characters of a kind it holds, and how many are right."""
        seen = [sum(belongs(char) for char, _ in marks) for marks in self._marks]
        right = [
            sum(is_right for char, is_right in marks if belongs(char)) for marks in self._marks
        ]
        return np.array(seen, np.float64), np.array(right, np.float64)


def ratio_gap(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[float, float, float]:
    """Return the difference of two shares in points, one less the other, and its interval."""
    return _drawn(lambda rows: _share(one, rows) - _share(other, rows), len(one[0]))


def gap_of_gaps(
    one: tuple[Array, Array], other: tuple[Array, Array],
    one_else: tuple[Array, Array], other_else: tuple[Array, Array],
) -> tuple[float, float, float]:  # fmt: skip
    """Return by how much a difference is larger here than elsewhere, with its interval."""
    return _drawn(
        lambda rows: _share(one, rows) - _share(other, rows)
        - (_share(one_else, rows) - _share(other_else, rows)),
        len(one[0]),
    )  # fmt: skip


def _share(counted: tuple[Array, Array], rows: "np.ndarray[Any, Any]") -> float:
    seen, right = counted
    return float(right[rows].sum() / max(seen[rows].sum(), 1))


def _drawn(figure: Callable[[Any], float], lines: int) -> tuple[float, float, float]:
    random = np.random.default_rng(1)
    found = [figure(random.integers(lines, size=lines)) for _ in range(DRAWS)]
    low, high = np.quantile(found, (0.025, 0.975))
    return 100 * figure(np.arange(lines)), 100 * float(low), 100 * float(high)


def weak_parts(profile: ErrorProfile) -> dict[tuple[str, str], int]:
    """Return the parts that a profile proves to be weak, with how often each was misread."""
    return {(row.place, row.part): row.misread for row in profile.parts if row.is_weak}


def told(
    rows: Sequence[Mapping[str, Any]],
    base: Pairs,
    profile: ErrorProfile,
    owns: Mapping[int, set[str]],
    drawn: Mapping[Arm, Mapping[str, float]],
) -> tuple[str, bool]:
    """Return the tables as text, and whether a must is missed.

    Args:
        rows: of the cells. base: its readings of the judging lines.
        profile: that the targeted cells without own lines were drawn for.
        owns: the syllables of so many own lines.
        drawn: of each arm the drawn lines that hold a character, on the mean of its seeds.
    """
    weak = weak_parts(profile)
    surely = {row.char for row in profile.ranked if row.upper < WELL_READ and _is_hangul(row.char)}
    judged = {row["key"]: Judged(row["read"]) for row in rows}
    start = Judged(base)
    groups: dict[str, Callable[[str], bool]] = {
        "all": lambda char: True,
        "named": lambda char: _has(char, weak) or char in surely,
        "other syllables": lambda char: (
            _is_hangul(char) and not _has(char, weak) and char not in surely
        ),
        "weak parts": lambda char: _has(char, weak),
        "in the 100": lambda char: _is_hangul(char) and char in owns[100],
        "only in the 400": lambda char: _is_hangul(char) and char in owns[400] - owns[100],
        "in neither": lambda char: _is_hangul(char) and char not in owns[400],
    }
    listed = ", ".join(
        f"{part or 'no final'} ({place}, {count} misread)" for (place, part), count in weak.items()
    )
    out = [f"parts that the profile proves to be weak: {listed or 'none'}"]
    out += [f"named: syllables with such a part, and {len(surely)} that are surely misread", ""]
    out.append("| cell | lines | CER | " + " | ".join(groups) + " |")
    out.append("|---" * (3 + len(groups)) + "|")
    for name, one in [("base", start), *judged.items()]:
        shares = [
            f"{_share(one.of(group), np.arange(len(one.exact))):.3f}" for group in groups.values()
        ]
        cer = one.edits.sum() / one.length.sum()
        out.append(f"| {name} | {one.exact.mean():.3f} | {cer:.4f} | {' | '.join(shares)} |")
    seeds: dict[tuple[int, str], list[Pairs]] = {}
    for row in rows:
        seeds.setdefault((row["own"], row["drawn"]), []).append(row["read"])
    pooled = {name: Judged(*readings) for name, readings in seeds.items()}
    lines, missed = _musts(pooled, groups)
    out += ["", "seeds together", *lines]
    out += ["", *_by_drawn_lines(start, pooled, drawn)]
    gates = [(row["key"], row["gate"]) for row in rows if "gate" in row]
    out += ["", *(f"gate of {key}: exit {gate['code']}, {gate['outcome']}" for key, gate in gates)]
    return "\n".join(out), missed or any(gate["code"] not in (0, 3) for _, gate in gates)


def _by_drawn_lines(
    start: Judged, judged: Mapping[Arm, Judged], drawn: Mapping[Arm, Mapping[str, float]]
) -> Iterator[str]:
    """Yield a table of places right before and after, by the drawn lines that hold them."""
    yield "places of Hangul right, before -> after (places of one reading), by drawn lines"
    yield "| cell | " + " | ".join(f"{low} to {high}" for low, high in HOLDING) + " |"
    yield "|---" * (1 + len(HOLDING)) + "|"
    for arm, lines in drawn.items():
        if arm not in judged:
            continue
        cells = []
        for low, high in HOLDING:

            def belongs(
                char: str, of: Mapping[str, float] = lines, low: int = low, high: int = high
            ) -> bool:
                return _is_hangul(char) and low <= round(of.get(char, 0)) <= high

            seen, right = start.of(belongs)
            after_seen, after = judged[arm].of(belongs)
            shares = right.sum() / max(seen.sum(), 1), after.sum() / max(after_seen.sum(), 1)
            cells.append(f"{shares[0]:.3f} -> {shares[1]:.3f} ({seen.sum():.0f})")
        yield f"| {arm[0]} own, {arm[1]} | " + " | ".join(cells) + " |"


def _musts(
    judged: Mapping[Arm, Judged], groups: Mapping[str, Callable[[str], bool]]
) -> tuple[list[str], bool]:
    def cell(own: int, drawn: str) -> Judged | None:
        return judged.get((own, drawn))

    out, missed = [], False
    targeted, even, none = cell(0, "targeted"), cell(0, "even"), cell(0, "none")
    if targeted and even:
        weak, others = groups["named"], groups["other syllables"]
        found = ratio_gap(targeted.of(weak), even.of(weak))
        out.append(
            f"targeted against even, what the profile names: {_points(found)} (must: above 0)"
        )
        missed |= found[1] <= 0
        apart = gap_of_gaps(targeted.of(weak), even.of(weak), targeted.of(others), even.of(others))
        out.append(f"  by how much more than on other syllables: {_points(apart)}")
        out.append(f"  whole lines: {_points(_lines_gap(targeted, even))}")
    for own in (0, 100, 400):
        best = cell(own, "targeted")
        if best and none:
            left = best.edits.sum() / max(none.edits.sum(), 1)
            wanted = " (must, of one: 0.5)" if own == 0 else ""
            out.append(
                f"edits left, {own} own lines and targeted, of those without: {left:.2f}{wanted}"
            )
    hundred, four = cell(100, "targeted"), cell(400, "none")
    if hundred and four:
        for name in ("all", "in the 100", "only in the 400", "in neither"):
            found = ratio_gap(hundred.of(groups[name]), four.of(groups[name]))
            must = {"all": " (must: from -2)", "in neither": " (must: above 0)"}.get(name, "")
            missed |= (name == "all" and found[1] < -2) or (name == "in neither" and found[1] <= 0)
            out.append(f"100 own and drawn against 400 own, {name}: {_points(found)}{must}")
        lines_gap = _lines_gap(hundred, four)
        out.append(f"100 own and drawn against 400 own, whole lines: {_points(lines_gap)}")
    return out, missed


def _lines_gap(one: Judged, other: Judged) -> tuple[float, float, float]:
    ones = np.ones(len(one.exact))
    return ratio_gap((ones, one.exact), (ones, other.exact))


def _points(found: tuple[float, float, float]) -> str:
    return f"{found[0]:+.1f} ({found[1]:+.1f} to {found[2]:+.1f})"


def _is_hangul(char: str) -> bool:
    return "가" <= char <= "힣"


def _has(char: str, weak: Mapping[tuple[str, str], int]) -> bool:
    taken = parts(char)
    return taken is not None and any(pair in weak for pair in zip(PLACES, taken, strict=True))
