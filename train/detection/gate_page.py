"""`verdict.html` of a detector: the criteria, the figures behind them, and the pages to look at."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from markupsafe import Markup

from textlines.pages.curves import STYLE, Points, curves
from textlines.pages.environment import asset, render
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.pixels.decode import ImageError, read_image
from textlines.wording import Sentence, arranged, joined, say, say_n
from train.detection.evaluate_text import FAILURE_MEANINGS, FAILURE_WORDS
from train.detection.gate_decision import rules_in_words
from train.detection.gate_job import Gated, SetPages
from train.detection.gate_text import (
    MEANING,
    ROLE_WORDS,
    advice,
    figure_cells,
    headlines,
    negative_lines,
    titled,
)
from train.detection.gate_verdict import DetCriterion, DetVerdict, JudgedRow
from train.detection.gate_words import FIGURE_WORDS, SETTINGS_WORDS, count_range, signed_count
from train.detection.judged_pages import JudgedPage
from train.detection.mine_page import KEY, PACKAGE
from train.detection.page_pictures import page_picture, pictures_body
from train.judging import page_parts
from train.judging.figure_words import p_words, points, points_range, signed_points
from train.judging.gate_text import MARKS, todos
from train.judging.judged_sets import seen_words
from train.judging.page_parts import change_svg, reach_of

SHOWN_PAGES = 6
"""Of each set, pages that lost most and, of the target, that won most: each as two pictures."""

_OUTCOMES: Mapping[str, Sentence] = {
    "passed": say("passed"),
    "failed": say("failed"),
    "cannot_tell": say("cannot tell"),
}


def verdict_page(gated: Gated) -> str:
    """Build the page; the images of the pages that are shown are read again."""
    verdict = gated.verdict
    sections = [Section(say("Criteria"), _criteria(verdict), "", "criteria")]
    if verdict.warnings:
        lead = say("Worse for sure; none of it decides by itself.")
        sections.append(Section(say("Warnings"), _items(verdict.warnings), lead, "warnings"))
    has_tuned = any(one.is_target and one.settings == "tuned" for one in gated.sets)
    if verdict.sets:
        sections += _figures(verdict, gated.sets)
    for number, one in enumerate(gated.sets, 1):
        # What is predicted with: the target at its settings, a general set as the base comes.
        kind = ("tuned" if one.is_target else "as_base") if has_tuned else "deployed"
        if one.settings == kind:
            sections += _pages_sections(one, number)
    if verdict.settings:
        sections.append(Section(say("Settings"), _settings(verdict), "", "settings"))
    meaning = Markup("<p>{}</p>").format(MEANING)
    rules = _items(rules_in_words(verdict.delta_points, verdict.objective))
    sections.append(Section(say("What the figures mean"), meaning + rules, "", "meaning"))
    if verdict.notes:
        sections.append(Section(say("Notes"), _items(verdict.notes), "", "notes"))
    sections.append(Section(say("Made from"), _made_from(verdict), "", "made-from"))
    return page(
        say("Gate of a detector: {outcome}", outcome=_OUTCOMES[verdict.outcome]),
        sections,
        finding=Markup('<span class="verdict {}">{}</span> {}').format(
            verdict.outcome, headlines(verdict)[0], advice(verdict)
        ),
        lead=_lead(verdict),
        facts=_facts(verdict),
        styles=[asset(page_parts.PACKAGE, "verdict.css"), asset(PACKAGE, "regions.css"), STYLE],
    )


def _lead(verdict: DetVerdict) -> Markup:
    versus = say("{candidate} against {base}", candidate=verdict.candidate, base=verdict.base)
    remarks = Markup("").join(
        Markup('<span class="remark">{}</span>').format(remark) for remark in headlines(verdict)[1:]
    )
    return Markup("{}{}").format(versus, remarks)


def _facts(verdict: DetVerdict) -> list[Fact]:
    facts = []
    for row in verdict.sets:
        it = row.hmean if verdict.objective == "hmean" else row.reading
        if it is None or (row.role == "target" and row.settings == "as_base"):
            continue
        facts.append(
            Fact(
                arranged("{name}, {settings}", name=row.set, settings=SETTINGS_WORDS[row.settings]),
                f"{it.before:.3f} → {it.after:.3f}",
                arranged(
                    "{figure}, {change} ({bounds})",
                    figure=FIGURE_WORDS[verdict.objective],
                    change=points(it.value, 1),
                    bounds=points_range(it.interval),
                ),
            )
        )
    return facts


def _criteria(verdict: DetVerdict) -> Markup:
    rows = [
        (
            criterion.model_copy(update={"title": titled(criterion)}),
            MARKS[criterion.status],
            todo,
            _criterion_picture(verdict, criterion),
        )
        for criterion, todo in zip(verdict.criteria, todos(verdict.criteria), strict=True)
    ]
    return render(page_parts.PACKAGE, "criteria.html.j2", criteria=rows)


def _criterion_picture(verdict: DetVerdict, criterion: DetCriterion) -> Markup:
    if criterion.value is None or criterion.interval is None:
        return Markup("<span></span>")
    limit = -verdict.delta_points / 100 if criterion.key.startswith("general") else 0.0
    reach = reach_of([criterion.interval], limit)
    return change_svg(criterion.value, criterion.interval, reach=reach, limit=limit or None)


def _figures(verdict: DetVerdict, sets: Sequence[SetPages]) -> Iterator[Section]:
    yield Section(say("Sets"), _sets_table(verdict), "", "sets", True)
    lead = say(
        "Labels that have a box now and had none, less those that lost theirs, summed over the "
        "pages from the one that lost most on: a steep beginning is harm to a few pages."
    )
    yield Section(say("Page by page"), _curve(sets), lead, "by-page")
    lead = say(
        "As counts, each class apart. Up, down: pages on which it rose, or fell. p is of the sign "
        "test of these, after Holm over all classes of the general sets."
    )
    yield Section(say("Failures"), _failures_table(verdict), lead, "failures", True)
    negatives = tuple(negative_lines(verdict))
    if negatives:
        yield Section(say("Pages without text"), _items(negatives), "", "negatives")


def _sets_table(verdict: DetVerdict) -> Markup:
    columns = [
        Column(say("set")),
        Column(say("figure")),
        *(
            Column(name, True)
            for name in (
                say("pages"),
                say("changed"),
                say("base"),
                say("candidate"),
                say("change"),
                "95 %",
            )
        ),
        Column("", hint=say("the change, on one axis for all sets")),
        Column("p, Holm", True, say("of a target, which is tested alone, p as it is")),
    ]
    figures = [(row, *figure) for row in verdict.sets for figure in figure_cells(row)]
    reach = reach_of([it.interval for _, _, it in figures])
    rows: list[Sequence[CellLike]] = [
        (
            _set_cell(row),
            name,
            row.pages,
            row.changed,
            f"{it.before:.3f}",
            f"{it.after:.3f}",
            Cell(signed_points(it.value), it.value),
            Cell(points_range(it.interval), it.interval[0]),
            Cell(change_svg(it.value, it.interval, reach=reach, wide=130), it.value),
            Cell(p_words(p), p),
        )
        for row, name, it in figures
        for p in [it.p if it.holm is None else it.holm]
    ]
    return table(columns, rows)


def _set_cell(row: JudgedRow) -> Cell:
    about = [ROLE_WORDS[row.role], SETTINGS_WORDS[row.settings]]
    about += [say("{count:,} left out", count=row.left_out)] if row.left_out else []
    about += [say("synthetic")] if row.is_synthetic else []
    body = Markup('{}<br><span class="about-set">{}</span>').format(row.set, joined(", ", about))
    return Cell(body, row.set)


def _failures_table(verdict: DetVerdict) -> Markup:
    columns = [
        Column(say("set")),
        Column(say("Failure")),
        *(
            Column(name, True)
            for name in (
                say("base"),
                say("candidate"),
                say("change"),
                "95 %",
                say("up"),
                say("down"),
                "p",
                "p, Holm",
            )
        ),
    ]
    rows: list[Sequence[CellLike]] = [
        (
            _set_cell(row),
            Cell(
                Markup("<strong>{}</strong>" if it.has_risen else "{}").format(
                    FAILURE_WORDS[it.failure]
                ),
                FAILURE_WORDS[it.failure],
                FAILURE_MEANINGS[it.failure],
            ),
            it.before,
            it.after,
            Cell(signed_count(it.after - it.before), it.after - it.before),
            Cell(count_range(it.interval), it.interval[0]),
            it.more,
            it.fewer,
            Cell(p_words(it.p), it.p),
            Cell(p_words(it.holm), 2.0 if it.holm is None else it.holm),
        )
        for row in verdict.sets
        for it in row.failures
        if it.before or it.after
    ]
    return table(columns, rows, shown=30)


def _curve(sets: Sequence[SetPages]) -> Markup:
    series: dict[str, Points] = {
        arranged("{name}, {settings}", name=one.name, settings=SETTINGS_WORDS[one.settings]): [
            (float(at), float(total))
            for at, total in enumerate(
                accumulate(sorted(_won(*both) for both in one.pages), initial=0)
            )
        ]
        for one in sets
    }
    return curves(series, title=say("Labels won, less those lost"), counted=say("pages"))


def _won(base: JudgedPage, candidate: JudgedPage) -> int:
    return candidate.counts.matched - base.counts.matched


def _harm(base: JudgedPage, candidate: JudgedPage) -> int:
    """Count what a page lost: labels without their box, and boxes that fit none."""
    first, second = base.counts, candidate.counts
    spare = (second.boxes - second.matched) - (first.boxes - first.matched)
    return first.matched - second.matched + spare


def _pages_sections(one: SetPages, number: int) -> Iterator[Section]:
    """Show the pages that lost most, and of the target those that won most.

    Args:
        number: of the set, for links to the sections.
    """
    ranked = sorted(one.pages, key=lambda both: -_harm(*both))
    lost = [both for both in ranked if _harm(*both) > 0]
    won = [both for both in reversed(ranked) if _harm(*both) < 0] if one.is_target else []
    for pages, title, id in (
        (lost, say("{name}: pages that lost most", name=one.name), "lost"),
        (won, say("{name}: pages that won most", name=one.name), "won"),
    ):
        if not pages:
            continue
        lead = say_n(
            "{shown:,} of {n:,} such page, {settings}: the base on the left, the candidate on the "
            "right.",
            "{shown:,} of {n:,} such pages, {settings}: the base on the left, the candidate on the "
            "right.",
            len(pages),
            shown=min(len(pages), SHOWN_PAGES),
            settings=SETTINGS_WORDS[one.settings],
        )
        body = render(PACKAGE, "key.html.j2", kinds=KEY)
        body += Markup("").join(_pictures(*both) for both in pages[:SHOWN_PAGES])
        yield Section(title, body, lead, is_wide=True, id=f"{id}-{number}")


def _pictures(base: JudgedPage, candidate: JudgedPage) -> Markup:
    """Show a page twice, with the boxes of either."""
    try:
        image = read_image(base.labels.image)
    except ImageError:  # it was there when it was judged
        return Markup("<p>{}</p>").format(
            arranged("{path}: {words}", path=base.labels.path, words=say("not there"))
        )
    pictures = [
        page_picture(
            one,
            image,
            say(
                "{who}: {matched:,} of {labels:,} labels have a box, of {boxes:,}",
                who=who,
                matched=one.counts.matched,
                labels=one.counts.labels,
                boxes=one.counts.boxes,
            ),
        )
        for who, one in ((say("base"), base), (say("candidate"), candidate))
    ]
    return pictures_body(pictures)


def _settings(verdict: DetVerdict) -> Markup:
    """Return a row for each value, and a column for each model and kind of settings."""
    kinds = [
        (role, name, values)
        for role, known in verdict.settings.items()
        for name, values in known.items()
    ]
    roles: Mapping[str, Sentence] = {"base": say("base"), "candidate": say("candidate")}
    names: Mapping[str, Sentence] = {
        "deployed": say("as deployed"),
        "target": say("tuned for the target"),
    }
    columns = [
        Column(say("value")),
        *(
            Column(
                joined(", ", [roles[role], names.get(name) or say("tuned for {name}", name=name)]),
                True,
            )
            for role, name, _ in kinds
        ),
    ]
    rows = [[name, *(_value(values[name]) for _, _, values in kinds)] for name in kinds[0][2]]
    return table(columns, rows, has_filter=False)


def _value(value: object) -> CellLike:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).lower()
    return Cell(f"{value:g}", value)


def _made_from(verdict: DetVerdict) -> Markup:
    rows: list[str] = [seen_words(row) for row in verdict.seen]
    rows += [f"{name} {value}" for name, value in verdict.inputs.items()]
    rows += [f"{name} {value}" for name, value in verdict.versions.items()]
    rows.append(say("seed of the bootstrap {seed}", seed=verdict.seed))
    return Markup('<div class="made">{}</div>').format(_items(rows))


def _items(texts: Sequence[str]) -> Markup:
    rows = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup("<ul>{}</ul>").format(rows)
