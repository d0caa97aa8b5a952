"""A plan written for PaddleOCR's own `tools/train.py`, with what it loads and trains on.

There is no line in its label files that PaddleOCR would change. It puts another line in the place
of one whose label is too long, cuts out what its dictionary does not hold, looks each code point up
as it is, and squeezes lines to 320 pixels: what is wider has 40 time steps there as well.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from pathlib import Path

from textlines.defects import Defect, of_lines
from textlines.errors import UsageError
from textlines.files import replacing, unwritable
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally
from textlines.pixels.resize import LEAST_WIDTH, STRIDE
from textlines.wording.counts import count_of, form_of
from train.networks.spec import FamilyName
from train.tuning.paddleocr_yaml import Family, PaddleOcrRun, paddleocr_yaml
from train.tuning.planning import Planned
from train.tuning.stopping_sets import StopSet
from train.tuning.train_plan import StagePlan
from train.tuning.training_lines import TrainingLine
from train.weights.checkpoint import write_checkpoint
from train.weights.probe_lines import mix_lines
from train.weights.training_form import branched, named_by_paddleocr, settled

LISTS = "paddleocr_lists"
"""Folder of the label files, in that of the run."""

STOP_LIST = "stop.txt"

STEPS = LEAST_WIDTH // STRIDE
"""Time steps of every line in PaddleOCR's training."""

CHECKPOINT = "paddleocr_base.pdparams"


def fault_of(ids: Sequence[int], alphabet: Alphabet) -> Defect | None:
    """Return the defect for which PaddleOCR would train on something else; None without one.

    >>> alphabet = Alphabet(("a", "㈜회사"))
    >>> [fault.code for ids in ([1], [1, 2], [1] * 21) if (fault := fault_of(ids, alphabet))]
    ['several_characters', 'squeezed']
    """
    if any(len(alphabet.decode([number])) != 1 for number in set(ids)):
        return of_lines.SEVERAL_CHARACTERS
    repeats = sum(first == second for first, second in pairwise(ids))
    return of_lines.SQUEEZED if len(ids) + repeats > STEPS else None


def training_rows(
    lines: Iterable[TrainingLine], alphabet: Alphabet, tally: Tally
) -> Iterator[tuple[str, str]]:
    """Yield path and label of what PaddleOCR can train on; what it cannot is counted.

    Labels are spelled with the entries of the dictionary, whatever form the label file has: each
    code point is encoded to the class that it has here.
    """
    for line in lines:
        fault = fault_of(line.ids, alphabet)
        if fault:
            tally.add(fault, line.path)
        else:
            yield line.path, alphabet.decode(line.ids)


def stop_rows(
    sets: Sequence[StopSet], images: str, alphabet: Alphabet, max_length: int, tally: Tally
) -> tuple[list[tuple[str, str]], Path]:
    """Return path and label of the lines to stop by, and the folder that their paths start from.

    Args:
        sets: the targets. images: the folder of their crops; "" for that of each label file.
    """
    homes = [Path(images) if images else stop_set.judged.path.parent for stop_set in sets]
    top = Path(os.path.commonpath([home.absolute() for home in homes]))
    rows = []
    for home, judged in zip(homes, sets, strict=True):
        for line in judged.lines:
            fault = of_lines.OUTSIDE_DICTIONARY if alphabet.missing(line.label) else None
            ids = [] if fault else alphabet.encode(line.label)
            fault = fault or fault_of(ids, alphabet)
            if not fault and len(ids) > max_length:
                fault = of_lines.TOO_LONG
            if fault:
                tally.add(fault, f"{judged.judged.path.name}: {line.path}")
                continue
            place = (home.absolute() / line.path).relative_to(top).as_posix()
            rows.append((place, alphabet.decode(ids)))
    return rows, top


def write_list(path: Path, rows: Sequence[tuple[str, str]], tally: Tally) -> Path:
    """Write a list into the folder of lists, which is made, and return its absolute path.

    Raises:
        UsageError: there is no line.
        InputError: it cannot be written.
    """
    if not rows:
        reasons = "; ".join(tally.lines(of_lines.PADDLEOCR))
        raise UsageError("--paddleocr-yaml", f"leaves no line in {path.name} ({reasons})", "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    with replacing(path) as out:
        out.writelines(f"{place}\t{label}\n" for place, label in rows)
    return path.absolute()


@dataclass(frozen=True, slots=True)
class PaddleOcrPart:
    """What of a plan PaddleOCR trains.

    Attributes:
        stage: of the whole network, the only kind that PaddleOCR has.
        lists: numbers of the mix's lists that one epoch of PaddleOCR's goes over, in order; a list
            that the stage shows more often than others stands there more often.
        epochs: of PaddleOCR: passes over these lists, together as many as the stage has.
        follows_head: whether the plan tunes the head before.
    """

    stage: StagePlan
    lists: tuple[int, ...]
    epochs: int
    follows_head: bool


def family_of(family: FamilyName, name: str) -> Family:
    """Name the generation that PaddleOCR's configuration is for.

    Raises:
        UsageError: the network is one of PP-OCRv6.

    >>> family_of("svtr_lcnet_v4", "PP-OCRv5_mobile_rec")
    'v5'
    >>> family_of("svtr_hgnet_v5", "mine")
    'v5_server'
    """
    if family == "svtr_mobilenet_v3":
        return "v3"
    if family.startswith("svtr_lcnet_v6"):
        raise UsageError(
            "--paddleocr-yaml",
            f"knows no configuration of {name}: PaddleOCR's keys for it differ by release",
            "Train with `train rec`; `train export --pdparams` writes what PaddleOCR loads.",
        )
    if family == "svtr_hgnet_v4":
        return "v4_server"
    if family == "svtr_hgnet_v5":
        return "v5_server"
    return "v5" if "PP-OCRv5" in name else "v4"


def passes(first: int, epochs: int, lists: int) -> tuple[tuple[int, ...], int]:
    """Return the lists that PaddleOCR reads as one epoch, and how often it reads them.

    Args:
        first: epochs of the stages before. epochs: of the stage. lists: of the mix.

    >>> passes(0, 8, 4), passes(0, 2, 4), passes(1, 3, 2)
    (((0, 1, 2, 3), 2), ((0, 1), 1), ((0, 1, 1), 1))
    """
    shown = Counter((first + epoch) % lists for epoch in range(epochs))
    times = gcd(*shown.values())
    read = (number for number in sorted(shown) for _ in range(shown[number] // times))
    return tuple(read), times


def part_for_paddleocr(planned: Planned) -> PaddleOcrPart:
    """Take out of a plan what PaddleOCR can train.

    Raises:
        UsageError: it tunes the head alone, has distilled or turned lines, or no lines to stop by;
            or the network is one of PP-OCRv6, or an exported graph.
    """
    named_by_paddleocr(planned.start.spec)
    plan, before = planned.plan, 0
    for stage in plan.stages:
        if stage.tunes == "whole":
            break
        before += stage.epochs
    else:
        raise UsageError(
            "--paddleocr-yaml",
            "is for the whole network: PaddleOCR freezes no layer, and this plan tunes the head "
            "alone, at a rate that the others do not bear",
            "Plan it so: --tune whole.",
        )
    lists, epochs = passes(before, stage.epochs, len(planned.lists))
    distilled = {number: plan.mix.lists[number].distilled for number in lists}
    if any(distilled.values()):
        raise UsageError(
            "--paddleocr-yaml",
            f"has no use for the {count_of(max(distilled.values()), 'distilled line')} of this mix",
            "Mix labelled lines: balance mix --original FILE.",
        )
    if not plan.stop.target:
        raise UsageError(
            "--paddleocr-yaml",
            "needs lines to stop by: PaddleOCR's own training knows no folds",
            "Name them: --stop-on FILE.",
        )
    turned = {line.path for number in lists for line in planned.lists[number] if line.turn}
    if turned:
        raise UsageError(
            "--paddleocr-yaml",
            f"cannot train on the {count_of(len(turned), 'line')} that "
            f"{form_of(len(turned), 'lies', 'lie')} turned (first: {min(turned)})",
            "Turn their images, or train with `train rec`.",
        )
    return PaddleOcrPart(stage, lists, epochs, before > 0)


def write_paddleocr(planned: Planned, run: Path, path: Path) -> Tally:
    """Write the configuration, and into the run's folder the base's checkpoint and the lists.

    The checkpoint reads as the base does, and its normalisations hold the statistics of lines of
    the mix: PaddleOCR trains by those of its batches, and would start from another network.

    Returns:
        Lines that PaddleOCR is not given, by `of_lines.PADDLEOCR`.

    Raises:
        UsageError: as `part_for_paddleocr`, or no line is left.
        InputError: a file cannot be read or written.
    """
    part, plan, start = part_for_paddleocr(planned), planned.plan, planned.start
    tally, counts, lists = Tally(), dict[int, int](), dict[int, Path]()
    for number in dict.fromkeys(part.lists):
        rows = list(training_rows(planned.lists[number], start.alphabet, tally))
        name = planned.mix.epochs[number].list
        lists[number], counts[number] = write_list(run / LISTS / name, rows, tally), len(rows)
    targets = [stop_set for stop_set in planned.sets if stop_set.is_target]
    stops, stop_folder = stop_rows(
        targets, plan.stop.images, start.alphabet, plan.max_length, tally
    )
    stop_list = write_list(run / LISTS / STOP_LIST, stops, tally)
    spec, tensors = branched(start.spec, start.tensors)
    write_checkpoint(
        run / CHECKPOINT, settled(spec, tensors, mix_lines(planned.mix, start.alphabet))
    )
    batch = plan.step.batch * plan.step.devices
    steps = -(-sum(counts[number] for number in part.lists) // batch)
    # A list has one treatment there: where some lines carry effects already, none are added.
    holds_rendered = any(line.is_rendered for at in lists for line in planned.lists[at])
    made = PaddleOcrRun(
        family=family_of(spec.family, spec.name),
        pretrained_model=str((run / CHECKPOINT).absolute()),
        dictionary=plan.rows.dictionary or str(Path(plan.base.path) / "dictionary.txt"),
        use_space_char=start.alphabet.use_space_char,
        labels=tuple(str(lists[number]) for number in part.lists),
        data_folder=str(planned.mix.data),
        eval_labels=str(stop_list),
        eval_folder=str(stop_folder),
        out=str((run / "paddleocr").absolute()),
        epochs=part.epochs,
        batch=plan.step.batch,
        cards=plan.step.devices,
        steps_per_epoch=steps,
        peak_rate=part.stage.rate,
        final_rate=part.stage.final,
        warmup_steps=min(part.stage.warmup, steps * part.epochs - 1),
        decay=plan.step.course,
        max_text_length=plan.max_length,
        weight_decay=plan.step.decay,
        # As often as this project judges: once in an epoch of the plan.
        eval_every=max(steps * part.epochs // part.stage.epochs, 1),
        augment=plan.step.augment != "none" and not holds_rendered,
        use_gpu=plan.device == "gpu",
        follows_head=part.follows_head,
    )
    with replacing(path) as out:
        out.write(paddleocr_yaml(made))
    return tally
