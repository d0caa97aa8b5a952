"""What rules would gain without training, in lines of text."""

from textlines.formats.reading_rules import RuleFinding, RuleSearch
from train.judging.figure_words import bounds_behind


def rule_lines(search: RuleSearch | None) -> list[str]:
    """Say what rules gain, a line each; [] where there is nothing to say."""
    if search is None or not search.tried:
        return []
    told = [f"rule: {_told(one)}" for one in search.found]
    if search.found:
        told.append(
            f"rules: {search.before:.3f} → {search.after:.3f} of {search.lines:,} lines read "
            f"exactly{bounds_behind(search.interval)}, on lines that they were not found on and "
            "without any training; --rules-out FILE.toml writes them down"
        )
    if search.unproven:
        told.append(
            f"rules: {len(search.unproven):,} more tried whose gain is not proven, see the page"
        )
    return told


def _told(one: RuleFinding) -> str:
    return (
        f"{one.rule.words}. Mends {one.mended:,}, breaks {one.broken:,} of {one.lines:,} lines; "
        f"{one.before:.3f} → {one.after:.3f}{bounds_behind(one.interval)}"
    )
