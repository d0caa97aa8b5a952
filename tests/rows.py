"""Rows of files as our tools write them, for tests that change one thing."""

from typing import Any


def manifest_record(index: int = 0, text: str = "값 1", **changes: Any) -> dict[str, Any]:
    """Return a row of `manifest.jsonl`, as its JSON object; `changes` replace values."""
    return {
        "index": index,
        "image": f"images/{index // 1000:04d}/{index:06d}.jpg",
        "text": text,
        "targets": ["값"],
        "split": "train",
        "source": "corpus:own",
        "style": "receipt",
        "face": {"family": "Own Sans", "sha256": "f" * 64, "index": 0, "licence": "OFL-1.1"},
        "size": [120, 48],
        "line": {
            "size_px": 40,
            "baseline": 38,
            "pens": [3, 40],
            "whole": False,
            "stretch": 1.0,
            "width": 110,
        },
        "matrix": None,
        "surface": ["thermal", {"grain": 2.5}],
        "distractors": [["rule", {"x": 3}]],
        "luminance": {"surface": 250, "ink": 3, "contrast": 152.4},
        "ink": [2, 3, 4],
        "effects": [["shear", {"deg": -1}]],
        "quality": 82,
        "attempt": 0,
        "fallback": False,
        "sha256": "0" * 64,
        **changes,
    }
