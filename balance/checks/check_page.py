"""`check.html`: the findings with their images, and figures of the sets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Literal

from markupsafe import Markup, escape

from balance.checks.check_text import ranked_codes
from balance.checks.checking import CheckOutcome
from balance.checks.findings import Finding, spoils_line
from balance.checks.set_figures import ROLE_NAMES
from textlines.defects.of_checks import CHECK
from textlines.errors import InputError
from textlines.labels.label_paths import shown_path
from textlines.pages.environment import typed
from textlines.pages.figures import histogram
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, Column, table
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.wording import UNSAID, arranged, joined, say, say_n
from textlines.wording.counts import line_count

ROWS = 40
"""Findings of one code that a page shows with their images."""

CHARACTERS = 400
"""Rows of the table of characters, fewest samples first."""

_SHOWN = {"error": "s-error", "warning": "s-warning", "note": "s-note"}

_SEVERITIES = {"error": say("error"), "warning": say("warning"), "note": say("note")}
_FIGURES = {
    "length": say("length"),
    "space": say("spaces"),
    "charset": say("characters"),
    "width": say("width"),
}

_Name = Literal["place", "image", "the other", "label", "detail"]
_TITLES: Mapping[_Name, str] = {
    "place": say("place"),
    "image": say("image"),
    "the other": say("the other"),
    "label": say("label"),
    "detail": say("detail"),
}

_STYLE = Markup("""
.s-error, .s-warning, .s-note { white-space: nowrap; }
.s-error { color: var(--wrong); font-weight: 600; }
.s-warning { color: var(--extra); font-weight: 600; }
.s-note { color: var(--soft); }
section table { min-width: 60%; }
.spaced { white-space: pre-wrap; background: var(--accent-soft); }
td { max-width: 44rem; overflow-wrap: anywhere; }
td img { display: block; max-width: 26rem; max-height: 40px; border: 1px solid var(--line);
  background: #fff; }
#findings td:nth-child(2) { white-space: nowrap; overflow-wrap: normal; }
""")


def check_page(checked: CheckOutcome) -> str:
    """Build the page; it holds its images and asks for nothing."""
    pictures = _Pictures()
    parts = [_overview(checked)]
    parts += [_section(checked, code, pictures) for code, _ in ranked_codes(checked)]
    parts += [*_drift_sections(checked), *_character_section(checked)]
    return page(
        say("Check of labelled lines"),
        parts,
        finding=_finding(checked),
        lead=joined(
            ", ",
            [
                arranged("{file} ({role})", file=line_set.file.name, role=ROLE_NAMES[line_set.role])
                for line_set in checked.sets
            ],
        ),
        facts=_facts(checked),
        styles=[_STYLE],
    )


UNUSABLE = say("{count} of {lines} cannot be used, most often: {fault} ({most}).")
WHOLE = say("No line is unusable by itself, but the sets are not sound: {fault} ({most}).")
WARNED = say("{lines} can be used; most often warned of: {fault} ({most}).")
CLEAN = say("{lines} can be used, and nothing was found.")


def _finding(checked: CheckOutcome) -> str:
    """Write how many lines are unusable, and for what reason most of them are."""
    counts = checked.findings.counts()
    unusable, lines = _lines(checked)
    kinds = {
        UNUSABLE: [code for code in counts if spoils_line(CHECK[code]) and unusable],
        WHOLE: [code for code in counts if CHECK[code].severity == "error"],
        WARNED: [code for code in counts if CHECK[code].severity == "warning"],
    }
    words = next((words for words, codes in kinds.items() if codes), CLEAN)
    worst = max(kinds.get(words, ()), key=lambda code: counts[code], default="")
    every = say_n("The one line", "All {n:,} lines", lines)
    if not worst:
        return CLEAN.filled(lines=every)
    return words.filled(
        count=f"{unusable:,}",
        lines=line_count(lines) if words == UNUSABLE else every,
        fault=CHECK[worst].what,
        most=f"{counts[worst]:,}",
    )


def _lines(checked: CheckOutcome) -> tuple[int, int]:
    """Count the lines with an error, and all lines: those too that cannot be read as lines."""
    unusable = lines = 0
    for line_set in checked.sets:
        bad = checked.findings.unusable(line_set.file)
        unusable += len(bad)
        lines += len(bad.union(line.number for line in line_set.lines))
    return unusable, lines


def _facts(checked: CheckOutcome) -> list[Fact]:
    findings = checked.findings
    facts = [
        Fact(say("lines"), f"{_lines(checked)[1]:,}"),
        Fact(say("errors"), f"{findings.total('error'):,}"),
        Fact(say("warnings"), f"{findings.total('warning'):,}"),
    ]
    if checked.survey:
        missing = checked.survey.missing
        note = say("{count:,} more are not there", count=missing) if missing else UNSAID
        facts.append(Fact(say("images looked at"), f"{checked.survey.looked:,}", note))
    if checked.near:
        left_out = checked.near.left_out
        note = say("{count:,} left out", count=left_out) if left_out else UNSAID
        facts.append(Fact(say("pairs compared"), f"{checked.near.compared:,}", note))
    entries = f"{len(checked.alphabet.entries):,}"
    dictionary = say("assumed") if checked.alphabet.is_assumed else entries
    facts.append(Fact(say("dictionary"), dictionary))
    return facts


def _severity(code: str) -> Cell:
    severity = CHECK[code].severity
    order = list(_SHOWN).index(severity)
    return Cell(
        Markup('<span class="{}">{}</span>').format(_SHOWN[severity], _SEVERITIES[severity]), order
    )


def _overview(checked: CheckOutcome) -> Section:
    rows = [
        (
            _severity(code),
            Cell(Markup(f'<a href="#{code}">{code}</a>'), code),
            CHECK[code].what,
            count,
            typed(CHECK[code].mend),
        )
        for code, count in ranked_codes(checked)
    ]
    columns = (Column(say("severity")), Column(say("code")), Column(say("what")),
               Column(say("count"), True), Column(say("the way out")))  # fmt: skip
    return Section(say("Findings"), table(columns, rows), say("Worst first."), "findings")


def _section(checked: CheckOutcome, code: str, pictures: "_Pictures") -> Section:
    listed = checked.findings.listed(code)
    count = checked.findings.counts()[code]
    shown = listed[:ROWS]
    has_image = any(finding.image and not code.startswith("image_missing") for finding in shown)
    has_other = any(finding.other for finding in shown)
    names: list[_Name] = ["place"]
    names += ["image"] if has_image else []
    names += ["the other"] if has_other else []
    names += ["label"] if any(finding.label for finding in shown) else []
    names += ["detail"] if any(finding.detail for finding in shown) else []
    columns = [Column(_TITLES[name]) for name in names]
    rows = [_row(finding, names, pictures) for finding in shown]
    lead = CHECK[code].mend
    if count > len(shown):
        more = say(
            "{shown:,} of {count:,} are shown; --json lists more.", shown=len(shown), count=count
        )
        lead = joined(" ", [lead, more])
    title = arranged("{words!c} ({count:,})", words=CHECK[code].what, count=count)
    return Section(title, table(columns, rows), lead, code, is_wide=has_image)


def _label(label: str) -> Markup:
    """Write a label with every space to be seen, as one at an end or a doubled one is not."""
    shown = shown_path(label, 120)
    return Markup('<span class="spaced">{}</span>').format(shown)


def _row(finding: Finding, names: Sequence["_Name"], pictures: "_Pictures") -> list[Cell | str]:
    where = f"{Path(finding.file).name}:{finding.line}" if finding.line else finding.file
    cells: dict[_Name, Cell | str] = {
        "place": Cell(where, finding.line or None, hint=finding.place),
        "image": Cell(pictures.of(finding.image), hint=shown_path(finding.image)),
        "the other": Cell(pictures.of(finding.other), hint=shown_path(finding.other)),
        "label": Cell(_label(finding.label), finding.label),
        "detail": finding.detail,
    }
    return [cells[name] for name in names]


class _Pictures:
    """Thumbnails by path, each made once; none for an image that cannot be read."""

    def __init__(self) -> None:
        self._made: dict[str, Markup] = {"": Markup("")}

    def of(self, path: str) -> Markup:
        """Return an image as an element."""
        if path not in self._made:
            try:
                source = thumbnail(read_image(Path(path)), max_height=40, max_width=640)
                self._made[path] = Markup(f'<img src="{escape(source)}" alt="">')
            except InputError as error:
                self._made[path] = escape(error.what)
        return self._made[path]


def _drift_sections(checked: CheckOutcome) -> list[Section]:
    if not checked.drifts:
        return []
    rows = [
        (
            say(
                "{role} against {reference}",
                role=ROLE_NAMES[row.role],
                reference=ROLE_NAMES[row.reference],
            ),
            _FIGURES.get(row.drift.name, row.drift.name),
            round(row.drift.psi, 3),
            round(row.drift.psi_by_chance, 3),
            "" if row.drift.ks is None else f"{row.drift.ks:.3f}",
            say("far") if row.drift.is_far else "",
            row.drift.detail,
        )
        for row in checked.drifts
    ]
    columns = (Column(say("sets")), Column(say("figure")), Column("PSI", True),
               Column(say("by chance"), True, say("PSI that two samples of one source stay below")),
               Column("KS", True), Column(""), Column(say("detail")))  # fmt: skip
    lengths: dict[str, list[float]] = {}
    for line_set in checked.sets:
        role_lengths = lengths.setdefault(ROLE_NAMES[line_set.role], [])
        role_lengths += [len(line.label) for line in line_set.lines]
    plot = histogram(
        {name: values for name, values in lengths.items() if values}, title=say("Characters a line")
    )
    lead = say("From 0.25 on a PSI, from 0.15 on a KS distance is large; both must exceed chance.")
    return [Section(say("How far the sets are apart"), table(columns, rows) + plot, lead, "drift")]


def _character_section(checked: CheckOutcome) -> list[Section]:
    if not checked.characters:
        return []
    lines = Counter(
        chain.from_iterable(
            {*line.label}
            for line_set in checked.sets
            if line_set.role == "train"
            for line in line_set.lines
        )
    )
    rows = [
        (Cell(Markup('<span class="char">{}</span>').format(row.char), row.char),
         row.train, lines[row.char], row.val)
        for row in checked.characters[:CHARACTERS]
    ]  # fmt: skip
    columns = (Column(say("character")), Column(say("in training"), True),
               Column(say("lines"), True), Column(say("in validation"), True))  # fmt: skip
    lead = say_n(
        "{n:,} character in all.",
        "{n:,} characters, fewest samples first.",
        len(checked.characters),
    )
    if len(checked.characters) > CHARACTERS:
        lead = joined(" ", [lead, say("{count:,} are shown.", count=CHARACTERS)])
    return [Section(say("Characters"), table(columns, rows, shown=40), lead, "characters")]
