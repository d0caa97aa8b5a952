"""What was found, as text for people, as JSON for programs and as SARIF for code scanning.

SARIF 2.1.0 is what GitHub's and GitLab's code scanning and editors read. One rule for each code,
whether it was found or not, and one result for each kept finding. What GitHub asks beyond the
schema is met too: a rule index, a line for every result (the first for what is about a whole file),
relative paths, and the fingerprint that it tells alerts apart by.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from balance.checks.checking import CheckOutcome
from balance.checks.findings import Finding
from balance.checks.set_figures import ROLE_NAMES
from textlines.defects.of_checks import CHECK
from textlines.labels.canonical import short
from textlines.labels.tally import Tally
from textlines.terminal import shown_line
from textlines.wording.counts import count_of

SHOWN = 5
"""Findings of one code that the text shows; JSON and the page hold more."""

_ORDER = {"error": 0, "warning": 1, "note": 2}


def ranked_codes(checked: CheckOutcome) -> list[tuple[str, int]]:
    """Return the codes that were found, worst first, and their counts."""
    counts = checked.findings.counts()
    return sorted(counts.items(), key=lambda item: _ORDER[CHECK[item[0]].severity])


def text_lines(checked: CheckOutcome) -> Iterator[str]:
    """Write the findings for a terminal: for each code its count, places and the way out."""
    for code, count in ranked_codes(checked):
        kind = CHECK[code]
        yield f"{kind.severity} {code}: {kind.what} ({count:,})"
        for finding in checked.findings.listed(code)[:SHOWN]:
            yield f"  {finding.place}: {label_and_detail(finding)}".rstrip(": ")
        if count > SHOWN:
            yield f"  ... and {count - SHOWN:,} more"
        yield f"  -> {kind.mend}"
    lines = sum(len(line_set.lines) for line_set in checked.sets)
    yield f"{count_of(lines, 'line')} in {count_of(len(checked.sets), 'file')}{_images(checked)}"
    errors, warnings = checked.findings.total("error"), checked.findings.total("warning")
    totals = f"{count_of(errors, 'error')}, {count_of(warnings, 'warning')}"
    yield totals if errors or warnings else "nothing found"


def label_and_detail(finding: Finding) -> str:
    """Write what a finding is about: its label, cut, and the particulars."""
    label = short(finding.label) if finding.label else ""
    return ": ".join(part for part in (label, finding.detail) if part)


def _images(checked: CheckOutcome) -> str:
    survey = checked.survey
    if survey is None:
        return ", images not opened"
    if not survey.facts:
        return ", no image to look at"
    if not survey.looked:
        of = "the one" if survey.missing == 1 else f"none of the {survey.missing:,}"
        return f", no image looked at: {of} is {'not ' * (survey.missing == 1)}there"
    text = f", {count_of(survey.looked, 'image')} ({survey.known:,} known from before)"
    if survey.missing:
        text += f", {survey.missing:,} more not there"
    if checked.near:
        text += f", {count_of(checked.near.compared, 'pair')} compared"
        if checked.near.left_out:
            text += f" ({checked.near.left_out:,} left out for their number)"
    if survey.cache_trouble:
        text += f"; nothing is kept for the next run ({survey.cache_trouble})"
    return text


def summary(checked: CheckOutcome, fixed: Mapping[str, Tally]) -> dict[str, Any]:
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
            {"file": line_set.name, "role": line_set.role, "lines": len(line_set.lines)}
            for line_set in checked.sets
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


def summary_json(checked: CheckOutcome, fixed: Mapping[str, Tally]) -> str:
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
        written_lines = f"{count_of(written, 'line')} written"
        lines.append(f"{name}: {written_lines}, {changed:,} of them mended{left}")
    return lines


SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

MOST_RESULTS = 25_000
"""GitHub refuses a run of more."""

SARIF_ROOT = "%SRCROOT%"
"""What relative paths start from: by its name, as the place differs from machine to machine."""

_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
_NOT_LISTED, _NOT_COMPARED = "findings_not_listed", "pairs_not_compared"
_NOTIFICATIONS = {
    _NOT_LISTED: "Findings that are counted and not listed, for their number.",
    _NOT_COMPARED: "Pairs of images that were not compared, for their number.",
}


def sarif_log(checked: CheckOutcome, *, root: Path, exit_code: int) -> dict[str, Any]:
    """Return the findings as a SARIF log of one run, in plain values.

    Args:
        root: the folder that the command was called in, best that of the repository. Files in it
            are named from there on, others by their whole `file:` address.
        exit_code: what the command ends with.
    """
    rules = list(CHECK)
    results: list[dict[str, Any]] = []
    notifications: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for code, count in ranked_codes(checked):
        listed = checked.findings.listed(code)[: max(MOST_RESULTS - len(results), 0)]
        results += [_result(finding, rules.index(code), checked, root, seen) for finding in listed]
        if count > len(listed):
            text = (
                f"{code}: {count_of(count, 'finding')}, {len(listed):,} of them listed here; the "
                "summary counts all"
            )
            rule = {"id": code, "index": rules.index(code)}
            notifications.append(_notification(_NOT_LISTED, text) | {"associatedRule": rule})
    if checked.near and checked.near.left_out:
        text = f"{checked.near.left_out:,} pairs of images were not compared, for their number"
        notifications.append(_notification(_NOT_COMPARED, text))
    invocation = {
        "executionSuccessful": True,
        "exitCode": exit_code,
        "toolExecutionNotifications": notifications,
    }
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "originalUriBaseIds": {
                    SARIF_ROOT: {
                        "description": {"text": "The folder that the command was called in."}
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": results,
            }
        ],
    }


def sarif_json(checked: CheckOutcome, *, root: Path, exit_code: int) -> str:
    """Return `sarif_log` as JSON, ending in a line feed."""
    log = sarif_log(checked, root=root, exit_code=exit_code)
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _driver() -> dict[str, Any]:
    driver: dict[str, Any] = {"name": "balance check"}
    with suppress(metadata.PackageNotFoundError):  # a checkout that was not installed has none
        driver["version"] = driver["semanticVersion"] = metadata.version("ocr-mend")
    driver["rules"] = [_rule(code) for code in CHECK]
    driver["notifications"] = [
        {"id": name, "shortDescription": {"text": text}} for name, text in _NOTIFICATIONS.items()
    ]
    return driver


def _rule(code: str) -> dict[str, Any]:
    kind = CHECK[code]
    words, mend = _plain(f"{kind.what[0].upper()}{kind.what[1:]}"), _plain(kind.mend)
    return {
        "id": code,
        "name": "".join(part.capitalize() for part in code.split("_")),
        "shortDescription": {"text": words},
        "fullDescription": {"text": f"{words}. {mend}"},
        "help": {"text": mend, "markdown": kind.mend},
        "defaultConfiguration": {"level": kind.severity},
        "properties": {
            "tags": ["ocr", "training-data"],
            "problem.severity": _PROBLEM[kind.severity],
        },
    }


def _result(
    finding: Finding, rule: int, checked: CheckOutcome, root: Path, seen: "Counter[str]"
) -> dict[str, Any]:
    words = finding.defect.what
    images = [path for path in (finding.image, finding.other) if _is_there(path, checked)]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": _plain(": ".join(filter(None, (words, label_and_detail(finding)))))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _place(finding.file, root),
                    "region": {"startLine": finding.line or 1},
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding, root, seen)},
    }
    if images:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": {"artifactLocation": _place(path, root)},
                "message": {"text": "the image" if path == finding.image else "the other image"},
            }
            for number, path in enumerate(images)
        ]
    return result


def _is_there(path: str, checked: CheckOutcome) -> bool:
    """Whether an image was looked at and found: a path of any length may stand in a label file."""
    facts = checked.survey.facts.get(path) if path and checked.survey else None
    return facts is not None and facts.fault != "missing"


def _fingerprint(finding: Finding, root: Path, seen: "Counter[str]") -> str:
    """Name a finding so that it keeps its name while lines come and go above it.

    By what it is about (file, image, label, subject), not by its line or its figures; findings
    that are alike in all of these are counted.
    """
    parts = (
        finding.code,
        _place(finding.file, root)["uri"],
        finding.subject,
        *(_place(path, root)["uri"] if path else "" for path in (finding.image, finding.other)),
        finding.label,
    )
    name = sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    seen[name] += 1
    return f"{name}:{seen[name]}"


def _place(path: str, root: Path) -> dict[str, str]:
    """Return where a file lies as a SARIF artifact location: from the root on if it lies there."""
    # By the names alone: a link that leads out of a repository still is a file of it.
    whole = os.path.abspath(path)  # noqa: PTH100
    inside = os.path.relpath(whole, root)
    if Path(inside).parts[:1] == (os.pardir,):
        return {"uri": f"file://{quote(os.fsencode(whole))}"}
    return {"uri": quote(os.fsencode(inside)), "uriBaseId": SARIF_ROOT}


_LINK = re.compile(r"\]\(")


def _plain(text: str) -> str:
    r"""Write a text as a SARIF message that says just that: neither placeholders nor links.

    >>> _plain("label '{0}'"), _plain("see [1](2)")
    ("label '{{0}}'", 'see \\[1\\](2)')
    """
    text = shown_line(text).replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\[\]])", r"\\\1", text) if _LINK.search(text) else text


def _notification(name: str, text: str) -> dict[str, Any]:
    index = list(_NOTIFICATIONS).index(name)
    return {
        "descriptor": {"id": name, "index": index},
        "level": "warning",
        "message": {"text": _plain(text)},
    }
