"""Whatever stands in a file, no finding is longer than a line that one can read."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.checks.check_page import check_page
from balance.checks.check_text import summary, text_lines
from balance.checks.checking import CheckOutcome, Request, run_checks
from balance.checks.findings import LONGEST_DETAIL, Finding, Findings
from tests.rows import manifest_record
from textlines.defects.of_checks import CHECK

LONGEST_LABEL = 60 * len(ascii("\U000e0001")[1:-1]) + 40
"""Of a quoted label: 60 characters, each written as an escape at worst, and how many there are."""

CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
TITLE = re.compile(r'title="([^"]*)"')


def long_sets(folder: Path, label: str, other: str, path: str) -> CheckOutcome:
    """Check sets that hold two labels and a path in every kind of finding there is for them."""
    run = folder / "run"
    run.mkdir()
    face = {**manifest_record()["face"], "sha256": "e" * 64}
    rows = [manifest_record(n, label, image=f"images/{n}.png", face=face) for n in range(2)]
    (run / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    train, val, table = folder / "train.txt", folder / "val.txt", folder / "read.tsv"
    lines = [
        (path, label), (path, other), (path, other), ("run/images/0.png", label),
        (f"/{path}", label), (f"../{path}", label), (f"\u200b{path}", label),
    ]  # fmt: skip
    bad = f"{path} {label}\n{path}\t{label}\t{other}\n[{path}\t{label}\n\t{label}\n"
    train.write_text("".join(f"{p}\t{text}\n" for p, text in lines) + bad, encoding="utf-8")
    judged = [(path, label), (f"x/{path}", other), ("run/images/1.png", label)]
    val.write_text("".join(f"{p}\t{text}\n" for p, text in judged), encoding="utf-8")
    table.write_text(
        "path\tprediction\tscore\tturn\n"
        f"{path}\t{label}x\t0.99\t90\nx/{path}\t{label}\t0.999\t0\nz/{path}\t{label}\t0.9\t0\n",
        encoding="utf-8",
    )
    (folder / "dict.txt").write_text("x\n")
    return run_checks(
        Request(
            train=[train], val=[val], dictionary=folder / "dict.txt", predictions=table,
            group=re.compile("(.*)", re.DOTALL),
        )
    )  # fmt: skip


texts = st.builds(
    lambda text, times, end: (text * times)[:5000] + end,
    st.text(
        st.characters(exclude_categories=("Cc", "Zl", "Zp", "Cs", "Zs"), exclude_characters="/\\"),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 400),
    st.sampled_from(["a", "값"]),
)


@settings(max_examples=25, deadline=None)
@given(label=texts, other=texts, path=texts)
def test_a_finding_is_of_bounded_length_whatever_its_line_holds(
    label: str, other: str, path: str
) -> None:
    with TemporaryDirectory() as name:
        checked = long_sets(Path(name), label, other, path)
        longest = len(name) + 20 + LONGEST_LABEL + LONGEST_DETAIL + 3
        assert max(map(len, text_lines(checked))) <= longest
        for found in summary(checked, {})["findings"]:
            assert len(found["detail"]) <= LONGEST_DETAIL + 3, found["code"]
        html = check_page(checked)
        escaped = 6  # of one character: &quot;
        cells = [re.sub("<[^>]*>", "", cell) for cell in CELL.findall(html)]
        assert max(map(len, cells)) <= escaped * (LONGEST_DETAIL + 3)
        assert max(map(len, TITLE.findall(html)), default=0) <= escaped * (len(name) + 300)


def test_all_codes_that_quote_a_text_are_among_those_that_are_tried(tmp_path: Path) -> None:
    long = "값싼" * 2000
    checked = long_sets(tmp_path, long, long[::-1] + "b", "길" * 3000)
    found = checked.findings.counts()
    assert found.keys() >= {
        "no_tab", "extra_tab", "absolute_path", "leaves_folder", "image_list_broken", "odd_path",
        "outside_dictionary", "too_long", "image_missing", "image_unreadable", "label_conflict",
        "leak_image", "leak_text_face", "leak_group", "synthetic_in_val", "image_turned",
    }  # fmt: skip
    # The label whole where a program reads it; the words about it short.
    listed = summary(checked, {})["findings"]
    conflict = next(one for one in listed if one["code"] == "label_conflict")
    assert conflict["label"] == long
    quoted = f"{long[:60]!r}... (4000 characters) here, {(long[::-1])[:60]!r}... (4001 characters)"
    assert f"{tmp_path}/train.txt:2: {quoted} there" in conflict["detail"]
    told = next(line for line in text_lines(checked) if "characters, at most 25" in line)
    assert told == (
        f"  {tmp_path}/train.txt:1: {long[:60]!r}... (4000 characters): 4000 characters, at most 25"
    )


def test_a_label_of_many_characters_that_the_dictionary_lacks_names_five(kit: Any) -> None:
    many = "".join(map(chr, range(0xAC00, 0xAC00 + 1000)))
    file = kit.text("labels.txt", f"a.jpg\t{many}\n")
    dictionary = kit.text("dict.txt", "x\n")
    checked = kit.check(file, look=False, dictionary=dictionary)
    detail = kit.only(checked, "outside_dictionary").detail
    assert detail.startswith("'가' (U+AC00 HANGUL SYLLABLE GA); '각' (U+AC01 ")
    assert detail.endswith(" and 995 more")
    assert len(detail) < LONGEST_DETAIL


@pytest.mark.parametrize("code", CHECK)
def test_no_code_can_put_a_longer_detail_into_the_findings(code: str) -> None:
    findings = Findings()
    findings.add(Finding(CHECK[code], "a.txt", 1, "값" * 5000, label="값" * 5000))
    findings.add(Finding(CHECK[code], "a.txt", 2, "값" * LONGEST_DETAIL))
    cut, whole = findings.listed(code)
    assert cut.detail == "값" * LONGEST_DETAIL + "..."
    assert whole.detail == "값" * LONGEST_DETAIL
    assert cut.label == "값" * 5000
