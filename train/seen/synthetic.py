"""What the `run.json` beside a label file says: whether its lines were rendered, and what for."""

import json
from pathlib import Path
from typing import Any

RUN = "run.json"


def is_synthetic(labels: Path) -> bool:
    """Return whether a label file holds rendered lines.

    It does when the `run.json` of its folder was written by the rendering command, or says
    `"synthetic": true`, at its top or in its configuration. No such file, or one that is no
    record of a run: it does not.
    """
    content = _record(labels)
    configuration = content.get("configuration")
    marks = [content, configuration if isinstance(configuration, dict) else {}]
    if any(one.get("synthetic") is True for one in marks):
        return True
    return str(content.get("command", "")).split(" ")[0] == "synth"


def profile_of(labels: Path) -> str:
    """Return the sha256 of the profile that the lines of a label file were rendered for, or ""."""
    inputs = _record(labels).get("inputs")
    found = inputs.get("profile") if isinstance(inputs, dict) else None
    return found if isinstance(found, str) else ""


def _record(labels: Path) -> dict[str, Any]:
    try:
        content = json.loads((labels.parent / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
