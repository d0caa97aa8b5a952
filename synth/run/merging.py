"""Finished shards to the whole: label file, manifest and final record, bad samples left out."""

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from synth.plan.plan_report import is_short
from synth.run.folder import Extent, marker, require_all, shard_span
from synth.run.oddities import breaking_counts
from synth.run.plan_files import PlanFiles
from textlines.errors import InputError, MendError
from textlines.files import (
    read_text,
    replacing,
    replacing_bytes,
    sha256_of,
    unreadable,
)
from textlines.formats.block_record import block_file
from textlines.formats.line_boxes import BOXES, boxes_line, mask_path
from textlines.formats.manifest import (
    MANIFEST,
    SHARD_KIND,
    ManifestRow,
    manifest_row,
    read_shard,
)
from textlines.formats.rows import RowError, parse_row
from textlines.formats.run_record import (
    MARKED_BAD,
    PLANNED,
    RECORD,
    SERVED_SHORT,
    TARGETS,
    WANTED,
    AskedLines,
    RunRecord,
    planned_of,
)
from textlines.labels.label_paths import normal_path
from textlines.wording.counts import count_of, form_of

HEADER = "image\tsha256"

_SHA256 = re.compile("[0-9a-f]{64}")

_AGAIN = "Save the list again from the page of synth preview, or write one image a line."

LABELS = "rec_gt_train.txt"

ATTEMPT = "attempt "
"""What the counts start with that say how many samples were drawn how often anew."""

SHORT = "short: "
"""What the counts start with that say why lines are missing."""

WARN_FALLBACK_SHARE = 0.02

REFUSED = "refused "
"""What the counts start with of attempts that were refused, by why."""

NAMED = 12
"""Characters that a message names at most."""


@dataclass(frozen=True, slots=True)
class MarkedBad:
    """A sample that is to be left out.

    Attributes:
        place: where it is named, as file:line.
        sha256: of the image that was looked at, in hexadecimal; "" where the list names none.
    """

    place: str
    sha256: str = ""


def read_marked(path: Path) -> dict[str, MarkedBad]:
    """Read a list of samples, by their image as the label file names it.

    A line holds the image, or `image<TAB>sha256` as the page of `synth preview` writes it. Names
    are the same in all runs; the hash tells whether this run's image is the one that was marked.
    The header and blank lines are passed over; a name may stand twice.

    Raises:
        InputError: the file cannot be read, or a line is of another form; names the line.
    """
    marked: dict[str, MarkedBad] = {}
    for number, line in enumerate(read_text(path, "the list of samples").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip() or (number == 1 and line == HEADER):
            continue
        place = f"{path}:{number}"
        name, tab, sha256 = line.partition("\t")
        if not name or (tab and not _SHA256.fullmatch(sha256)):
            raise InputError(place, "is neither image nor image<TAB>sha256", _AGAIN)
        name = normal_path(name.replace("\\", "/"))
        if name not in marked or not marked[name].sha256:
            marked[name] = MarkedBad(place, sha256)
    return marked


def require_same(image: str, sha256: str, marked: MarkedBad) -> None:
    """Refuse to leave out another image than the one that was looked at.

    Args:
        sha256: of the run's image.

    Raises:
        InputError: the list names another hash.
    """
    if marked.sha256 and marked.sha256 != sha256:
        raise InputError(
            marked.place,
            f"names {image!r}, and this run's image of that name is another one",
            "The list was saved from the preview of another run: name the one of this run.",
        )


def require_all_met(unmet: Mapping[str, MarkedBad], out: Path) -> None:
    """Refuse names that no sample of a run has.

    Raises:
        InputError: names the first of them, its line, and how many more there are.
    """
    if not unmet:
        return
    name, marked = next(iter(unmet.items()))
    more = f" (and {len(unmet) - 1:,} more)" if len(unmet) > 1 else ""
    raise InputError(
        marked.place,
        f"names {name!r}, which is no sample of {out}{more}",
        "Take the line out, or name the list that was saved from the preview of this run.",
    )


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
    out: Path,
    extent: Extent,
    without: Mapping[str, MarkedBad] = MappingProxyType({}),
    *,
    boxes: bool = False,
) -> Merged:
    """Write `rec_gt_train.txt` and `manifest.jsonl` from the shards of a folder.

    Args:
        extent: the samples that the plan holds.
        without: samples to leave out, by image. They stay in the shards.
        boxes: whether rows hold boxes of characters, which are written to `boxes.jsonl` too.

    Raises:
        InputError: a shard is missing, damaged, holds other rows than the plan's or images of
            another shard, or an image or mask that it names is not there; `without` names no
            sample of the run, another image than the run's, or all of them.
    """
    require_all(out, extent)
    merged, fallbacks = 0, 0
    left_out: list[str] = []
    lost = Counter[str]()
    attempts: dict[str, int] = {}
    refused: Counter[str] = Counter()
    with (
        replacing(out / LABELS) as labels,
        replacing_bytes(out / MANIFEST) as manifest,
        replacing(out / BOXES) if boxes else nullcontext(StringIO()) as boxed,
    ):
        for shard in extent:
            path = marker(out, shard)
            there = _files_there(out, "images", shard)
            masked = _files_there(out, "masks", shard)
            for row in read_shard(path, shard, shard_span(shard)[0]):
                mask = mask_path(row.image) if row.mask else ""
                if row.image not in there or (mask and mask not in masked):
                    raise InputError(
                        str(out / (row.image if row.image not in there else mask)),
                        "is named by a finished shard but is not there",
                        f"Delete {path} and draw the shard again.",
                    )
                merged += 1
                if row.image in without:
                    require_same(row.image, row.sha256, without[row.image])
                    left_out.append(row.image)
                    lost.update(_whole_row(row.raw, path).targets)
                    continue
                if boxes:
                    boxed.write(boxes_line(_whole_row(row.raw, path)))
                labels.write(f"{row.image}\t{row.text}\n")
                manifest.write(row.raw)
                fallbacks += row.fallback
                key = str(row.attempt)
                attempts[key] = attempts.get(key, 0) + 1
                refused.update(row.refused)
        # Inside: on an error neither file appears.
        samples = extent.samples
        if merged != samples:
            raise InputError(
                str(out),
                f"the shards hold {count_of(merged, 'sample')}, the plan {samples:,}",
                "Start afresh.",
            )
        met = set(left_out)
        require_all_met({name: marked for name, marked in without.items() if name not in met}, out)
        if left_out and len(left_out) == samples:
            raise InputError(
                without[left_out[0]].place,
                f"leaves out all {count_of(samples, 'sample')} of {out}",
                "Draw other lines, or leave fewer out.",
            )
    names = (LABELS, MANIFEST, *((BOXES,) if boxes else ()))
    outputs = {name: sha256_of(out / name) for name in names}
    return Merged(
        samples=samples - len(left_out),
        fallbacks=fallbacks,
        attempts=dict(sorted(attempts.items())),
        refused=dict(sorted(refused.items())),
        outputs=outputs,
        without=tuple(left_out),
        lost=lost,
    )


def _whole_row(raw: bytes, path: Path) -> ManifestRow:
    """Read all that a shard's row holds."""
    try:
        return manifest_row(parse_row(raw.decode()))
    except RowError as error:
        raise InputError(
            str(path), f"holds a row that is damaged ({error})", SHARD_KIND.again
        ) from error


def _files_there(out: Path, kind: str, shard: int) -> frozenset[str]:
    name = f"{kind}/{shard:04d}"
    try:
        return frozenset(f"{name}/{entry.name}" for entry in (out / name).iterdir())
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise unreadable(out / name, error, f"the folder of {kind}") from error


class TooFewError(MendError):
    """The run is complete but holds fewer images than were asked for."""


class TargetsShortError(MendError):
    """The run is complete, and characters that it is for stand in fewer lines than were asked."""


def conclude(
    out: Path, record: RunRecord, without: Mapping[str, MarkedBad] | None = None
) -> RunRecord:
    """Merge all shards of a folder and write its final record. The caller holds `recording`.

    Args:
        without: samples to leave out, by image; None leaves out those that the record names.

    Raises:
        InputError: as `merge_shards`.
    """
    if without is None:
        without = dict.fromkeys(record.without, MarkedBad(str(out / RECORD)))
    files = PlanFiles(out, record)
    extent = files.extent()
    require_all(out, extent)
    record = with_blocks(record, files)
    merged = merge_shards(out, extent, without, boxes=bool(record.configuration.get("boxes")))
    kept = {key: count for key, count in record.counts.items() if not _is_of_merge(key, record)}
    final = record.model_copy(
        update={
            "outputs": {**record.outputs, **merged.outputs},
            "counts": {
                **kept,
                "samples": merged.samples,
                "fallback": merged.fallbacks,
                **{f"{ATTEMPT}{key}": count for key, count in merged.attempts.items()},
                **{f"{REFUSED}{why}": count for why, count in merged.refused.items()},
                **({MARKED_BAD: len(merged.without)} if merged.without else {}),
                **_served_short(record.asked, merged.lost),
            },
            "without": merged.without,
        }
    )
    final.write(out / RECORD)
    return final


def with_blocks(record: RunRecord, files: PlanFiles) -> RunRecord:
    """Return the record of a run in blocks with what these hold; any other as it is.

    Raises:
        InputError: the record of a block is missing or damaged, or none of them holds a line.
    """
    if not files.in_blocks or PLANNED in record.counts:
        return record
    from synth.plan.block_reports import added_asked, added_counts, added_teaching

    blocks = [files.block(number) for number in range(files.blocks)]
    broken = {face: place for block in blocks for face, place in block.broken.items()}
    counts = added_counts(blocks)
    if not counts[PLANNED]:
        raise InputError(
            "--corpus",
            "gives no line that may be planned",
            "Name other texts, another dictionary or more fonts.",
        )
    return record.model_copy(
        update={
            "outputs": {block_file(k): block.sha256 for k, block in enumerate(blocks)},
            "counts": {**record.counts, **breaking_counts(broken.values()), **counts},
            "asked": added_asked(blocks),
            "teaching": added_teaching(blocks),
        }
    )


def _is_of_merge(key: str, record: RunRecord) -> bool:
    """Whether a count depends on what is left out, and is made anew by each merge."""
    if key.startswith(SERVED_SHORT):
        return key.removeprefix(SERVED_SHORT) in record.asked
    return key == MARKED_BAD or key.startswith((ATTEMPT, REFUSED))


def _served_short(asked: Mapping[str, AskedLines], lost: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of characters that stand in fewer lines than asked, without lost ones."""
    left = {char: lines.planned - lost.get(char, 0) for char, lines in asked.items()}
    return {
        f"{SERVED_SHORT}{char}": count
        for char, count in left.items()
        if is_short(count, asked[char].wanted)
    }


def short_words(counts: Mapping[str, int]) -> str:
    """Return in words which of the run's characters stand in fewer lines than asked; "" if none.

    >>> short_words({"targets": 4, "served short: O": 0, "served short: 값": 3})
    "2 of 4 characters stand in fewer lines than asked ('O' 0, '값' 3)"
    """
    short = _short(counts)
    if not short:
        return ""
    named = ", ".join(f"{char!r} {lines:,}" for char, lines in list(short.items())[:NAMED])
    more = f" and {len(short) - NAMED} more" if len(short) > NAMED else ""
    asked = counts.get(TARGETS, 0)
    stand = form_of(len(short), "stands", "stand")
    return (
        f"{len(short):,} of {count_of(asked, 'character')} {stand} in fewer lines than asked "
        f"({named}{more})"
    )


def _short(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        name.removeprefix(SERVED_SHORT): lines
        for name, lines in counts.items()
        if name.startswith(SERVED_SHORT)
    }


def require_wanted(out: Path, record: RunRecord) -> None:
    """Refuse to call a run good that could not be planned as large as it was asked for.

    Raises:
        TooFewError: gives both numbers and the reasons.
    """
    planned = planned_of(out, record)
    wanted = record.counts.get(WANTED, planned)
    if planned >= wanted:
        return
    reasons = [
        f"{name.removeprefix(SHORT)}: {count}"
        for name, count in record.counts.items()
        if name.startswith(SHORT)
    ]
    raise TooFewError(
        str(out),
        f"{count_of(wanted, 'image')} {form_of(wanted, 'was', 'were')} asked for, {planned:,} "
        "could be planned "
        f"({', '.join(reasons) or 'the corpus is used up'})",
        "Add texts or fonts, raise --repeat-cap, or ask for fewer.",
    )


def require_targets(where: str, counts: Mapping[str, int], bearable: float) -> None:
    """Refuse to call a run good that is not for all that it was asked for.

    Args:
        counts: of a record, or of a report.
        bearable: share of the characters (0..1) that may be served short.

    Raises:
        TargetsShortError: names the characters, with their lines.
    """
    if len(_short(counts)) <= bearable * counts.get(TARGETS, 0):
        return
    raise TargetsShortError(
        where,
        short_words(counts),
        "Name a --corpus that holds them or --fonts that draw them, raise --repeat-cap, or ask for "
        "fewer lines; --allow-unserved takes the run as it is.",
    )
