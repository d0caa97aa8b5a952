"""The distribution of characters that a mix is moved toward."""

from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Floats, Ints
from textlines.formats.profile import ErrorProfile
from textlines.profile.parts import unseen_syllables

MOST_RAISE = 4.0
"""Times its tempered share that the hardest character gets; others by their gain beside it."""

UNPROVEN_SHARE = 0.2
"""Of all that is raised, at most, for characters that may be well read, for all that is known."""

PSEUDO_COUNT = 1.0
"""Added to every count, so that a character that is missing has a finite divergence."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the mix is to hold.

    Attributes:
        codes: code points, rising; line feed and space are not among them.
        shares: q(c) for each of them; together 1.
        hard: positions in `codes` of the profile's hard characters, hardest first.
    """

    codes: Ints
    shares: Floats
    hard: Ints


def make_target(expected: Floats, alpha: float, profile: ErrorProfile | None) -> Target:
    """Temper the natural distribution, q(c) ~ p(c)^alpha, and raise the hard characters.

    Tempering is how multilingual models sample their languages (Devlin 2019, XLM 2019):
    1 leaves the distribution as it is, 0 makes all characters equal.

    Args:
        expected: by code point, how often it stands in the mix if new lines are drawn at random.
        alpha: 0..1.
        profile: its characters are raised by their expected gain, those of no proof within
            `UNPROVEN_SHARE`; syllables that it never saw by what their weak parts promise.
    """
    counted = expected.copy()
    counted[[10, 32]] = 0
    codes = np.flatnonzero(counted)
    natural = counted[codes] / counted.sum() if len(codes) else np.zeros(0)
    tempered = natural**alpha
    tempered /= tempered.sum() or 1
    raises, hard = _raises(codes, tempered, profile)
    shares = tempered * raises
    return Target(codes, shares / (shares.sum() or 1), hard)


def _raises(codes: Ints, shares: Floats, profile: ErrorProfile | None) -> tuple[Floats, Ints]:
    raises = np.ones(len(codes))
    if profile is None:
        return raises, np.zeros(0, np.int64)
    place = {int(code): at for at, code in enumerate(codes)}
    proven = {row.char: row.gain for row in profile.ranked if row.proof and row.gain > 0}
    for group in unseen_syllables(profile.ranked, profile.parts, map(chr, place)):
        proven |= dict.fromkeys(group.syllables, group.gain / len(group.syllables))
    unproven = {row.char: row.gain for row in profile.unproven if row.gain > 0}
    top = max((*proven.values(), *unproven.values()), default=1.0)
    hard: dict[int, None] = {}
    for gains in (proven, unproven):
        grown = np.ones(len(codes))
        for char, gain in sorted(gains.items(), key=lambda item: -item[1]):
            # An entry of several code points (a cluster, a unit) raises each of them.
            for at in [place[ord(part)] for part in char if ord(part) in place]:
                grown[at] = max(grown[at], 1 + (MOST_RAISE - 1) * gain / top)
                hard.setdefault(at)
        if gains is unproven:
            added = float((shares * (grown - 1)).sum())
            allowed = UNPROVEN_SHARE / (1 - UNPROVEN_SHARE) * float((shares * (raises - 1)).sum())
            if proven and added > allowed:
                grown = 1 + (grown - 1) * (allowed / added)
        raises = np.maximum(raises, grown)
    return raises, np.fromiter(hard, np.int64, len(hard))


def divergence(counts: Floats, target: Target) -> float:
    """Give the Kullback-Leibler divergence of a mix from its target, in nats: KL(q || mix).

    Args:
        counts: for each of the target's characters, how often it stands in the mix.
    """
    mix = counts + PSEUDO_COUNT
    wanted = target.shares > 0
    q = target.shares[wanted]
    return float((q * np.log(q / (mix[wanted] / mix.sum()))).sum())
