"""From readings to figures: of these lines alone, beside other readings, and with rules applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.formats.reading_rules import RuleFile, ruled
from textlines.profile.measure import apart
from textlines.profile.reading import Reading
from textlines.wording import say, say_n
from train.judging.comparisons import Scores, scores
from train.judging.evaluation import (
    Agreed,
    Contender,
    Contest,
    Evaluation,
    Figure,
    Figures,
    LineSubset,
    ReaderKind,
    RulesEffect,
    Versus,
)
from train.judging.intervals import (
    FEW_GROUPS,
    SEED,
    Grouping,
    Groups,
    Numbers,
    change_interval,
    group_numbers,
    rate_interval,
    share_interval,
)
from train.judging.significance import ALPHA, holm, mcnemar

LENGTHS = ((1, 4), (5, 8), (9, 16), (17, 25), (26, 0))
"""Bins of label lengths, first and last; 0 for no end. 25 is what PaddleOCR trains on at most."""

FEW_LINES = 20
"""A group of fewer lines is shown without intervals: they would tell of nothing."""


@dataclass(frozen=True, slots=True)
class OtherReadings:
    """What else read the lines: its name, what it is, and its texts by path."""

    name: str
    kind: ReaderKind
    texts: Mapping[str, str]


def evaluate(
    readings: Sequence[Reading],
    *,
    model: str = "",
    grouping: Grouping | None = None,
    others: Sequence[OtherReadings] = (),
    kind: ReaderKind = "model",
    rules: RulesEffect | None = None,
    counts: Mapping[str, int] | None = None,
    inputs: Mapping[str, str] | None = None,
    versions: Mapping[str, str] | None = None,
    seed: int = SEED,
) -> Evaluation:
    """Measure readings.

    Args:
        grouping: of the readings, in their order.
        others: other readings of the same crops. kind: of what made these.
        rules: what rules did to them before.
        seed: of the bootstrap.

    Raises:
        InputError: there is no reading, or others have no line of these.
    """
    if not readings:
        raise InputError("readings", "hold no line to measure", "See what was left out, and why.")
    groups = group_numbers(list(grouping.names)) if grouping else None
    by_comparison = scores(readings)
    everything = by_comparison["all"]
    notes = []
    if grouping and grouping.unmatched:
        notes.append(
            say(
                "{unmatched:,} paths match no --group and are one group together",
                unmatched=grouping.unmatched,
            )
        )
    if not any(reading.prediction for reading in readings):
        notes.append(
            say_n(
                "the one reading is empty: nothing was read in this crop",
                "all {n:,} readings are empty: nothing was read in these crops",
                len(readings),
            )
        )
    number = len(set(grouping.names)) if grouping else 0
    if grouping and number < FEW_GROUPS:
        notes.append(
            say_n(
                "{n} group is too few to trust the intervals",
                "{n} groups are too few to trust the intervals",
                number,
            )
        )
    return Evaluation(
        model=model,
        comparisons={
            name: figures(lines, groups, seed=seed) for name, lines in by_comparison.items()
        },
        lengths=_by_length(readings, everything, groups, seed),
        groups=_by_group(grouping, everything, seed) if grouping else (),
        agreed=_agreed(readings, everything, groups, seed),
        resampled="groups" if grouping else "lines",
        versus=tuple(
            versus(readings, other.name, other.texts, groups, seed=seed) for other in others
        ),
        contest=contest(readings, others, name=model, kind=kind, groups=groups, seed=seed)
        if others
        else None,
        rules=rules,
        counts=dict(counts or {}),
        inputs=dict(inputs or {}),
        versions=dict(sorted((versions or {}).items())),
        notes=tuple(notes),
    )


def figures(lines: Scores, groups: Groups | None = None, *, seed: int = SEED) -> Figures:
    """Return the three figures of some lines, at least one, with their intervals."""
    return Figures(
        lines=len(lines.right),
        line_accuracy=_share(lines.right, groups, seed),
        character_accuracy=_share(lines.accuracy, groups, seed),
        cer=_cer(lines, groups, seed),
    )


def without_intervals(bounded: Figures) -> Figures:
    """Return the figures alone."""
    cer = None if bounded.cer is None else Figure(value=bounded.cer.value)
    return Figures(
        lines=bounded.lines,
        line_accuracy=Figure(value=bounded.line_accuracy.value),
        character_accuracy=Figure(value=bounded.character_accuracy.value),
        cer=cer,
    )


def versus(
    readings: Sequence[Reading],
    name: str,
    texts: Mapping[str, str],
    groups: Groups | None = None,
    *,
    seed: int = SEED,
) -> Versus:
    """Compare readings with others of the same crops, line by line.

    Args:
        texts: the other readings by path.

    Raises:
        InputError: the two have no line in common.
    """
    both = [(number, reading) for number, reading in enumerate(readings) if reading.path in texts]
    if not both:
        raise InputError(
            name, "holds none of these crops", "Compare readings of the same label file."
        )
    chosen = np.array([number for number, _ in both], np.intp)
    ours = [_nfc(reading.prediction) for _, reading in both]
    theirs = [_nfc(texts[reading.path]) for _, reading in both]
    labels = [_nfc(reading.label) for _, reading in both]
    right = np.array([a == t for a, t in zip(ours, labels, strict=True)], np.float64)
    their_right = np.array([b == t for b, t in zip(theirs, labels, strict=True)], np.float64)
    change = right - their_right
    return Versus(
        other=name,
        lines=len(both),
        same_text=sum(a == b for a, b in zip(ours, theirs, strict=True)),
        mended=int((change > 0).sum()),
        broken=int((change < 0).sum()),
        their_accuracy=round(float(their_right.mean()), 6),
        difference=_change(change, _renumbered(groups, chosen), seed),
    )


def _agreed(
    readings: Sequence[Reading],
    everything: Scores,
    groups: Groups | None,
    seed: int,
) -> Agreed | None:
    """Return what conventions of the whole set explain; the strict figures stay as they are."""
    wrong = np.flatnonzero(everything.right == 0)
    if not len(wrong):
        return None
    explained = apart(readings)
    if not any(explained.agreed):
        return None
    right = everything.right.copy()
    right[wrong[list(explained.agreed)]] = 1
    return Agreed(
        conventions=tuple(convention.words for convention in explained.conventions),
        mends=tuple(convention.advice for convention in explained.conventions),
        is_edge=all(convention.kind == "affix" for convention in explained.conventions),
        right=sum(explained.agreed),
        wrong=len(wrong),
        line_accuracy=_share(right, groups, seed),
    )


def _by_length(
    readings: Sequence[Reading],
    everything: Scores,
    groups: Groups | None,
    seed: int,
) -> tuple[LineSubset, ...]:
    parts = []
    for first, last in LENGTHS:
        fits = (everything.length >= first) & ((everything.length <= last) | (last == 0))
        chosen = np.flatnonzero(fits)
        if len(chosen):
            name = f"{first}–{last}" if last else say("{first} and more", first=first)
            shared = _renumbered(groups, chosen)
            subset = figures(everything.of(chosen), shared, seed=seed)
            parts.append(LineSubset(name=name, figures=subset))
    return tuple(parts)


def _by_group(grouping: Grouping, everything: Scores, seed: int) -> tuple[LineSubset, ...]:
    """Return the figures of each group; within one, each line stands alone."""
    numbers: dict[str, list[int]] = {}
    for number, name in enumerate(grouping.names):
        numbers.setdefault(name, []).append(number)
    order = sorted(numbers, key=lambda name: (-len(numbers[name]), name))
    parts = []
    for name in order:
        group_figures = figures(everything.of(np.array(numbers[name], np.intp)), seed=seed)
        few = len(numbers[name]) < FEW_LINES
        shown = without_intervals(group_figures) if few else group_figures
        parts.append(LineSubset(name=name, figures=shown))
    return tuple(parts)


def contest(
    readings: Sequence[Reading],
    others: Sequence[OtherReadings],
    *,
    name: str,
    kind: ReaderKind = "model",
    groups: Groups | None = None,
    seed: int = SEED,
) -> Contest:
    """Compare readings with others of the same crops, on the lines that all have.

    Args:
        readings: with their labels; the first contender, named `name`.
        groups: the number of each line's group, which intervals and tests go by; None for lines.

    Raises:
        InputError: no line is common to all.
    """
    chosen = np.array(
        [k for k, reading in enumerate(readings) if all(reading.path in o.texts for o in others)],
        np.intp,
    )
    if not len(chosen):
        raise InputError(
            ", ".join(other.name for other in others),
            "have no crop of these in common",
            "Compare readings of the same label file.",
        )
    lines = [readings[k] for k in chosen]
    units = _renumbered(groups, chosen)
    rivals = (
        [replace(reading, prediction=other.texts[reading.path]) for reading in lines]
        for other in others
    )
    all_scores = [scores(by_reader)["all"] for by_reader in (lines, *rivals)]
    right = np.stack([line_scores.right for line_scores in all_scores])
    alone = right.sum(axis=0) == 1
    first = right[0]
    rows = [(name, kind), *((other.name, other.kind) for other in others)]
    contenders = tuple(
        Contender(
            name=row[0],
            kind=row[1],
            line_accuracy=_share(line_scores.right, units, seed),
            cer=_cer(line_scores, units, seed),
            change=_change(line_scores.right - first, units, seed) if k else None,
            p=_sign_test(line_scores.right - first, units) if k else None,
            only=int((alone & (line_scores.right > 0)).sum()),
            best_of_two=round(float(np.maximum(line_scores.right, first).mean()), 6),
        )
        for k, (row, line_scores) in enumerate(zip(rows, all_scores, strict=True))
    )
    return Contest(
        lines=len(lines),
        contenders=contenders,
        best_of_all=round(float(right.max(axis=0).mean()), 6),
        better=_better(contenders),
    )


def _better(contenders: Sequence[Contender]) -> tuple[str, ...]:
    """Name the stock models that surely read more, best first."""
    stock = [
        contender
        for contender in contenders[1:]
        if contender.kind == "stock" and contender.change and contender.p
    ]
    adjusted = holm([contender.p or 1.0 for contender in stock])
    better = [
        contender
        for contender, p in zip(stock, adjusted, strict=True)
        if p < ALPHA
        and contender.change
        and contender.change.interval
        and contender.change.interval[0] > 0
    ]
    better.sort(key=lambda contender: (-contender.line_accuracy.value, contender.name))
    return tuple(contender.name for contender in better)


def _sign_test(change: Numbers, units: Groups | None) -> float:
    by_unit = change if units is None else np.bincount(units, change)
    return mcnemar(int((by_unit > 0).sum()), int((by_unit < 0).sum()))


def with_rules(
    readings: Sequence[Reading],
    file: RuleFile,
    path: Path,
    *,
    groups: Groups | None = None,
    inputs: Mapping[str, str],
    seed: int = SEED,
) -> tuple[tuple[Reading, ...], RulesEffect]:
    """Return the readings as the rules make them, and what that did to the lines.

    Args:
        path: of the rules.
        groups: the number of each line's group; None for lines that stand alone.
        inputs: what is evaluated, with sha256: rules prove nothing on what they were found on.
    """
    made = tuple(
        replace(reading, prediction=ruled(file.rules, reading.prediction)) for reading in readings
    )
    labels = [_nfc(reading.label) for reading in readings]
    read = [_nfc(reading.prediction) for reading in readings]
    was = np.array([a == b for a, b in zip(labels, read, strict=True)], np.float64)
    now = np.array(
        [a == reading.prediction for a, reading in zip(labels, made, strict=True)], np.float64
    )
    change = now - was
    effect = RulesEffect(
        path=path.as_posix(),
        rules=len(file.rules),
        lines=len(made),
        changed=sum(a != reading.prediction for a, reading in zip(read, made, strict=True)),
        mended=int((change > 0).sum()),
        broken=int((change < 0).sum()),
        before=round(float(was.mean()), 6),
        change=_change(change, groups, seed),
        has_seen=bool(set(inputs.values()) & set(file.inputs.values())),
    )
    return made, effect


def _share(values: Numbers, groups: Groups | None, seed: int) -> Figure:
    return Figure.of(values.mean(), share_interval(values, groups, seed=seed))


def _change(change: Numbers, groups: Groups | None, seed: int) -> Figure:
    return Figure.of(change.mean(), change_interval(change, groups, seed=seed))


def _cer(lines: Scores, groups: Groups | None, seed: int) -> Figure | None:
    """Return edits by characters of labels; None where labels hold none."""
    if not lines.length.sum():
        return None
    bounds = rate_interval(lines.edits, lines.length, groups, seed=seed)
    return Figure.of(lines.edits.sum() / lines.length.sum(), bounds)


def _renumbered(groups: Groups | None, chosen: npt.NDArray[np.intp]) -> Groups | None:
    """Return the groups of some lines, numbered from 0 without a gap."""
    if groups is None:
        return None
    return np.unique(groups[chosen], return_inverse=True)[1].astype(np.intp)


def _nfc(text: str) -> str:
    return normalize("NFC", text)
