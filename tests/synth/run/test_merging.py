import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.run.folder import Extent, finish
from synth.run.merging import merge_shards
from synth.run.packing import packed
from textlines.errors import InputError

SAMPLES = 23


@pytest.fixture
def drawn(tmp_path: Path, toy_setup: Callable[..., Any]) -> Path:
    """Write three shards of a toy run."""
    from textlines.formats.plan_rows import PlanRow

    engine = toy_setup().engine()
    rows: dict[int, list[str]] = {}
    for index in range(SAMPLES):
        sample = engine.sample(PlanRow(index, f"값 {index}", (), "face-0", "toy"))
        path = tmp_path / sample.record["image"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample.data)
        line = json.dumps(sample.record, ensure_ascii=False)
        rows.setdefault(index // 10, []).append(line)
    for shard, lines in rows.items():
        finish(tmp_path, shard, lines)
    return tmp_path


def test_a_merge_holds_all_samples_in_order_and_counts_them(drawn: Path) -> None:
    merged = merge_shards(drawn, Extent.of(SAMPLES))
    labels = (drawn / "rec_gt_train.txt").read_text(encoding="utf-8").splitlines()
    assert labels == [f"images/{k // 10:04d}/{k}.jpg\t값 {k}" for k in range(SAMPLES)]
    rows = (drawn / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["index"] for row in rows] == list(range(SAMPLES))
    assert merged.samples == SAMPLES
    assert merged.fallbacks == 4
    assert merged.attempts == {"0": 8, "1": 8, "2": 7}
    assert merged.refused == {}
    assert set(merged.outputs) == {"rec_gt_train.txt", "manifest.jsonl"}


def test_reasons_of_refused_attempts_are_counted_and_unknown_ones_refused(drawn: Path) -> None:
    shard = drawn / "shards/0001.jsonl"
    rows = [json.loads(row) for row in shard.read_text(encoding="utf-8").splitlines()]
    rows[1]["refused"], rows[4]["refused"] = ["counter"], ["counter", "stroke"]
    shard.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
    assert merge_shards(drawn, Extent.of(SAMPLES)).refused == {"counter": 2, "stroke": 1}
    rows[4]["refused"] = ["too ugly"]
    shard.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
    with pytest.raises(InputError, match=r"refused is \[.too ugly.\].*counter"):
        merge_shards(drawn, Extent.of(SAMPLES))


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        ("shards/0001.jsonl", None, r"1 of 3 shards is missing: 1\."),
        ("images/0001/13.jpg", None, r"13\.jpg: is named by a finished shard but is not there"),
        ("shards/0001.jsonl", ("index", 7), r"0001\.jsonl:4: holds sample 7 where 13 should be"),
        ("shards/0002.jsonl", (), r"the shards hold 22 samples, the plan 23"),
    ],
)
def test_what_does_not_fit_is_named_and_no_label_file_appears(
    name: str, change: tuple[str, int] | tuple[()] | None, what: str, drawn: Path
) -> None:
    path = drawn / name
    if change is None:
        path.unlink()
    else:
        lines = path.read_text(encoding="utf-8").splitlines()
        if change:
            lines[3] = json.dumps(json.loads(lines[3]) | dict([change]))
        else:
            lines.pop()
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    with pytest.raises(InputError, match=what):
        merge_shards(drawn, Extent.of(SAMPLES))
    assert not (drawn / "rec_gt_train.txt").exists()
    assert not list(drawn.rglob("*.part"))


def test_a_broken_shard_keeps_the_labels_of_before(drawn: Path) -> None:
    merge_shards(drawn, Extent.of(SAMPLES))
    before = (drawn / "rec_gt_train.txt").read_bytes()
    (drawn / "images" / "0002" / "21.jpg").unlink()
    with pytest.raises(InputError):
        merge_shards(drawn, Extent.of(SAMPLES))
    assert (drawn / "rec_gt_train.txt").read_bytes() == before


@pytest.mark.parametrize(
    "image",
    ["../../outside.jpg", "/etc/hostname", "images/0000/3.jpg", "images/0001/../0000/3.jpg"],
)
@pytest.mark.parametrize("form", ["merge", "tar", "lmdb"])
def test_a_strangers_row_reaches_neither_labels_nor_a_packed_file(
    image: str, form: str, drawn: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = drawn / "shards" / "0001.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = json.dumps(json.loads(lines[3]) | {"image": image}, ensure_ascii=False)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    out = tmp_path_factory.mktemp("packed") / "run.packed"
    with pytest.raises(InputError, match=r"0001\.jsonl:4: .*image"):
        if form == "merge":
            merge_shards(drawn, Extent.of(SAMPLES))
        else:
            packed(
                drawn,
                Extent.of(SAMPLES),
                out,
                "tar" if form == "tar" else "lmdb",
                lambda count: None,
            )
    assert not (drawn / "rec_gt_train.txt").exists()
    assert not out.is_file()
