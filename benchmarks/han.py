"""What groups of Han characters that look alike gain a plan: lines for what is truly misread.

    python -m benchmarks.han --seeds 20

Simulated readers over the 6,763 characters of GB 2312, digits and capitals beside them, measured on
1,000 to 20,000 lines, in two worlds:
- groups: in one group of ten that look alike, every member is misread as another one;
- characters: as many characters are misread at the same rates, each as any other one, and no two of
  them look alike.
In both, every character is read as another one now and then (0.2 to 5 % of its places). What looks
alike in the world is measured in a serif face, what the profile takes for alike in a sans face, so
that the two differ as a reader's eye and a face at hand do. Of each profile a run of 2,000 lines is
planned by the rule before parts were measured (that of `benchmarks/hangul.py`), as today without
groups, and with them; both today's hold natural lines for what the profile never saw. What counts
are lines that are planned for a character that is truly misread in at least one place of ten, alone
or in a round with its partner. The exit code is 1 where groups do not plan half as many again as
the old rule in the first world, or in the second fewer than that or than without groups, on average
over the seeds, at any size; 2 without faces (extra `fonts`).
"""

import argparse
import math
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.hangul import (
    FILLER,
    GAIN,
    NOT_WORSE,
    PLANNED,
    RATES,
    SIZES,
    TEMPER,
    USUAL,
    Reader,
    lines_on,
    make_profile,
    never,
    plan_before,
)
from synth.plan.part_lines import never_seen
from synth.plan.profile_targets import plan_profile
from textlines.formats.profile import ErrorProfile
from textlines.profile.glyphs import Glyphs, glyphs_at_hand
from textlines.profile.han import Group, common_han, mistaken
from textlines.profile.parts import part_rows, with_parts

WORLDS = ("groups", "characters")
WEAK_GROUPS = 0.1
"""Share of the groups that are misread."""

MEAN_HAN, MEAN_OTHERS = 6.0, 2.0

TEXT = 100_000
"""Characters of the natural text at hand, of the same kind as the lines: it tells how often what
the profile never saw is used."""


@cache
def faces() -> tuple[Glyphs, Glyphs] | None:
    """Return the face that the world is made of and the one that the profile has; None without."""
    sans = glyphs_at_hand()
    serif = Path(str(sans.path).replace("Sans", "Serif")) if sans else None
    if sans is None or serif is None or serif == sans.path or not serif.is_file():
        return None
    return Glyphs(serif), sans


@cache
def _all_groups(which: int) -> tuple[Group, ...]:
    found = faces()
    assert found is not None
    return found[which].groups(common_han(), ())


def make_reader(world: str, rng: np.random.Generator) -> Reader:
    """Draw a reader: what it misreads, and how texts use characters (Zipf's law)."""
    chars = common_han()
    count = len(chars)
    use = 1 / (2.0 + np.arange(count, dtype=np.float64))
    use = rng.permutation(use / use.sum())
    place = {char: at for at, char in enumerate(chars)}
    rate, read = np.zeros(count), list(chars)
    every = _all_groups(0)
    weak = rng.permutation(len(every))[: round(WEAK_GROUPS * len(every))]
    if world == "groups":
        for at in weak:
            share = float(rng.uniform(*RATES))
            for char in every[at]:
                rate[place[char]] = share
                others = [other for other in every[at] if other != char]
                read[place[char]] = str(rng.choice(others))
    else:
        for at in rng.permutation(len(every))[: sum(len(every[k]) for k in weak)]:
            char = str(rng.choice(every[at]))
            rate[place[char]] = float(rng.uniform(*RATES))
            read[place[char]] = str(rng.choice(chars))
    others = [*"0123456789", *"ABCDEFGHIKMNOPRSTU", *"-.,:/()"]
    weights = np.array([3.0] * 10 + [0.3] * 18 + [0.7] * 7)
    share = MEAN_HAN / (MEAN_HAN + MEAN_OTHERS)
    return Reader(
        (*chars, *others),
        np.concatenate((share * use, (1 - share) * weights / weights.sum())),
        np.concatenate((rate, np.zeros(len(others)))),
        (*read, *others),
        np.exp(rng.uniform(math.log(USUAL[0]), math.log(USUAL[1]), count + len(others))),
    )


def run(world: str, lines: int, seeds: int) -> list[tuple[int, int, int, int]]:
    """Return the lines on weak characters by the old rule, without and with groups.

    Last in each row: those with groups on characters that were never seen.
    """
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng((seed, lines, WORLDS.index(world)))
        reader = make_reader(world, rng)
        apart = make_profile(reader, lines, rng, common_han())
        wrong = set(mistaken(apart.ranked))
        grouped = _with_groups(apart, [g for g in _all_groups(1) if wrong.intersection(g)])
        at_hand = dict(zip(reader.chars, rng.multinomial(TEXT, reader.use).tolist(), strict=True))
        plans = [
            plan_profile(
                profile,
                PLANNED,
                FILLER,
                TEMPER,
                never,
                common_han(),
                never_seen(profile, common_han(), at_hand),
            )
            for profile in (apart, grouped)
        ]
        unseen = lines_on(plans[1], plans[1].unseen & reader.weak)
        before, without, pooled = (
            lines_on(plan, reader.weak) for plan in (plan_before(apart), *plans)
        )
        found.append((before, without, pooled, unseen))
    return found


def _with_groups(profile: ErrorProfile, groups: Sequence[Group]) -> ErrorProfile:
    table = part_rows(profile.ranked, groups)
    return profile.model_copy(update={"parts": table, "ranked": with_parts(profile.ranked, table)})


def table(seeds: int, sizes: Sequence[int]) -> tuple[list[str], bool]:
    """Return the lines of the table, and whether every demand is met."""
    told = [
        "world        lines  before  without  with  unseen  with / before (least to most)  asked  "
        "with / without"
    ]
    met = True
    for world in WORLDS:
        asked = GAIN if world == "groups" else NOT_WORSE
        for lines in sizes:
            found = np.array(run(world, lines, seeds), np.float64)
            before, without, pooled, unseen = found.mean(axis=0)
            ratios = found[:, 2] / found[:, 0]
            is_met = bool(pooled >= asked * before and pooled >= NOT_WORSE * without)
            met &= is_met
            told.append(
                f"{world:10} {lines:7,}  {before:6.0f}  {without:7.0f}  {pooled:4.0f}  "
                f"{unseen:6.0f}  {pooled / before:13.2f} ({ratios.min():.2f} to "
                f"{ratios.max():.2f})  {asked:5.1f}  {pooled / without:14.2f}"
                f"{'' if is_met else '  MISSED'}"
            )
    return told, met


def main() -> int:
    """Run both worlds at all sizes; 1 where a demand is missed, 2 without faces."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    options = parser.parse_args()
    if faces() is None:
        print("no sans and serif face of one family with Han: install the extra `fonts`")
        return 2
    told, met = table(options.seeds, options.sizes)
    print("\n".join(told))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
