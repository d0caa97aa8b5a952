"""How likely a crop is misread, as its readings and those of all crops together tell.

Nothing is learned from labels. Each reading of a crop has a vote, the surer it is the more weight;
what the votes against the model's reading weigh, and how unsure the model is of its least certain
character, is the doubt of the readings. What goes with such doubt is then learned from the crops
themselves: where most lines read `99.99`, and those that read `9999` are mostly doubted, one that
reads so and is not doubted by itself has lost a point all the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from textlines.formats.predictions import Turn
from train.collect.readings import CropReadings, ScoredText
from train.judging.rule_places import class_of

OF_OTHER = 1.0
"""The second model's vote, to those of the model and its views together."""

STEEP = 4.0
"""Power of a reading's score that is its weight: of 0.9 two thirds, of 0.5 a sixteenth."""

LEAST = 0.02
"""Weight of a reading that is not sure of anything, and chance that one that nothing speaks
against is wrong."""

OF_LEAST = 0.2
"""Share of the votes' doubt that comes from the least certain character."""

TRUST = 0.5
"""Power of the probabilities that a model gives: networks are surer than they are right."""

ELSE_NATS = 3.0
"""How unlikely it is that a text stands there that nobody has read."""

OF_FORM = 2.0
"""Weight of what the form of a text tells, where all texts are of a few forms."""

OF_PATTERN = 3.0
"""Log odds by which a text is doubted that does not fit the pattern that somebody gave."""

FREQUENT = 0.01
"""Share of the crops from which on a form is one of these."""

PRIOR_LINES = 3.0
"""Lines of the usual doubt that each form of text has beside its own, so that one that is met
once or twice says little."""

Canonical = Callable[[str], str]
"""What is left of a reading to compare: readings that differ in nothing else are alike."""


@dataclass(frozen=True, slots=True)
class Crop:
    """What is kept of a crop to choose by: a million of them are held at once.

    Attributes:
        path, fault, turn, text, fingerprint, look: as of `CropReadings`.
        doubt: of its readings alone, 0..1.
        clear: the highest score of a reading, the model's or another, 0..1: what nobody reads with
            any certainty is cut, blurred or no text, and people cannot read it either.
        rival: the reading that most speaks against the model's; None where none does.
        reasons: what speaks against it by itself: codes of `REASONS`, with their weights.
    """

    path: str
    fault: str
    turn: Turn
    text: str
    fingerprint: bytes
    look: tuple[int, ...]
    doubt: float
    clear: float
    rival: str | None
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much a crop's reading is doubted beside all others.

    Attributes:
        doubt: estimated probability that the reading is wrong, 0..1.
        rival: as of the crop.
        reasons: codes of `REASONS`, the weightiest first.
    """

    doubt: float
    rival: str | None
    reasons: tuple[str, ...]


REASONS: Mapping[str, str] = {
    "other": "the second model reads it otherwise",
    "views": "moved or scaled a little, it reads otherwise",
    "unsure": "a character is uncertain",
    "form": "texts of this form are mostly doubted here",
    "turned": "reads better when it is turned",
    "pattern": "does not fit the pattern that texts have here",
    "weak": "holds characters that the profile knows as misread",
    "empty": "nothing is read",
}


def crop_of(known: CropReadings, canonical: Canonical) -> Crop:
    """Keep of a crop what is needed to choose by."""
    doubt, rival, reasons = _of_readings(known, canonical) if known.by_model else (0.0, None, {})
    readings = (*known.by_model, known.other) if known.other else known.by_model
    return Crop(
        path=known.path,
        fault=known.fault,
        turn=known.turn,
        text=known.text,
        fingerprint=bytes.fromhex(known.fingerprint),
        look=known.look,
        doubt=doubt,
        clear=max((reading.score for reading in readings if reading.text), default=0.0),
        rival=rival,
        reasons=tuple((name, weight) for name, weight in reasons.items() if weight > TOLD),
    )


def suspicions(
    crops: Sequence[Crop],
    weak: Mapping[str, float] | None = None,
    pattern: re.Pattern[str] | None = None,
) -> list[Suspicion]:
    """Doubt each crop's reading.

    Args:
        crops: without faults.
        weak: by character, the share of its places that are misread, as a profile has it.
        pattern: that whole texts fit.
    """
    forms = [form_of(crop.text) for crop in crops]
    weight = OF_FORM * _concentration(forms) ** 2
    lifts = _lift(forms, [crop.doubt for crop in crops])
    doubted = []
    for crop, lift in zip(crops, lifts, strict=True):
        raised = {
            "form": weight * lift,
            "weak": _of_weak(crop.text, weak or {}),
            "pattern": OF_PATTERN if pattern and not pattern.fullmatch(crop.text) else 0.0,
        }
        weights = dict(crop.reasons) | {name: value / 4 for name, value in raised.items()}
        ranked = sorted(weights, key=lambda name: -weights[name])
        doubted.append(
            Suspicion(
                1 / (1 + exp(-(_logit(crop.doubt) + sum(raised.values())))),
                crop.rival,
                tuple(name for name in ranked if weights[name] > TOLD),
            )
        )
    return doubted


TOLD = 0.1
"""Weight from which on a reason is told."""


def _concentration(forms: Sequence[str]) -> float:
    """Return the share of crops whose text has a frequent form: 1 for meters, 0.3 for receipts."""
    counts = Counter(forms)
    least = max(3, FREQUENT * len(forms))
    return sum(count for count in counts.values() if count >= least) / max(len(forms), 1)


def form_of(text: str) -> str:
    """Return a text's form: the class of each character, case too; marks stand for themselves.

    >>> form_of("No. 12,50원")
    'Aa. 99,99가'
    """
    return "".join(map(_class_of, text))


def _class_of(char: str) -> str:
    kind = class_of(char)
    if kind == ".":
        return char
    return "a" if kind == "A" and char.islower() else kind


def _of_readings(
    known: CropReadings, canonical: Canonical
) -> tuple[float, str | None, dict[str, float]]:
    """Return the doubt of a crop's readings, the strongest rival, and what speaks how much."""
    kept = canonical(known.text)
    votes: dict[str, float] = {}
    shown: dict[str, str] = {}
    against = {"views": 0.0, "other": 0.0}
    groups = (
        ("views", known.by_model, 1.0),
        ("other", (known.other,) if known.other else (), OF_OTHER),
    )
    for name, readings, share in groups:
        for reading in readings:
            text, weight = canonical(reading.text), share * _weight(reading) / len(readings)
            votes[text] = votes.get(text, 0.0) + weight
            shown.setdefault(text, reading.text)
            against[name] += weight if text != kept else 0.0
    rivals = [(weight, text) for text, weight in votes.items() if text != kept]
    of_votes = sum(weight for weight, _ in rivals) / sum(votes.values())
    unsure = 1 - known.by_model[0].least if known.text else 1.0
    of_votes = (1 - OF_LEAST) * of_votes + OF_LEAST * unsure
    doubt = (of_votes + _of_nats(known, canonical)) / 2
    reasons = {
        **against,
        "unsure": OF_LEAST * unsure,
        "turned": 0.3 if known.turn else 0.0,
        "empty": 0.0 if known.text else 2.0,
    }
    return LEAST + (1 - 2 * LEAST) * doubt, shown[max(rivals)[1]] if rivals else None, reasons


def _of_nats(known: CropReadings, canonical: Canonical) -> float:
    """Return how likely another text than the model's reading stands there, to all readers."""
    likely: dict[str, list[float]] = {}
    for text, by_model, by_other in known.nats:
        of_key = likely.setdefault(canonical(text), [0.0, 0.0])
        of_key[0] += exp(-by_model)
        of_key[1] += exp(-by_other) if known.other else 1.0
    together: dict[str, float] = {
        key: (min(by_model, 1.0) * min(by_other, 1.0)) ** TRUST
        for key, (by_model, by_other) in likely.items()
    }
    total = sum(together.values()) + exp(-ELSE_NATS)
    return 1 - together[canonical(known.text)] / total


def _weight(reading: ScoredText) -> float:
    return float(max(min(reading.score, 1.0) ** STEEP, LEAST))


def _lift(names: Sequence[str], doubts: Sequence[float]) -> list[float]:
    """Return by how much the doubt of the others of one's name raises one's own, in log odds.

    Of the others alone: a line that is doubted itself proves nothing of its form.
    """
    usual = sum(doubts) / max(len(doubts), 1)
    sums: dict[str, float] = {}
    counts = Counter(names)
    for name, doubt in zip(names, doubts, strict=True):
        sums[name] = sums.get(name, 0.0) + doubt
    return [
        log((sums[name] - doubt + PRIOR_LINES * usual) / (counts[name] - 1 + PRIOR_LINES) / usual)
        for name, doubt in zip(names, doubts, strict=True)
    ]


def _of_weak(text: str, weak: Mapping[str, float]) -> float:
    """Return by how much the characters that a profile knows as misread raise the doubt."""
    right = 1.0
    for char in text:
        right *= 1 - min(weak.get(char, 0.0), 0.9)
    return log(1 + 4 * (1 - right))


def _logit(share: float) -> float:
    return log(share / (1 - share))
