"""What `train mine` prints."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from textlines.defects import of_readings
from textlines.formats.profile import CharacterRow, ErrorProfile
from textlines.formats.reading_rules import RuleFinding, RuleSearch
from textlines.profile.part_words import in_korean, part_name, part_read_as
from textlines.terminal import console as escaping_console
from textlines.wilson import outward
from textlines.wording.counts import count_of, form_of
from train.judging.figure_words import NOTHING, bounds_behind, visible
from train.judging.mining import Mined

if TYPE_CHECKING:
    from train.judging.mine_page import ProfilePage


TOP = 10
"""How many parts, characters, insertions and conventions are printed."""

MARKS_OF_PROOF = {"own": "", "parts": "*", "": "?"}
"""Behind a character: misread by its own counts, as its parts are, or for all that is known."""


def print_summary(
    mined: Mined,
    out: Path | None,
    html: Path | None,
    page: "ProfilePage | None",
    worth: Sequence[str] = (),
) -> None:
    """Print the profile in short, to standard output.

    Args:
        worth: what labels are worth, were these lines to train.
    """
    console = escaping_console(soft_wrap=True)
    profile = mined.measurement.profile
    lines = profile.lines
    console.print(Text(_figures(profile)))
    if profile.out_of_fold:
        console.print(
            Text(
                f"out of fold: each line was read by a model that was not trained on it "
                f"({profile.out_of_fold} folds)"
            )
        )
    if any(row.gain > 0 for row in profile.parts):
        console.print(_parts(profile))
    if profile.ranked and profile.ranked[0].gain > 0:
        console.print(_characters(profile))
    elif lines.edits:
        console.print(Text("No character is proven to be misread."))
    for text in (*rule_lines(profile.rules), *_others(profile)):
        console.print(Text(text))
    if mined.turned and mined.turned.crops:
        console.print(Text(mined.turned.told()))
    if worth and lines.edits:
        console.print(Text(f"labels: were these {lines.lines:,} to train"))
        for line in worth:
            console.print(Text(f"  {line}"))
    if not any(reading.prediction for reading in mined.readings):
        note = (
            f"all {len(mined.readings):,} readings are empty: nothing was read in these crops"
            if len(mined.readings) > 1
            else "the one reading is empty: nothing was read in this crop"
        )
        console.print(Text(f"note: {note}", style="yellow"))
    for note in mined.tally.lines(of_readings.READING):
        console.print(Text(f"note: {note}", style="yellow"))
    if out:
        console.print(Text(f"profile: {out}"))
    if html and page:
        more = f", {page.left_out:,} left out by --crops" if page.left_out else ""
        missing = f", {page.missing:,} without their crop" if page.missing else ""
        shown = f"{count_of(page.shown, 'line')}{more}{missing}"
        if not page.shown and not page.left_out:
            shown = f"no line to show: none of the {lines.lines:,} is misread"
        console.print(Text(f"page: {html} ({shown})"))


def _figures(profile: ErrorProfile) -> str:
    lines = profile.lines
    parts = [f"{lines.lines:,} line{'s' * (lines.lines != 1)}, {lines.exact:.1%} read exactly"]
    if lines.agreed is not None and lines.agreed > lines.exact:
        parts.append(f"{lines.agreed:.1%} with conventions set aside")
    if lines.casefold > lines.exact:
        parts.append(f"{lines.casefold:.1%} case folded")
    if lines.nospace > lines.exact:
        parts.append(f"{lines.nospace:.1%} without spaces")
    parts.append(f"character accuracy {lines.character_accuracy:.3f}")
    parts.append(count_of(lines.edits, "edit"))
    return ", ".join(parts)


def _parts(profile: ErrorProfile) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("part", "misread", "gain", "recall", "95 %", "read as"):
        table.add_column(name, justify="left" if name in ("part", "read as") else "right")
    for row in [row for row in profile.parts if row.gain > 0][:TOP]:
        low, high = outward(row.interval)
        table.add_row(
            Text(part_name(row), style="bold"),
            f"{row.misread:,} of {row.seen:,}",
            f"{row.gain:.1f}",
            f"{row.recall:.3f}",
            f"{low:.3f}–{high:.3f}",
            Text(part_read_as(row)),
        )
    return table


def _characters(profile: ErrorProfile) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("char", "gain", "recall", "95 %", "used", "read as"):
        table.add_column(name, justify="left" if name in ("char", "read as") else "right")
    for row in [row for row in profile.ranked if row.gain > 0][:TOP]:
        low, high = outward(row.interval)
        table.add_row(
            Text(row.char + MARKS_OF_PROOF[row.proof], style="bold"),
            f"{row.gain:.1f}",
            f"{row.recall:.3f}",
            f"{low:.3f}–{high:.3f}",
            f"{row.support:,}",
            Text(_read_as(row)),
        )
    return table


def _read_as(row: CharacterRow) -> str:
    readings = dict(row.confusions)
    if row.deletions:
        readings[NOTHING] = row.deletions
    top = sorted(readings.items(), key=lambda item: (-item[1], item[0]))[:5]
    shown = "  ".join(f"{visible(char)} ×{count}" for char, count in top)
    parts = [f"{part} ×{count}" for part, count in list(row.jamo.items())[:3]]
    return shown + (f" ({in_korean(', '.join(parts))})" if parts else "")


def _others(profile: ErrorProfile) -> list[str]:
    lines = []
    if profile.insertions:
        top = list(profile.insertions.items())[:TOP]
        more = f" and {len(profile.insertions) - TOP} more" if len(profile.insertions) > TOP else ""
        lines.append(f"inserted: {'  '.join(f'{c} ×{n}' for c, n in top)}{more}")
    spaces = profile.spaces
    if spaces.support or spaces.insertions:
        aside = spaces.conventional
        lines.append(
            f"spaces: {spaces.right - aside:,} of {spaces.support - aside:,} read, "
            f"{spaces.deletions:,} lost, {spaces.insertions:,} inserted"
            + (f", {aside:,} set aside by a convention" if aside else "")
        )
    shown = [row.proof for row in profile.ranked if row.gain > 0][:TOP]
    if "parts" in shown:
        lines.append("* proven by its parts, as other syllables that have them are misread")
    if "" in shown:
        lines.append("? may be well read, for all that is known")
    if profile.unproven:
        wrong = [row for row in profile.unproven if row.right < row.support]
        most = "  ".join(f"{r.char} {r.support - r.right}/{r.support}" for r in wrong[:TOP])
        lines.append(
            f"unproven: {len(profile.unproven):,} "
            f"character{'s' * (len(profile.unproven) != 1)} that may be well read, "
            f"{len(wrong):,} of them misread at least once" + (f": {most}" if most else "")
        )
    for convention in profile.conventions[:TOP]:
        seen = f"{visible(convention.chars)} {convention.count:,} of {convention.of:,}"
        lines.append(
            f"convention: {convention.words if convention.kind == 'affix' else seen}. "
            f"{convention.advice}"
        )
    agreed, misread = agreed_lines(profile)
    if agreed:
        lines.append(
            f"conventions: {agreed:,} of the {count_of(misread, 'wrong line')} "
            f"{form_of(misread, 'is', 'are')} right but for them; what "
            "they explain counts as read right above, and is nothing to train on"
        )
    if len(profile.conventions) > TOP:
        lines.append(f"convention: {len(profile.conventions) - TOP:,} more, see the page")
    if profile.suspected:
        lines.append(f"suspected: {count_of(profile.suspected, 'label')} may be wrong; see --html")
    if profile.marks:
        lines.append("marks: " + ", ".join(f"{mark} {n}" for mark, n in profile.marks.items()))
    if profile.alphabet.assumed:
        lines.append("note: without --dictionary, characters outside it cannot be told")
    return lines


def agreed_lines(profile: ErrorProfile) -> tuple[int, int]:
    """Count the lines that are wrong by conventions alone, and all wrong ones."""
    lines = profile.lines
    exact, agreed = (round(lines.lines * share) for share in (lines.exact, lines.agreed or 0))
    return max(0, agreed - exact), lines.lines - exact


def summary_of(mined: Mined, out: Path | None, html: Path | None) -> dict[str, Any]:
    """Return the profile as plain values, its alphabet's entries as their number."""
    content = mined.measurement.profile.model_dump(mode="json")
    content["alphabet"]["entries"] = len(content["alphabet"]["entries"])
    content["out"] = out.as_posix() if out else None
    content["html"] = html.as_posix() if html else None
    if mined.turned:
        content["turned"] = mined.turned.record()
    return content


def summary_json(mined: Mined, out: Path | None, html: Path | None) -> str:
    """Return `summary_of` as JSON, ending in a line feed."""
    return json.dumps(summary_of(mined, out, html), ensure_ascii=False) + "\n"


def rule_lines(search: RuleSearch | None) -> list[str]:
    """Return what rules gain, a line each; [] where there is nothing to say."""
    if search is None or not search.tried:
        return []
    lines = [f"rule: {_rule_words(finding)}" for finding in search.found]
    if search.found:
        lines.append(
            f"rules: {search.before:.3f} → {search.after:.3f} of {count_of(search.lines, 'line')} "
            f"read exactly{bounds_behind(search.interval)}, on lines that they were not found on "
            "and without any training; --rules-out FILE.toml writes them down"
        )
    if search.unproven:
        lines.append(
            f"rules: {len(search.unproven):,} more tried whose gain is not proven, see the page"
        )
    return lines


def _rule_words(finding: RuleFinding) -> str:
    return (
        f"{finding.rule.words}. Mends {finding.mended:,}, breaks {finding.broken:,} of "
        f"{count_of(finding.lines, 'line')}; "
        f"{finding.before:.3f} → {finding.after:.3f}{bounds_behind(finding.interval)}"
    )
