"""The rows of a verdict on a detector: its figures by set, and the pages that changed.

What passes or fails a candidate is decided before (`train.detection.gate_decision`).
"""

from collections.abc import Iterator, Mapping, Sequence

from train.detection.gate_decision import DetDecision
from train.detection.gate_verdict import (
    ChangedPage,
    FailureRow,
    JudgedRow,
    NegativeRow,
    ShareChange,
)
from train.detection.judged_changes import JudgedSetPages, SetFigures
from train.detection.paired_pages import NegativeChange, PageChange, labels_of


def judged_rows(
    sets: Sequence[JudgedSetPages], decision: DetDecision, in_files: Mapping[str, int]
) -> dict[str, object]:
    """Return the fields of a verdict that hold figures and pages, by name.

    Args:
        sets: that were decided on. in_files: pages of the label file of each set, by its name.
    """
    return {
        "sets": tuple(
            _row(one, figures, in_files[one.name])
            for one, figures in zip(sets, decision.figures, strict=True)
        ),
        "changed": tuple(page for one in sets for page in _changed(one)),
    }


def _row(one: JudgedSetPages, figures: SetFigures, in_file: int) -> JudgedRow:
    risen = {change.failure for change in figures.risen()}
    return JudgedRow(
        set=one.name,
        role="target" if one.is_target else "general",
        settings=one.settings,
        pages=len(one.pages),
        changed=sum(page.has_changed for page in one.pages),
        labels=labels_of([one.pages]),
        left_out=in_file - len(one.pages),
        hmean=_share(figures.hmean, figures.hmean_holm),
        reading=_share(figures.reading, figures.reading_holm),
        failures=tuple(
            FailureRow(
                failure=change.failure,
                before=change.before,
                after=change.after,
                interval=change.interval,
                more=change.more,
                fewer=change.fewer,
                p=round(change.p, 6),
                holm=round(figures.failure_holm[at], 6) if figures.failure_holm else None,
                has_risen=change.failure in risen,
            )
            for at, change in enumerate(figures.failures)
        ),
        negatives=_negatives(figures.negatives),
        is_synthetic=one.is_rendered,
    )


def _share(change: PageChange | None, holm: float | None) -> ShareChange | None:
    if change is None:
        return None
    low, high = change.interval
    return ShareChange(
        before=round(change.before, 6),
        after=round(change.after, 6),
        interval=(round(low, 6), round(high, 6)),
        p=round(change.p, 6),
        holm=None if holm is None else round(holm, 6),
    )


def _negatives(change: NegativeChange) -> NegativeRow:
    bounds = change.interval
    return NegativeRow(
        pages=change.pages,
        before=change.before,
        after=change.after,
        boxes_before=change.boxes[0],
        boxes_after=change.boxes[1],
        interval=None if bounds is None else (round(bounds[0], 6), round(bounds[1], 6)),
    )


def _changed(one: JudgedSetPages) -> Iterator[ChangedPage]:
    for page in one.pages:
        if not page.has_changed:
            continue
        both = page.base.outcome, page.candidate.outcome
        has_read = any(outcome.read for outcome in both)
        yield ChangedPage(
            set=one.name,
            settings=one.settings,
            path=page.path,
            labels=both[0].counts.labels,
            boxes=(both[0].counts.boxes, both[1].counts.boxes),
            matched=(both[0].counts.matched, both[1].counts.matched),
            read=(sum(both[0].read), sum(both[1].read)) if has_read else None,
        )
