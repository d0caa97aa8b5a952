"""Finished shards to the whole: the label file and the manifest."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from synth.running.shards import marker, require_all, shard_count
from textlines.errors import InputError
from textlines.files import replacing, replacing_bytes, sha256_of, unreadable
from textlines.formats.manifest import MANIFEST, read_shard

LABELS = "rec_gt_train.txt"


class Merged(NamedTuple):
    """What a merge wrote: counts, and the outputs by name with sha256.

    `attempts`: samples by how often they were drawn anew. `refused`: attempts by why.
    """

    samples: int
    fallbacks: int
    attempts: dict[str, int]
    refused: dict[str, int]
    outputs: dict[str, str]


def merge_shards(out: Path, samples: int) -> Merged:
    """Write `rec_gt_train.txt` and `manifest.jsonl` from the shards of a folder.

    Args:
        samples: how many the plan holds.

    Raises:
        InputError: a shard is missing, damaged, holds other rows than the plan's or images of
            another shard, or an image that it names is not there.
    """
    require_all(out, samples)
    expected, fallbacks = 0, 0
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
                labels.write(f"{row.image}\t{row.text}\n")
                manifest.write(row.raw)
                expected += 1
                fallbacks += row.fallback
                key = str(row.attempt)
                attempts[key] = attempts.get(key, 0) + 1
                refused.update(row.refused)
        # Inside: on an error neither file appears.
        if expected != samples:
            raise InputError(
                str(out), f"the shards hold {expected} samples, the plan {samples}", "Start afresh."
            )
    outputs = {name: sha256_of(out / name) for name in (LABELS, MANIFEST)}
    counted = dict(sorted(attempts.items())), dict(sorted(refused.items()))
    return Merged(samples, fallbacks, *counted, outputs)


def _images_there(out: Path, shard: int) -> frozenset[str]:
    name = f"images/{shard:04d}"
    try:
        return frozenset(f"{name}/{entry.name}" for entry in (out / name).iterdir())
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise unreadable(out / name, error, "the folder of images") from error
