"""A plan written for PaddleOCR's own `tools/train.py`, with a checkpoint that it loads."""

from pathlib import Path
from typing import TYPE_CHECKING

from textlines.errors import UsageError
from textlines.files import replacing
from train.networks.spec import FamilyName
from train.tuning.paddleocr_yaml import Family, PaddleOcrRun, paddleocr_yaml
from train.weights.branches import branched
from train.weights.checkpoint import write_checkpoint

if TYPE_CHECKING:
    from train.tuning.planning import Planned

CHECKPOINT = "paddleocr_base.pdparams"


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


def write_paddleocr(planned: "Planned", run: Path, path: Path) -> None:
    """Write the configuration, and the base model's checkpoint into the run's folder.

    Raises:
        UsageError: the mix holds distilled lines, which PaddleOCR cannot train on, or the network
            is one of PP-OCRv6.
        InputError: a file cannot be written.
    """
    plan, start = planned.plan, planned.start
    first, epoch = plan.mix.lists[0], planned.mix.epochs[0]
    if first.distilled:
        raise UsageError(
            "--paddleocr-yaml",
            f"has no use for the {first.distilled:,} distilled lines of this mix",
            "Mix labelled lines: balance mix --original FILE.",
        )
    if not plan.stop.target:
        raise UsageError(
            "--paddleocr-yaml",
            "needs lines to stop by: PaddleOCR's own training knows no folds",
            "Name them: --stop-on FILE.",
        )
    turned = {line.path for line in planned.lists[0] if line.turn}
    if turned:
        raise UsageError(
            "--paddleocr-yaml",
            f"cannot train on the {len(turned):,} lines that lie turned (first: {min(turned)})",
            "Turn their images, or train with `train rec`.",
        )
    spec, tensors = branched(start.spec, start.tensors)
    write_checkpoint(run / CHECKPOINT, tensors)
    stage = plan.stages[-1]
    steps = -(-first.lines // (plan.step.batch * plan.step.devices))
    # A list has one treatment there: where some lines carry effects already, none are added.
    holds_rendered = any(line.is_rendered for line in planned.lists[0])
    made = PaddleOcrRun(
        family=family_of(spec.family, spec.name),
        pretrained_model=str((run / CHECKPOINT).absolute()),
        dictionary=plan.rows.dictionary or str(Path(plan.base.path) / "dictionary.txt"),
        use_space_char=start.alphabet.use_space_char,
        labels=str(planned.mix.folder / epoch.list),
        data_folder=str(planned.mix.data),
        eval_labels=str(plan.stop.target[0].path),
        out=str((run / "paddleocr").absolute()),
        epochs=sum(one.epochs for one in plan.stages),
        batch=plan.step.batch,
        cards=plan.step.devices,
        peak_rate=stage.rate,
        final_rate=stage.final,
        warmup_epochs=min(stage.warmup / steps, stage.epochs / 2),
        decay=plan.step.course,
        max_text_length=plan.max_length,
        weight_decay=plan.step.decay,
        augment=plan.step.augment != "none" and not holds_rendered,
        use_gpu=plan.device == "gpu",
    )
    with replacing(path) as out:
        out.write(paddleocr_yaml(made))
