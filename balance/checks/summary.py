"""What was found, as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from balance.checks.check import Checked
from balance.checks.codes import CODES
from balance.checks.drifts import ROLE_NAMES
from balance.checks.findings import Finding
from textlines.labels.canonical import short
from textlines.labels.tally import Tally

SHOWN = 5
"""Findings of one code that the text shows; JSON and the page hold more."""

_ORDER = {"error": 0, "warning": 1, "note": 2}


def ranked_codes(checked: Checked) -> list[tuple[str, int]]:
    """Give the codes that were found, worst first, and their counts."""
    counts = checked.findings.counts()
    return sorted(counts.items(), key=lambda item: _ORDER[CODES[item[0]].severity])


def text_lines(checked: Checked) -> Iterator[str]:
    """Write the findings for a terminal: for each code its count, places and the way out."""
    for code, count in ranked_codes(checked):
        kind = CODES[code]
        yield f"{kind.severity} {code}: {kind.words} ({count:,})"
        for finding in checked.findings.listed(code)[:SHOWN]:
            yield f"  {finding.place}: {told(finding)}".rstrip(": ")
        if count > SHOWN:
            yield f"  ... and {count - SHOWN:,} more"
        yield f"  -> {kind.mend}"
    lines = sum(len(one.lines) for one in checked.sets)
    yield f"{lines:,} lines in {len(checked.sets)} files{_images(checked)}"
    errors, warnings = checked.findings.total("error"), checked.findings.total("warning")
    yield f"{errors:,} errors, {warnings:,} warnings" if errors or warnings else "nothing found"


def told(finding: Finding) -> str:
    """Say what a finding is about: its label, cut, and the particulars."""
    label = short(finding.label) if finding.label else ""
    return ": ".join(part for part in (label, finding.detail) if part)


def _images(checked: Checked) -> str:
    if checked.survey is None:
        return ", images not opened"
    text = f", {len(checked.survey.facts):,} images ({checked.survey.known:,} known from before)"
    if checked.near:
        text += f", {checked.near.compared:,} pairs compared"
        if checked.near.left_out:
            text += f" ({checked.near.left_out:,} left out for their number)"
    if checked.survey.cache_trouble:
        text += f"; nothing is kept for the next run ({checked.survey.cache_trouble})"
    return text


def summary(checked: Checked, fixed: Mapping[str, Tally]) -> dict[str, Any]:
    """Give all that was found as plain values.

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
        "images": len(checked.survey.facts) if checked.survey else None,
        "near": asdict(checked.near) | {"pairs": len(checked.near.pairs)} if checked.near else None,
        "codes": {
            code: {
                "severity": CODES[code].severity,
                "words": CODES[code].words,
                "mend": CODES[code].mend,
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
    """Give `summary` as JSON, ending in a line feed."""
    return json.dumps(summary(checked, fixed), ensure_ascii=False, indent=1) + "\n"


def fixed_lines(fixed: Mapping[str, Tally]) -> list[str]:
    """Tell what `--fix` wrote, file by file."""
    lines = []
    for name, tally in fixed.items():
        counts = tally.as_dict()
        written = counts.pop("kept", 0) + counts.get("mended", 0)
        changed = counts.pop("mended", 0)
        left = "".join(f", {n:,} left out ({code})" for code, n in counts.items())
        lines.append(f"{name}: {written:,} lines written, {changed:,} of them mended{left}")
    return lines
