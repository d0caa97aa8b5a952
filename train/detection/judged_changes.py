"""What changed on each set of pages, and how sure that is beside the other sets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from train.detection.gate_verdict import SettingsKind
from train.detection.page_outcomes import Objective
from train.detection.paired_pages import (
    FailureChange,
    NegativeChange,
    PageChange,
    PairedPage,
    change_of_hmean,
    change_of_reading,
    failure_changes,
    negative_change,
)
from train.judging.significance import ALPHA, holm


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSetPages:
    """The pages of one set under both detectors at one kind of settings.

    Attributes:
        name: of the set. pages: at least one.
        is_rendered: it holds rendered pages, which prove harm and never its absence.
    """

    name: str
    is_target: bool
    settings: SettingsKind
    pages: tuple[PairedPage, ...]
    is_rendered: bool = False


@dataclass(frozen=True, slots=True)
class SetFigures:
    """What changed on one set; None for a figure that it does not have.

    Attributes:
        hmean_holm, reading_holm: p after Holm over all general sets; None for a target.
        failure_holm: of each class, over all classes of all general sets; () for a target.
    """

    hmean: PageChange | None
    reading: PageChange | None
    failures: tuple[FailureChange, ...]
    negatives: NegativeChange
    hmean_holm: float | None = None
    reading_holm: float | None = None
    failure_holm: tuple[float, ...] = ()

    def figure(self, name: Objective) -> PageChange | None:
        """Return one of the two shares."""
        return self.hmean if name == "hmean" else self.reading

    def figure_holm(self, name: Objective) -> float | None:
        """Return its p after Holm."""
        return self.hmean_holm if name == "hmean" else self.reading_holm

    def risen(self) -> tuple[FailureChange, ...]:
        """Return the classes of failure that rose for sure."""
        return tuple(
            change
            for change, p in zip(self.failures, self.failure_holm, strict=False)
            if change.interval[0] > 0 and p < ALPHA
        )


def figures_of(sets: Sequence[JudgedSetPages], seed: int) -> tuple[SetFigures, ...]:
    """Measure each set, and adjust what is tested over all general sets together."""
    plain = [
        SetFigures(
            change_of_hmean([one.pages], seed=seed),
            change_of_reading([one.pages]),
            failure_changes(one.pages, seed=seed),
            negative_change(one.pages),
        )
        for one in sets
    ]
    general = [at for at, one in enumerate(sets) if not one.is_target]
    hmeans = _adjusted([plain[at].hmean for at in general])
    readings = _adjusted([plain[at].reading for at in general])
    classes = iter(holm([change.p for at in general for change in plain[at].failures]))
    for at, of_hmean, of_reading in zip(general, hmeans, readings, strict=True):
        plain[at] = replace(
            plain[at],
            hmean_holm=of_hmean,
            reading_holm=of_reading,
            failure_holm=tuple(next(classes) for _ in plain[at].failures),
        )
    return tuple(plain)


def _adjusted(changes: Sequence[PageChange | None]) -> list[float | None]:
    """Return p after Holm of those that are there."""
    values = iter(holm([change.p for change in changes if change is not None]))
    return [None if change is None else next(values) for change in changes]


def figure_over(sets: Sequence[JudgedSetPages], figure: Objective, seed: int) -> PageChange | None:
    """Measure a figure over some sets together."""
    pages = [one.pages for one in sets]
    return change_of_hmean(pages, seed=seed) if figure == "hmean" else change_of_reading(pages)
