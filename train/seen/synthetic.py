"""Whether the lines of a label file were rendered: `run.json` beside it says so."""

import json
from pathlib import Path

RUN = "run.json"


def is_synthetic(labels: Path) -> bool:
    """Tell whether a label file holds rendered lines.

    It does when the `run.json` of its folder was written by the rendering command, or says
    `"synthetic": true`, at its top or in its configuration. No such file, or one that is no
    record of a run: it does not.
    """
    try:
        content = json.loads((labels.parent / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    if not isinstance(content, dict):
        return False
    configuration = content.get("configuration")
    marks = [content, configuration if isinstance(configuration, dict) else {}]
    if any(one.get("synthetic") is True for one in marks):
        return True
    return str(content.get("command", "")).split(" ")[0] == "synth"
