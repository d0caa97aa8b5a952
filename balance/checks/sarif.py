"""The findings as SARIF 2.1.0, which code scanning reads: GitHub's, GitLab's and editors'.

One rule for each code, whether it was found or not, and one result for each kept finding. What
GitHub asks beyond the schema is met too: a rule index, a line for every result (the first for
what is about a whole file), relative paths, and the fingerprint that it tells alerts apart by.
"""

import json
import os
import re
from collections import Counter
from contextlib import suppress
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from balance.checks.check import Checked
from balance.checks.findings import Finding
from balance.checks.summary import ranked_codes, told
from textlines.defects.of_checks import CHECK
from textlines.terminal import shown_line

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

MOST_RESULTS = 25_000
"""GitHub refuses a run of more."""

ROOT = "%SRCROOT%"
"""What relative paths start from: by its name, as the place differs from machine to machine."""

_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
_NOT_LISTED, _NOT_COMPARED = "findings_not_listed", "pairs_not_compared"
_NOTIFICATIONS = {
    _NOT_LISTED: "Findings that are counted and not listed, for their number.",
    _NOT_COMPARED: "Pairs of images that were not compared, for their number.",
}


def sarif_log(checked: Checked, *, root: Path, exit_code: int) -> dict[str, Any]:
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
        results += [_result(one, rules.index(code), checked, root, seen) for one in listed]
        if count > len(listed):
            text = (
                f"{code}: {count:,} findings, {len(listed):,} of them listed here; the summary "
                "counts all"
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
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "originalUriBaseIds": {
                    ROOT: {"description": {"text": "The folder that the command was called in."}}
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": results,
            }
        ],
    }


def sarif_json(checked: Checked, *, root: Path, exit_code: int) -> str:
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
    finding: Finding, rule: int, checked: Checked, root: Path, seen: "Counter[str]"
) -> dict[str, Any]:
    words = finding.defect.what
    images = [path for path in (finding.image, finding.other) if _is_there(path, checked)]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": _plain(": ".join(filter(None, (words, told(finding)))))},
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


def _is_there(path: str, checked: Checked) -> bool:
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
    return {"uri": quote(os.fsencode(inside)), "uriBaseId": ROOT}


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
