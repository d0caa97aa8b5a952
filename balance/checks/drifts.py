"""Drift between training, validation and production lines, as findings and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from balance.checks.findings import Finding, Findings
from balance.checks.sets import LineSet, Role
from balance.checks.survey import Survey
from balance.drift import Drift, label_drifts, value_drift
from textlines.defects import of_checks
from textlines.wording import say


@dataclass(frozen=True, slots=True)
class DriftRow:
    """Drift of the lines of one role from those of another, the reference."""

    role: Role
    reference: Role
    drift: Drift


ROLE_NAMES: dict[Role, str] = {
    "train": say("training"),
    "val": say("validation"),
    "like": say("production"),
}
LEAST = 20
"""Lines that a set must have to be compared."""


def check_drifts(
    sets: Sequence[LineSet], survey: Survey | None, findings: Findings
) -> tuple[DriftRow, ...]:
    """Compare every two roles that have lines; large drifts become findings.

    The width is compared where the images of both were looked at (those of `like` never are).
    """
    rows = []
    roles: tuple[Role, ...] = ("train", "val", "like")
    for role, reference in combinations(roles, 2):
        here, there = _labels(sets, role), _labels(sets, reference)
        if min(len(here), len(there)) < LEAST:
            continue
        drifts = list(label_drifts(here, there))
        shapes = [_shapes(sets, one, survey) for one in (role, reference)]
        if min(map(len, shapes)) >= LEAST:
            drifts.append(value_drift("width", *shapes))
        rows += [DriftRow(role, reference, drift) for drift in drifts]
        file = next(one.name for one in sets if one.role == role)
        for drift in drifts:
            if drift.is_far:
                figures = f"PSI {drift.psi:.2f}"
                figures += f", KS {drift.ks:.2f}" if drift.ks is not None else ""
                detail = say(
                    "{role} against {reference}: {figures}; {detail}",
                    role=ROLE_NAMES[role],
                    reference=ROLE_NAMES[reference],
                    figures=figures,
                    detail=drift.detail,
                )
                findings.add(
                    Finding(
                        of_checks.DRIFTS[drift.name],
                        file,
                        detail=detail,
                        subject=f"{role} {reference}",
                    )
                )
    return tuple(rows)


def _labels(sets: Sequence[LineSet], role: Role) -> list[str]:
    return [line.label for one in sets if one.role == role for line in one.lines]


def _shapes(sets: Sequence[LineSet], role: Role, survey: Survey | None) -> list[float]:
    """Return width by height of the images, in tenths, so that equal crops fall together."""
    if survey is None or role == "like":
        return []
    facts = (
        survey.facts[one.image(line)] for one in sets if one.role == role for line in one.lines
    )
    return [round(fact.width / fact.height, 1) for fact in facts if fact.height]
