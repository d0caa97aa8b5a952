import json
from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError
from textlines.formats.missed_lines import read_missed

BIN = {"property": "height", "low": 8.0, "high": 12.0, "lines": 10, "failed": {"value": 0.3}}


def written(path: Path, **content: Any) -> Path:
    path.write_text(json.dumps({"version": 1, "detector": "det", "bins": [BIN], **content}))
    return path


def test_bins_tell_how_many_lines_were_missed(tmp_path: Path) -> None:
    found = {"property": "height", "low": 12.0, "lines": 4, "failed": {"value": 0.0}}
    missed = read_missed(written(tmp_path / "det.json", bins=[BIN, found], evaluation={}))
    assert [one.missed for one in missed.bins] == [3.0, 0.0]
    assert [one.low for one in missed.of("height")] == [8.0]
    assert missed.of("place") == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"version": 2}, r"is a profile of a detector of version 2, this program reads version 1"),
        ({"bins": []}, "bins"),
        ({"bins": [{**BIN, "lines": -1}]}, "greater than or equal to 0"),
        ({"bins": [{**BIN, "failed": {"value": 1.2}}]}, "less than or equal to 1"),
        ({"bins": [{**BIN, "high": 8.0}]}, "is not above low"),
        ({"bins": [{**BIN, "property": "place"}]}, "by place"),
        ({"bins": [{**BIN, "failed": {"value": 0.0}}]}, "tells of no line that det missed"),
    ],
)
def test_what_is_no_profile_is_refused(content: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told) as refused:
        read_missed(written(tmp_path / "det.json", **content))
    assert "det.json" in str(refused.value)
