"""Rules applied to readings, and what that did to them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from textlines.formats.reading_rules import RuleFile, ruled
from textlines.profile.reading import Reading
from train.judging.evaluation import Figure, RulesEffect
from train.judging.intervals import SEED, change_interval


def with_rules(
    readings: Sequence[Reading],
    file: RuleFile,
    path: Path,
    *,
    groups: npt.NDArray[np.intp] | None = None,
    inputs: Mapping[str, str],
    seed: int = SEED,
) -> tuple[tuple[Reading, ...], RulesEffect]:
    """Return the readings as the rules make them, and what that did to the lines.

    Args:
        path: of the rules.
        groups: the number of each line's group; None for lines that stand alone.
        inputs: what is evaluated, with sha256: rules prove nothing on what they were found on.
    """
    made = tuple(replace(one, prediction=ruled(file.rules, one.prediction)) for one in readings)
    labels = [normalize("NFC", one.truth) for one in readings]
    read = [normalize("NFC", one.prediction) for one in readings]
    was = np.array([a == b for a, b in zip(labels, read, strict=True)], np.float64)
    now = np.array([a == one.prediction for a, one in zip(labels, made, strict=True)], np.float64)
    change = now - was
    effect = RulesEffect(
        path=path.as_posix(),
        rules=len(file.rules),
        lines=len(made),
        changed=sum(a != one.prediction for a, one in zip(read, made, strict=True)),
        mended=int((change > 0).sum()),
        broken=int((change < 0).sum()),
        before=round(float(was.mean()), 6),
        change=Figure.of(change.mean(), change_interval(change, groups, seed=seed)),
        has_seen=bool(set(inputs.values()) & set(file.inputs.values())),
    )
    return made, effect
