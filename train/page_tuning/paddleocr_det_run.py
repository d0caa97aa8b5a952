"""The plan of a detector for PaddleOCR's own training: its lists, and a configuration.

The lists are those of the mix without the pages that are held out to blend by: PaddleOCR evaluates
on these, and would be flattered by pages that it was trained on.
"""

import re
from pathlib import Path

from textlines.errors import InputError, UsageError
from textlines.files import replacing
from textlines.regions.page_file import write_pages
from train.page_tuning.paddleocr_det_yaml import DetFamily, PaddleOcrDetRun, paddleocr_det_yaml
from train.page_tuning.page_plan import OF_THE_SCENE, WITHOUT_LABELS, DetPlan
from train.page_tuning.page_planning import PlannedPages

LISTS = "paddleocr_pages"
"""Of the run's folder."""

OUT = "paddleocr"

_NAME = re.compile(r"PP-OCR(v[45])_mobile_det")


def family_of(plan: DetPlan) -> DetFamily:
    """Return which of PaddleOCR's networks a plan begins at, by the model's name.

    Raises:
        UsageError: it is none whose training PaddleOCR's configurations describe here.
    """
    match = _NAME.search(plan.base.model)
    if match is None:
        raise UsageError(
            "--paddleocr-yaml",
            f"is written for PP-OCRv4_mobile_det and PP-OCRv5_mobile_det, not {plan.base.model}",
            "Leave it away, or name one of them by --model.",
        )
    return "v4" if match[1] == "v4" else "v5"


def check_student(student: Path | None) -> Path:
    """Check the weights that PaddleOCR is to begin at.

    Raises:
        UsageError: none are named. InputError: they are not there.
    """
    if student is None:
        raise UsageError(
            "--paddleocr-yaml",
            "needs the student's weights, from which PaddleOCR goes on",
            "Name them: --student student.pdparams.",
        )
    if not student.is_file():
        raise InputError(str(student), "is not there", "Download the training weights first.")
    return student


def write_paddleocr_run(
    plan: DetPlan, planned: PlannedPages, run: Path, yaml: Path, student: Path
) -> None:
    """Write lists and configuration.

    Args:
        run: the run's folder, which is there, with the pages held out.

    Raises:
        UsageError: PaddleOCR cannot train this model so.
        InputError: a file cannot be written.
    """
    family = family_of(plan)
    if any(page.role == WITHOUT_LABELS for pages in planned.lists for page in pages):
        raise UsageError(
            "--paddleocr-yaml",
            "PaddleOCR's training knows labels alone, and pages of the mix have none (--distil)",
            "Mix without --distil for it.",
        )
    folder = run / LISTS
    folder.mkdir(exist_ok=True)
    lists, rows, negatives = [], 0, 0
    for epoch, pages in zip(planned.mix.epochs, planned.lists, strict=True):
        path = folder / epoch.list
        write_pages(path, [(page.labels.path, page.labels.regions) for page in pages])
        lists.append(str(path.absolute()))
        rows += len(pages)
        negatives += sum(page.labels.is_negative for page in pages)
    steps = max(1, rows // plan.step.batch)
    epochs = max(1, -(-plan.steps // steps))
    ratios = [shown.ratio for shown in plan.shown if shown.role in OF_THE_SCENE]
    target = plan.stop.target
    described = PaddleOcrDetRun(
        family=family,
        pretrained_model=str(student.absolute()),
        labels=tuple(lists),
        data_folder=str(planned.mix.data),
        eval_labels=target.labels,
        eval_folder=target.images,
        out=str((run / OUT).absolute()),
        epochs=epochs,
        batch=plan.step.batch,
        steps_per_epoch=steps,
        eval_every=steps,
        shrink_ratio=ratios[0],
        negatives=negatives,
        eval_negatives=sum(page.labels.is_negative for page in planned.held["target"]),
        peak_rate=plan.step.rate,
        warmup_epochs=min(2.0, epochs * plan.step.warmup / max(plan.steps, 1)),
        weight_decay=plan.step.decay,
        settings=plan.deployed.settings(),
        crop_px=plan.step.side,
    )
    with replacing(yaml) as out:
        out.write(paddleocr_det_yaml(described))
