"""What was found, as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from balance.checks.check import Checked
from balance.checks.findings import Finding
from balance.checks.set_figures import ROLE_NAMES
from textlines.defects.of_checks import CHECK
from textlines.labels.canonical import short
from textlines.labels.tally import Tally

SHOWN = 5
"""Findings of one code that the text shows; JSON and the page hold more."""

_ORDER = {"error": 0, "warning": 1, "note": 2}


def ranked_codes(checked: Checked) -> list[tuple[str, int]]:
    """Return the codes that were found, worst first, and their counts."""
    counts = checked.findings.counts()
    return sorted(counts.items(), key=lambda item: _ORDER[CHECK[item[0]].severity])


def text_lines(checked: Checked) -> Iterator[str]:
    """Write the findings for a terminal: for each code its count, places and the way out."""
    for code, count in ranked_codes(checked):
        kind = CHECK[code]
        yield f"{kind.severity} {code}: {kind.what} ({count:,})"
        for finding in checked.findings.listed(code)[:SHOWN]:
            yield f"  {finding.place}: {told(finding)}".rstrip(": ")
        if count > SHOWN:
            yield f"  ... and {count - SHOWN:,} more"
        yield f"  -> {kind.mend}"
    lines = sum(len(one.lines) for one in checked.sets)
    yield f"{_count(lines, 'line')} in {_count(len(checked.sets), 'file')}{_images(checked)}"
    errors, warnings = checked.findings.total("error"), checked.findings.total("warning")
    found = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    yield found if errors or warnings else "nothing found"


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'s' * (number != 1)}"


def told(finding: Finding) -> str:
    """Write what a finding is about: its label, cut, and the particulars."""
    label = short(finding.label) if finding.label else ""
    return ": ".join(part for part in (label, finding.detail) if part)


def _images(checked: Checked) -> str:
    survey = checked.survey
    if survey is None:
        return ", images not opened"
    if not survey.facts:
        return ", no image to look at"
    if not survey.looked:
        of = "the one" if survey.missing == 1 else f"none of the {survey.missing:,}"
        return f", no image looked at: {of} is {'not ' * (survey.missing == 1)}there"
    text = f", {_count(survey.looked, 'image')} ({survey.known:,} known from before)"
    if survey.missing:
        text += f", {survey.missing:,} more not there"
    if checked.near:
        text += f", {_count(checked.near.compared, 'pair')} compared"
        if checked.near.left_out:
            text += f" ({checked.near.left_out:,} left out for their number)"
    if survey.cache_trouble:
        text += f"; nothing is kept for the next run ({survey.cache_trouble})"
    return text


def summary(checked: Checked, fixed: Mapping[str, Tally]) -> dict[str, Any]:
    """Return the whole outcome of a check as plain values.

    Args:
        fixed: tallies by the file that `--fix` wrote.
    """
    findings = checked.findings
    return {
        "version": 1,
        "errors": findings.total("error"),
        "warnings": findings.total("warning"),
        "files": [
            {"file": one.name, "role": one.role, "lines": len(one.lines)} for one in checked.sets
        ],
        "images": checked.survey.looked if checked.survey else None,
        "images_missing": checked.survey.missing if checked.survey else None,
        "near": asdict(checked.near) | {"pairs": len(checked.near.pairs)} if checked.near else None,
        "codes": {
            code: {
                "severity": CHECK[code].severity,
                "words": CHECK[code].what,
                "mend": CHECK[code].mend,
                "count": count,
                "listed": len(findings.listed(code)),
            }
            for code, count in ranked_codes(checked)
        },
        "findings": [
            {"code": f.code, "severity": f.severity, "file": f.file, "line": f.line,
             "label": f.label, "detail": f.detail, "image": f.image, "other": f.other}
            for code, _ in ranked_codes(checked)
            for f in findings.listed(code)
        ],
        "drift": [
            {"of": ROLE_NAMES[row.role], "from": ROLE_NAMES[row.reference], "name": d.name,
             "psi": round(d.psi, 4), "psi_by_chance": round(d.psi_by_chance, 4),
             "ks": None if d.ks is None else round(d.ks, 4), "is_far": d.is_far,
             "detail": d.detail}
            for row in checked.drifts
            for d in (row.drift,)
        ],
        "fixed": {name: tally.as_dict() for name, tally in fixed.items()},
    }  # fmt: skip


def summary_json(checked: Checked, fixed: Mapping[str, Tally]) -> str:
    """Return `summary` as JSON, ending in a line feed."""
    return json.dumps(summary(checked, fixed), ensure_ascii=False, indent=1) + "\n"


def fixed_lines(fixed: Mapping[str, Tally]) -> list[str]:
    """Write what `--fix` wrote, one line a file."""
    lines = []
    for name, tally in fixed.items():
        counts = tally.as_dict()
        written = counts.pop("kept", 0) + counts.get("mended", 0)
        changed = counts.pop("mended", 0)
        left = "".join(f", {n:,} left out ({code})" for code, n in counts.items())
        written_lines = f"{_count(written, 'line')} written"
        lines.append(f"{name}: {written_lines}, {changed:,} of them mended{left}")
    return lines
