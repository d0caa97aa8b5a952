"""What `train collect` prints."""

from collections.abc import Iterator
from pathlib import Path

from textlines.wording.counts import count_of, form_of
from train.collect.choosing import Amounts
from train.collect.labelled import Labelled
from train.collect.queue import CONFIRM, PRECISION, Queue
from train.collect.suspicion import REASONS
from train.judging.significance import FLIPS, LEAST_JUDGED, smallest_provable_gain


def tell_queue(queue: Queue, amounts: Amounts, html: Path, turning: str) -> Iterator[str]:
    """Yield what is queued, what so many labels can prove, and what to call next."""
    record = queue.record
    copies = form_of(record.copies, "is a near copy", "are near copies")
    has = form_of(record.known, "has", "have")
    yield (
        f"{count_of(record.crops, 'crop')} read by {record.model}"
        + (f" and {record.other}" if record.other else "")
        + (f"; {record.unreadable:,} cannot be read" if record.unreadable else "")
        + (f"; {record.copies:,} {copies} of another" if record.copies else "")
        + (f"; {record.known:,} {has} a label already" if record.known else "")
    )
    if record.earlier:
        yield (
            f"  after {count_of(len(record.earlier), 'earlier queue')}: {record.asked:,} "
            f"{form_of(record.asked, 'was', 'were')} asked for before, {record.arrived:,} "
            f"{form_of(record.arrived, 'has', 'have')} arrived since; the random part is of these "
            "alone"
        )
    stop, judge = queue.count(role="stop"), queue.count(role="judge")
    train = queue.count(part="chosen")
    yield f"to label: {count_of(train + stop + judge, 'crop')}"
    yield f"  {train:>5,} to train on, chosen"
    for reason, count in _reasons(queue):
        yield f"          {count:,}: {reason}"
    yield f"  {stop:>5,} to stop by, at random"
    yield f"  {judge:>5,} to judge on, at random"
    short = amounts.train + amounts.random - train - stop - judge
    if short:
        yield (
            f"  {short:,} fewer than asked for: there are no more crops that are neither near "
            "copies of others nor of a document of the random part"
        )
    if record.accept is not None:
        asked = min(queue.count(part="confirm"), CONFIRM)
        yield (
            f"  {asked:>5,} to confirm: of {count_of(record.accepted, 'reading')} surer than "
            f"{1 - record.accept:.3g}; they join the training lines if at least {PRECISION:.0%} "
            "of all such are surely right"
        )
    yield from _provable(judge)
    turned = sum(row.turn != 0 for row in queue.rows)
    if turned:
        yield f"  {turned:,} of them read better turned; the page shows them so"
    elif turning == "off":
        yield "  crops were read as they lie; where some lie upside down: --turn auto"
    yield f"page: {html}"
    yield (
        f"next: open it, answer, save answers.json; then: train collect {queue.folder} "
        "--answers answers.json --out labelled/"
    )


def _provable(judge: int) -> Iterator[str]:
    def gain(lines: int) -> str:
        return f"{100 * smallest_provable_gain(lines, FLIPS):.0f}"

    if judge >= LEAST_JUDGED:
        yield (
            f"  {judge:,} lines that judge show gains of {gain(judge)} points and more; "
            f"{2 * judge:,} would show {gain(2 * judge)}"
        )
    else:
        yield (
            f"  no verdict: {LEAST_JUDGED} lines that judge are the least, and show gains of "
            f"{gain(LEAST_JUDGED)} points and more (--judge {LEAST_JUDGED}); name other lines to "
            "judge on, or label more"
        )


def _reasons(queue: Queue) -> list[tuple[str, int]]:
    counts = {
        words: sum(row.part == "chosen" and code in row.reasons for row in queue.rows)
        for code, words in REASONS.items()
    }
    return [(words, count) for words, count in counts.items() if count]


def tell_labelled(queue: Queue, labelled: Labelled, out: Path, again: Path | None) -> Iterator[str]:
    """Yield what came of the answers, and what to call next."""
    before = sum(labelled.before.values())
    yield f"{out}: {count_of(sum(labelled.lines.values()) + before, 'labelled line')}" + (
        f", {before:,} of them of other queues" if before else ""
    )
    for role, count in labelled.lines.items():
        more = f", of which {labelled.accepted:,} nobody typed" if labelled.accepted else ""
        there = labelled.before[role]
        beside = f" and {there:,} of other queues" if before else ""
        yield f"  {role:<6} {count:>6,}{more if role == 'train' else ''}{beside}"
    for kind, count in labelled.left_out.items():
        words = "no text" if kind == "not_text" else kind
        yield f"  {count:,} left out: {words} (left_out.tsv)"
    if labelled.unanswered:
        has = form_of(labelled.unanswered, "has", "have")
        yield f"  {count_of(labelled.unanswered, 'crop')} of the queue {has} no answer yet"
    mended, shown = labelled.mended
    if shown:
        yield (
            f"  {mended:,} of {count_of(shown, 'shown reading')} {form_of(mended, 'was', 'were')} "
            "mended"
        )
    if labelled.turned or labelled.lying:
        turned = labelled.turned + labelled.lying
        yield (
            f"  {count_of(turned, 'crop')} {form_of(turned, 'lies', 'lie')} turned: those that "
            "train are written upright, the others as production has them; train and read with "
            "--turn auto"
        )
    agreement = labelled.agreement
    if agreement.asked_twice:
        low, high = agreement.interval
        yield (
            f"  {count_of(agreement.asked_twice, 'crop')} "
            f"{form_of(agreement.asked_twice, 'was', 'were')} answered twice, "
            f"{agreement.alike:,} alike ({low:.0%} to {high:.0%}); disputed and left out: "
            f"{len(agreement.disputed):,}"
        )
    yield from _confirmed(labelled)
    if again:
        count = len(labelled.again)
        yield f"to be asked again: {count_of(count, 'crop')} in {again}; name its answers as well"
    yield f"next: make loop LABELS={out / 'rec_gt.txt'} IMAGES={out}"


def _confirmed(labelled: Labelled) -> Iterator[str]:
    confirmation = labelled.confirmation
    if confirmation is None or not confirmation.asked:
        return
    words = (
        f"  {confirmation.right:,} of {count_of(confirmation.asked, 'sure reading')} "
        f"{form_of(confirmation.right, 'was', 'were')} confirmed: at "
        f"least {confirmation.low:.1%} are right"
    )
    if confirmation.is_enough:
        yield words
    elif confirmation.missing:
        more = f"{confirmation.missing:,} more have to be"
        yield f"{words}, {PRECISION:.0%} are needed: {more}, none is taken"
    else:
        yield f"{words}, {PRECISION:.0%} are needed: none is taken; try a higher --accept"
