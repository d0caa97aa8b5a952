"""Finished shards to the whole: the label file and the manifest."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from synth.running.marked import Marked, require_all_met, require_same
from synth.running.shards import marker, require_all, shard_count
from textlines.errors import InputError
from textlines.files import replacing, replacing_bytes, sha256_of, unreadable
from textlines.formats.manifest import MANIFEST, SHARD_KIND, manifest_row, read_shard
from textlines.formats.rows import RowError, parse_row

LABELS = "rec_gt_train.txt"


class Merged(NamedTuple):
    """What a merge wrote: counts, and the outputs by name with sha256.

    Attributes:
        samples: that were written.
        attempts: samples by how often they were drawn anew. refused: attempts by why.
        without: images of those that were left out, in order. lost: how many of these each
            character was a target of.
    """

    samples: int
    fallbacks: int
    attempts: dict[str, int]
    refused: dict[str, int]
    outputs: dict[str, str]
    without: tuple[str, ...] = ()
    lost: Mapping[str, int] = {}


def merge_shards(
    out: Path, samples: int, without: Mapping[str, Marked] = MappingProxyType({})
) -> Merged:
    """Write `rec_gt_train.txt` and `manifest.jsonl` from the shards of a folder.

    Args:
        samples: how many the plan holds.
        without: samples to leave out, by image. They stay in the shards.

    Raises:
        InputError: a shard is missing, damaged, holds other rows than the plan's or images of
            another shard, or an image that it names is not there; `without` names no sample of
            the run, another image than the run's, or all of them.
    """
    require_all(out, samples)
    expected, fallbacks = 0, 0
    left_out: list[str] = []
    lost = Counter[str]()
    attempts: dict[str, int] = {}
    refused: Counter[str] = Counter()
    with replacing(out / LABELS) as labels, replacing_bytes(out / MANIFEST) as manifest:
        for shard in range(shard_count(samples)):
            path = marker(out, shard)
            there = _images_there(out, shard)
            for row in read_shard(path, shard, expected):
                if row.image not in there:
                    raise InputError(
                        str(out / row.image),
                        "is named by a finished shard but is not there",
                        f"Delete {path} and draw the shard again.",
                    )
                expected += 1
                if row.image in without:
                    require_same(row.image, row.sha256, without[row.image])
                    left_out.append(row.image)
                    lost.update(_targets(row.raw, path))
                    continue
                labels.write(f"{row.image}\t{row.text}\n")
                manifest.write(row.raw)
                fallbacks += row.fallback
                key = str(row.attempt)
                attempts[key] = attempts.get(key, 0) + 1
                refused.update(row.refused)
        # Inside: on an error neither file appears.
        if expected != samples:
            raise InputError(
                str(out), f"the shards hold {expected} samples, the plan {samples}", "Start afresh."
            )
        met = set(left_out)
        require_all_met({name: one for name, one in without.items() if name not in met}, out)
        if left_out and len(left_out) == samples:
            raise InputError(
                without[left_out[0]].place,
                f"leaves out all {samples:,} samples of {out}",
                "Draw other lines, or leave fewer out.",
            )
    outputs = {name: sha256_of(out / name) for name in (LABELS, MANIFEST)}
    return Merged(
        samples - len(left_out),
        fallbacks,
        dict(sorted(attempts.items())),
        dict(sorted(refused.items())),
        outputs,
        tuple(left_out),
        lost,
    )


def _targets(raw: bytes, path: Path) -> tuple[str, ...]:
    """Read the targets of a shard's row."""
    try:
        return manifest_row(parse_row(raw.decode())).targets
    except RowError as error:
        raise InputError(
            str(path), f"holds a row that is damaged ({error})", SHARD_KIND.again
        ) from error


def _images_there(out: Path, shard: int) -> frozenset[str]:
    name = f"images/{shard:04d}"
    try:
        return frozenset(f"{name}/{entry.name}" for entry in (out / name).iterdir())
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise unreadable(out / name, error, "the folder of images") from error
