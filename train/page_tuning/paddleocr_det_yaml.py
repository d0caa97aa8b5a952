"""A fine-tune of a detector as a configuration of PaddleOCR's own `tools/train.py -c FILE`.

For teams that train there. Each setting that differs from the published configurations stands
against a fault that spoils a fine-tuning, and is named in the comments of the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from textlines.wording.counts import count_of, form_of
from train.detection.settings import PredictionSettings
from train.tuning.learning_rate import guide_rate
from train.tuning.paddleocr_yaml import as_yaml, of_any_run

DetFamily = Literal["v4", "v5"]
"""Of PP-OCR mobile detectors. One network: what differs is the name and the weights."""

REFERENCE_BATCH = 64
"""Pages in a batch of PaddleOCR's training from scratch: 8 GPUs of 8."""

FROM_SCRATCH = 1e-3
"""The rate of that batch."""

_HEAD = """\
# For PaddleOCR: python tools/train.py -c THIS_FILE
# {total} a step ({batch} on each of {cards}): the learning rate holds for that number alone. The
# guide takes 1e-4 for 8 and 5e-5 for 4; the published 1e-3 is for 64 and without weights.
#
# Set apart from the published configuration, each for a reason:
#   pretrained      the student's weights, with plain names (backbone.*, neck.*, head.*). What has
#                   other names (Student.*, student_model.*) is left out with only a warning. An
#                   exported model has no head.thresh.*, which this loss teaches too: the branch
#                   would start from nothing and pull at all the others. (A run of train det plan
#                   --threshold-branch on teaches one: train det export --pdparams writes it.)
#   shrink_ratio    {shrink_ratio:g}, and no total_epoch beside it. Published files name one, for
#                   .4 + .2 x epoch / total_epoch. But maps get their epoch once, as the lists are
#                   read, and those are read again only where some ratio_list is below 1: with 1.0
#                   it never moves. By version it stays 0, is never given, or is the seed, 1024:
#                   in 341 epochs or fewer no text is left in the maps then, or training stops in
#                   make_border_map (PaddleOCR issue 13527).
#   dataset         each list with the ratio 1.0: what is mixed, is mixed in the lists. An epoch
#                   here goes over {lists}.
#   CopyPaste       off. It pastes lines of one page on another, and never comes to an end where
#                   no page has boxes of four corners alone.
#   limit           {limit} ({limit_type}) in DetResizeForTest, as pages are predicted afterwards.
#                   Left empty it means 736 (min), where paddleocr.TextDetection predicts at 960
#                   (max): the best model would be chosen at a size that nobody uses.
#   PostProcess     what pages are predicted with. Export copies it and the limit to inference.yml,
#                   but paddleocr.TextDetection throws that limit away: name it when predicting.
#   model_name      stays: with any other name paddleocr.TextDetection predicts at 736 (min).
"""
_NEGATIVES = """\
# Pages without text are lost here: DetLabelEncode drops them, and another page takes their place.
# {train} in the lists to train on; boxes in ornaments are not unlearned. {evaluated} in the list to
# evaluate by, where the page behind it counts twice.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddleOcrDetRun:
    """What PaddleOCR is to do.

    Attributes:
        family: of the mobile detector.
        pretrained_model: the student's `.pdparams`, with plain names.
        labels: page label files of which an epoch takes every page, paths from `data_folder` on.
        eval_labels: one, paths from `eval_folder` on.
        negatives, eval_negatives: rows of these that are pages without text.
        out: folder for PaddleOCR's checkpoints.
        epochs, batch, cards: 1 or more; `batch` is that of one card.
        steps_per_epoch: that these pages make.
        eval_every: steps between two evaluations, as many as all at most: with more there is none,
            and no best model.
        peak_rate: of the learning rate; None takes the guide's for the total batch.
        warmup_epochs: of linear warm-up, fewer than all.
        weight_decay: the guide's is 0; published configurations have 5e-5.
        shrink_ratio: of text in the maps, between 0 and 1: that of the weights' own maps.
        settings: what pages are predicted with afterwards.
        crop_px: side of the crops that are trained on, a multiple of 32.
        use_gpu: False for a trial without one.

    Raises:
        ValueError: a number is out of its range.
    """

    family: DetFamily
    pretrained_model: str
    labels: tuple[str, ...]
    data_folder: str
    eval_labels: str
    eval_folder: str
    out: str
    epochs: int
    batch: int
    steps_per_epoch: int
    eval_every: int
    shrink_ratio: float
    cards: int = 1
    negatives: int = 0
    eval_negatives: int = 0
    peak_rate: float | None = None
    warmup_epochs: float = 2
    weight_decay: float = 0.0
    settings: PredictionSettings = field(default_factory=PredictionSettings)
    crop_px: int = 640
    use_gpu: bool = True

    def __post_init__(self) -> None:
        counts = (self.epochs, self.batch, self.cards, self.steps_per_epoch, len(self.labels))
        if min(counts) < 1 or min(self.negatives, self.eval_negatives) < 0:
            raise ValueError(f"epochs, batch, cards, steps and lists start at 1, got {self}")
        if not 0 < self.rate < 1 or self.weight_decay < 0:
            raise ValueError(f"need 0 < learning rate < 1 and no negative decay, got {self}")
        if not 0 <= self.warmup_epochs < self.epochs:
            raise ValueError(
                f"warm-up must be shorter than the {count_of(self.epochs, 'epoch')}, got "
                f"{self.warmup_epochs:g}"
            )
        if not 0 < self.shrink_ratio < 1:
            raise ValueError(f"the shrink ratio is {self.shrink_ratio}, not between 0 and 1")
        if self.crop_px < 32 or self.crop_px % 32:
            raise ValueError(f"crops of {self.crop_px} pixels: need a multiple of 32")
        steps = self.epochs * self.steps_per_epoch
        if not 1 <= self.eval_every <= steps:
            raise ValueError(
                f"an evaluation each {count_of(self.eval_every, 'step')} is none in {steps}: need "
                f"1..{steps}"
            )

    @property
    def rate(self) -> float:
        """Return the peak of the learning rate."""
        return det_guide_rate(self.batch * self.cards) if self.peak_rate is None else self.peak_rate


def det_guide_rate(total_batch: int) -> float:
    """Return the guide's rate of a fine-tune of a detector, for the pages of a step on all devices.

    Raises:
        ValueError: the batch is below 1.

    >>> det_guide_rate(8), det_guide_rate(4)
    (0.0001, 5e-05)
    """
    return guide_rate(FROM_SCRATCH, total_batch, REFERENCE_BATCH)


def paddleocr_det_yaml(run: PaddleOcrDetRun) -> str:
    """Write the configuration, with a comment for each trap that it steps around.

    Raises:
        ImportError: PyYAML is not installed (extra `train`).
    """
    head = _HEAD.format(
        total=count_of(run.batch * run.cards, "page"),
        batch=run.batch,
        cards=count_of(run.cards, "card"),
        lists=count_of(len(run.labels), "list"),
        shrink_ratio=run.shrink_ratio,
        limit=run.settings.limit_side_len,
        limit_type=run.settings.limit_type,
    )
    if run.negatives or run.eval_negatives:
        head += _NEGATIVES.format(
            train=f"{run.negatives:,} {form_of(run.negatives, 'stands', 'stand')}",
            evaluated=f"{run.eval_negatives:,} {form_of(run.eval_negatives, 'stands', 'stand')}",
        )
    return head + as_yaml(det_configuration(run))


def det_configuration(run: PaddleOcrDetRun) -> dict[str, Any]:
    """Return the same as plain values, in PaddleOCR's sections."""
    settings = run.settings
    return {
        "Global": {
            "model_name": f"PP-OCR{run.family}_mobile_det",
            **of_any_run(
                use_gpu=run.use_gpu,
                cards=run.cards,
                epochs=run.epochs,
                out=run.out,
                eval_every=run.eval_every,
                pretrained_model=run.pretrained_model,
            ),
            "d2s_train_image_shape": [3, run.crop_px, run.crop_px],
        },
        "Architecture": {
            "model_type": "det",
            "algorithm": "DB",
            "Transform": None,
            "Backbone": {"name": "PPLCNetV3", "scale": 0.75, "det": True},
            "Neck": {"name": "RSEFPN", "out_channels": 96, "shortcut": True},
            "Head": {"name": "DBHead", "k": 50, "fix_nan": True},
        },
        "Loss": {
            "name": "DBLoss",
            "balance_loss": True,
            "main_loss_type": "DiceLoss",
            "alpha": 5,
            "beta": 10,
            "ohem_ratio": 3,
        },
        "Optimizer": {
            "name": "Adam",
            "beta1": 0.9,
            "beta2": 0.999,
            "lr": {
                "name": "Cosine",
                "learning_rate": run.rate,
                "warmup_epoch": run.warmup_epochs,
            },
            "regularizer": {"name": "L2", "factor": run.weight_decay},
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": settings.thresh,
            "box_thresh": settings.box_thresh,
            "max_candidates": settings.max_candidates,
            "unclip_ratio": settings.unclip_ratio,
            "use_dilation": settings.use_dilation,
            "score_mode": settings.score_mode,
        },
        "Metric": {"name": "DetMetric", "main_indicator": "hmean"},
        "Train": {
            "dataset": _dataset(run.data_folder, run.labels, _train_transforms(run)),
            "loader": {
                "shuffle": True,
                "drop_last": False,
                "batch_size_per_card": run.batch,
                "num_workers": 4,
            },
        },
        "Eval": {
            "dataset": _dataset(run.eval_folder, (run.eval_labels,), _eval_transforms(settings)),
            # Pages keep their shapes here: no two of them fit into one batch.
            "loader": {
                "shuffle": False,
                "drop_last": False,
                "batch_size_per_card": 1,
                "num_workers": 2,
            },
        },
    }


def _dataset(
    folder: str, labels: Sequence[str], transforms: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "name": "SimpleDataSet",
        "data_dir": folder,
        "label_file_list": list(labels),
        "ratio_list": [1.0] * len(labels),
        "transforms": transforms,
    }


_DECODE: list[dict[str, Any]] = [
    {"DecodeImage": {"img_mode": "BGR", "channel_first": False}},
    {"DetLabelEncode": None},
]


def _train_transforms(run: PaddleOcrDetRun) -> list[dict[str, Any]]:
    changes = [
        {"type": "Fliplr", "args": {"p": 0.5}},
        {"type": "Affine", "args": {"rotate": [-10, 10]}},
        {"type": "Resize", "args": {"size": [0.5, 3]}},
    ]
    crops = {"size": [run.crop_px, run.crop_px], "max_tries": 50, "keep_ratio": True}
    return [
        *_DECODE,
        {"IaaAugment": {"augmenter_args": changes}},
        {"EastRandomCropData": crops},
        {
            "MakeBorderMap": {
                "shrink_ratio": run.shrink_ratio,
                "thresh_min": 0.3,
                "thresh_max": 0.7,
            }
        },
        {"MakeShrinkMap": {"shrink_ratio": run.shrink_ratio, "min_text_size": 8}},
        *_normalized(["image", "threshold_map", "threshold_mask", "shrink_map", "shrink_mask"]),
    ]


def _eval_transforms(settings: PredictionSettings) -> list[dict[str, Any]]:
    limit = {"limit_side_len": settings.limit_side_len, "limit_type": settings.limit_type}
    return [
        *_DECODE,
        {"DetResizeForTest": limit},
        *_normalized(["image", "shape", "polys", "ignore_tags"]),
    ]


def _normalized(keys: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "NormalizeImage": {
                "scale": "1./255.",
                "mean": [0.485, 0.456, 0.406],
                "std": [0.229, 0.224, 0.225],
                "order": "hwc",
            }
        },
        {"ToCHWImage": None},
        {"KeepKeys": {"keep_keys": keys}},
    ]
