"""A sample's record as one line of `manifest.jsonl`."""

import json
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def manifest_line(record: dict[str, Any]) -> str:
    """Write a record as one line, without its line break."""
    return _ENCODER.encode(record)
