"""`synth generate --chars` for characters of several code points, as a user types it."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.synth.corpus.test_targets_in_text import CLUSTERS, MANY
from textlines.labels.canonical import clusters

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a face with a shape of its own for every character of the texts."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    blocks = ((0x905, 0x970), (0xE01, 0xE3B), (0xB85, 0xBCE), (0x61, 0x7B))
    chars = sorted({*MANY, " ", *(chr(code) for block in blocks for code in range(*block))})
    names = {char: f"uni{ord(char):05X}" for char in chars}

    def drawn(number: int) -> Any:
        pen = TTGlyphPen(None)
        # Bits of the number as boxes side by side: no two shapes are alike.
        for bit in [k for k in range(12) if number >> k & 1]:
            left, low = 60 + bit % 3 * 160, bit // 3 * 180
            for k, point in enumerate(((0, 0), (0, 150), (130, 150), (130, 0))):
                (pen.lineTo if k else pen.moveTo)((left + point[0], low + point[1]))
            pen.closePath()
        return pen.glyph()

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(char): name for char, name in names.items()})
    glyphs = {".notdef": drawn(4095)} | {name: drawn(k) for k, name in enumerate(names.values())}
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (600, 60)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Clusters", "styleName": "Regular"}, mac=False)
    builder.setupOS2()
    builder.setupPost()
    folder = tmp_path_factory.mktemp("fonts")
    builder.save(folder / "clusters.ttf")
    return folder


@pytest.fixture
def plan_of(synth_here: Run, write_file: Callable[..., Path], font: Path, tmp_path: Path) -> Run:
    """Return a function that plans lines for characters, from a corpus of given lines."""

    def run(chars: str, lines: list[str], *more: object) -> Any:
        corpus = write_file("corpus.txt", "\n".join(lines) + "\n")
        words = ("--chars", chars, "--corpus", corpus, "--fonts", font, "--count", 12)
        return synth_here("generate", *words, "--dry-run", *more)

    return run


@pytest.mark.parametrize(
    ("chars", "lines"),
    [
        ("काक", ["काक", "राम काम", "पका काक"]),
        ("ก็ก่", ["ก็ไม่ก่", "ก็ดี ก่อน"]),
        ("நிந", ["நிலா நகர்", "நந்தி"]),
        ("لَل", ["لَا لل", "ل لَ"]),
        ("ᄒᆞᆫᄒᆞᆯ", ["ᄒᆞᆫ ᄒᆞᆯ", "ᄒᆞᆯ 나"]),
        ("☎️☎", ["☎️ ☎ 1", "☎ ☎️ 2"]),
    ],
)
def test_clusters_with_a_partner_are_planned(chars: str, lines: list[str], plan_of: Run) -> None:
    ended = plan_of(chars, [line.translate({0xFE0F: "\ufe0f"}) for line in lines])
    assert "Traceback" not in ended.err
    if ended.code:
        assert "--chars: names no character that can be served (" in ended.err
    else:
        for char in clusters(chars):
            assert f"{char} hard: " in ended.out or f"not served: {char}" in ended.out


def test_a_planned_line_holds_its_cluster(
    synth_here: Run, write_file: Callable[..., Path], font: Path, tmp_path: Path
) -> None:
    corpus = write_file("corpus.txt", "काक नया\nराम काम\nपका काक\nकमल\nबाल\n")
    words = ("--chars", "काक", "--corpus", corpus, "--fonts", font, "--count", 24)
    ended = synth_here("generate", *words, "--out", tmp_path / "run", "--workers", 1)
    assert ended.code == 0, ended.err
    rows = [json.loads(line) for line in (tmp_path / "run" / "plan.jsonl").open(encoding="utf-8")]
    aimed = [row for row in rows if row["targets"]]
    assert len(aimed) >= 12
    for row in aimed:
        assert set(row["targets"]) <= set(clusters(row["text"]))
        assert unicodedata.is_normalized("NFC", row["text"])


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chars=st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=5).map("".join),
    lines=st.lists(
        st.lists(st.sampled_from([*CLUSTERS, " "]), min_size=1, max_size=8).map("".join),
        min_size=1,
        max_size=6,
    ),
)
def test_any_clusters_end_with_a_plan_or_in_words(
    chars: str, lines: list[str], plan_of: Run
) -> None:
    ended = plan_of(chars, lines)
    assert ended.code in (0, 1, 2)
    assert "Traceback" not in ended.err
    assert ended.code == 0 or "synth: error: " in ended.err
