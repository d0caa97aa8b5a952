"""A plan as a configuration of PaddleOCR's own `tools/train.py -c FILE`.

For teams that train there. Each setting that differs from the published configurations stands
against a fault that costs a fine-tuning its base, and is named in the comments of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from textlines.wording.counts import count_of
from train.tuning.learning_rate import PIECEWISE_AT

Family = Literal["v3", "v4", "v5", "v4_server", "v5_server"]
Decay = Literal["piecewise", "cosine"]

FC_DECAY = 1e-5
"""Of the last layer, in all published configurations."""

_BACKBONES: Mapping[Family, Mapping[str, Any]] = {
    "v3": {
        "name": "MobileNetV1Enhance",
        "scale": 0.5,
        "last_conv_stride": [1, 2],
        "last_pool_type": "avg",
        "last_pool_kernel_size": [2, 2],
    },
    "v4": {"name": "PPLCNetV3", "scale": 0.95},
    "v5": {"name": "PPLCNetV3", "scale": 0.95},
    "v4_server": {"name": "PPHGNet_small"},
    "v5_server": {"name": "PPHGNetV2_B4", "text_rec": True},
}
_NECKS: Mapping[Family, Mapping[str, Any]] = {
    "v3": {"dims": 64, "depth": 2, "hidden_dims": 120, "kernel_size": [3, 3]},
    "v4": {"dims": 120, "depth": 2, "hidden_dims": 120, "kernel_size": [1, 3]},
    "v5": {"dims": 120, "depth": 2, "hidden_dims": 120, "kernel_size": [1, 3]},
    "v4_server": {"dims": 120, "depth": 2, "hidden_dims": 120, "kernel_size": [1, 3]},
    "v5_server": {"dims": 120, "depth": 2, "hidden_dims": 120, "kernel_size": [1, 3]},
}

_HEAD = """\
# For PaddleOCR: python tools/train.py -c THIS_FILE
# {total} a step ({batch} on each of {cards}): the learning rate holds for that number alone.
#
# Set apart from the published configuration, each for a reason:
#   Head            CTC alone. The attention branch over-fits simple scenes. Names of the weights
#                   differ without it (neck.encoder.*, head.fc.*): pretrained_model must have these
#                   plain names, or neck and head start from nothing, with only a warning.
#   use_guide       False. True stops the gradient at the neck: the backbone would never learn.
#   algorithm       {algorithm}, so that the export keeps its free width (SVTR fixes it).
#   dataset         SimpleDataSet, each list with the ratio 1.0: MultiScaleDataSet ignores
#                   ratio_list and would take the first lines of the lists, the same in every epoch.
#                   An epoch here goes over {lists}; together the epochs show what
#                   the plan shows.
#   RecConAug       off. It joins lines without a space, which teaches that a gap is none.
#   ignore_space    False. By default a lost space is no error.
#   lr              with the plan's warm-up and last rate. LinearWarmupCosine came with PaddleOCR
#                   2.9; the older Cosine always ends at 0.
# Lines whose label is longer than max_text_length are not skipped but replaced by others, and
# characters outside the dictionary are cut out of labels: such lines are not in the lists.
# RecResizeImg squeezes lines wider than 320 at height 48.
"""
_AFTER_HEAD = """\
# The plan tunes the head first, on a backbone that stands still. PaddleOCR freezes none: this is
# the plan's second stage alone, from the base model on.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddleOcrRun:
    """What PaddleOCR is to do.

    Attributes:
        family: of the network: PP-OCRv3, v4 or v5 mobile, v4 or v5 server.
        pretrained_model: a `.pdparams` file with plain names, as `train export --pdparams` writes.
        dictionary: the dictionary file; a space class follows it with `use_space_char`.
        labels: label files of which an epoch takes every line, paths from `data_folder` on.
        eval_labels: one, paths from `eval_folder` on.
        out: folder for PaddleOCR's checkpoints.
        epochs, batch, cards: 1 or more; `batch` is that of one card.
        steps_per_epoch: that these lines make.
        peak_rate, final_rate: of the learning rate, above 0 (final: 0 or more).
        warmup_steps: of linear warm-up, fewer than all.
        decay: piecewise (two values) or cosine.
        max_text_length: of a label, in dictionary entries.
        weight_decay: of all layers but the last.
        eval_every: steps between two evaluations, as many as all at most: with more there is none,
            and no best model.
        augment: PaddleOCR's RecAug. Off where the lines carry effects already.
        use_gpu: False for a trial without one.
        follows_head: whether the plan has a stage of the head before.

    Raises:
        ValueError: a number is out of its range.
    """

    family: Family
    pretrained_model: str
    dictionary: str
    use_space_char: bool
    labels: tuple[str, ...]
    data_folder: str
    eval_labels: str
    eval_folder: str
    out: str
    epochs: int
    batch: int
    steps_per_epoch: int
    peak_rate: float
    final_rate: float
    warmup_steps: int
    max_text_length: int
    eval_every: int
    cards: int = 1
    decay: Decay = "piecewise"
    weight_decay: float = 3e-5
    augment: bool = True
    use_gpu: bool = True
    follows_head: bool = False

    def __post_init__(self) -> None:
        lengths = (self.max_text_length, self.steps_per_epoch, len(self.labels))
        if min(self.epochs, self.batch, self.cards, *lengths) < 1:
            raise ValueError(f"epochs, batch, cards, lists and lengths start at 1, got {self}")
        if not 0 < self.peak_rate < 1 or not 0 <= self.final_rate <= self.peak_rate:
            raise ValueError(
                f"the learning rate falls from {self.peak_rate} to {self.final_rate}: "
                "need 0 <= final <= peak < 1"
            )
        steps = self.epochs * self.steps_per_epoch
        if not 0 <= self.warmup_steps < steps or self.weight_decay < 0:
            raise ValueError(
                f"warm-up must be shorter than the {count_of(steps, 'step')}, got {self}"
            )
        if not 1 <= self.eval_every <= steps:
            raise ValueError(
                f"an evaluation each {count_of(self.eval_every, 'step')} is none in {steps}: need "
                f"1..{steps}"
            )


def paddleocr_yaml(run: PaddleOcrRun) -> str:
    """Write the configuration, with a comment for each trap that it steps around.

    Raises:
        ImportError: PyYAML is not installed (extra `train`).
    """
    text = as_yaml(configuration(run))
    head = _HEAD.format(
        total=count_of(run.batch * run.cards, "line"),
        batch=run.batch,
        algorithm=_algorithm(run.family),
        cards=count_of(run.cards, "card"),
        lists=count_of(len(run.labels), "list"),
    )
    return head + (_AFTER_HEAD if run.follows_head else "") + text


def as_yaml(content: Mapping[str, Any]) -> str:
    """Write plain values as YAML in their order, long lists on one line.

    Raises:
        ImportError: PyYAML is not installed (extra `train`).
    """
    import yaml

    class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML has no types
        """One without anchors: parts that are alike are written out."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    text = yaml.dump(
        dict(content),
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=float("inf"),
    )
    return str(text)


def of_any_run(
    *, use_gpu: bool, cards: int, epochs: int, out: str, eval_every: int, pretrained_model: str
) -> dict[str, Any]:
    """Return what `Global` holds of a run of any model.

    Args:
        out: folder for PaddleOCR's checkpoints. eval_every: steps between two evaluations.
    """
    return {
        "debug": False,
        "use_gpu": use_gpu,
        "distributed": cards > 1,
        "epoch_num": epochs,
        "log_smooth_window": 20,
        "print_batch_step": 10,
        "save_model_dir": out,
        "save_epoch_step": 1,
        "eval_batch_step": [0, eval_every],
        "cal_metric_during_train": False,
        # PaddleOCR appends the ending itself.
        "pretrained_model": pretrained_model.removesuffix(".pdparams"),
        "checkpoints": None,
        "save_inference_dir": None,
        "use_visualdl": False,
    }


def configuration(run: PaddleOcrRun) -> dict[str, Any]:
    """Return the same as plain values, in PaddleOCR's sections."""
    length = run.max_text_length
    return {
        "Global": {
            **of_any_run(
                use_gpu=run.use_gpu,
                cards=run.cards,
                epochs=run.epochs,
                out=run.out,
                eval_every=run.eval_every,
                pretrained_model=run.pretrained_model,
            ),
            "character_dict_path": run.dictionary,
            "max_text_length": length,
            "infer_mode": False,
            "use_space_char": run.use_space_char,
            "d2s_train_image_shape": [3, 48, 320],
        },
        "Optimizer": {
            "name": "Adam",
            "beta1": 0.9,
            "beta2": 0.999,
            "lr": _rate(run),
            "regularizer": {"name": "L2", "factor": run.weight_decay},
        },
        "Architecture": {
            "model_type": "rec",
            "algorithm": _algorithm(run.family),
            "Transform": None,
            "Backbone": dict(_BACKBONES[run.family]),
            "Neck": {
                "name": "SequenceEncoder",
                "encoder_type": "svtr",
                **_NECKS[run.family],
                "use_guide": False,
            },
            "Head": {"name": "CTCHead", "fc_decay": FC_DECAY},
        },
        "Loss": {"name": "CTCLoss"},
        "PostProcess": {"name": "CTCLabelDecode"},
        "Metric": {"name": "RecMetric", "main_indicator": "acc", "ignore_space": False},
        "Train": {
            "dataset": _dataset(run, run.data_folder, run.labels, augment=run.augment),
            "loader": {"shuffle": True, **_loader(run)},
        },
        "Eval": {
            "dataset": _dataset(run, run.eval_folder, (run.eval_labels,), augment=False),
            "loader": {"shuffle": False, **_loader(run)},
        },
    }


def _algorithm(family: Family) -> str:
    return "SVTR_HGNet" if family.endswith("server") else "SVTR_LCNet"


def _rate(run: PaddleOcrRun) -> dict[str, Any]:
    if run.decay == "cosine":
        return {
            "name": "LinearWarmupCosine",
            "learning_rate": run.peak_rate,
            "start_lr": 0.0,
            "min_lr": run.final_rate,
            "warmup_steps": run.warmup_steps,
        }
    return {
        "name": "Piecewise",
        # One boundary, two values: the guide's own example names two, which Paddle refuses.
        # PaddleOCR counts it from the end of the warm-up on.
        "decay_epochs": [run.epochs * PIECEWISE_AT - run.warmup_steps / run.steps_per_epoch],
        "values": [run.peak_rate, run.final_rate],
        "warmup_epoch": run.warmup_steps / run.steps_per_epoch,
    }


def _loader(run: PaddleOcrRun) -> dict[str, Any]:
    return {"drop_last": False, "batch_size_per_card": run.batch, "num_workers": 4}


def _dataset(
    run: PaddleOcrRun, folder: str, labels: tuple[str, ...], *, augment: bool
) -> dict[str, Any]:
    transforms: list[dict[str, Any]] = [
        {"DecodeImage": {"img_mode": "BGR", "channel_first": False}},
        {"CTCLabelEncode": None},
        {"RecResizeImg": {"image_shape": [3, 48, 320]}},
        {"KeepKeys": {"keep_keys": ["image", "label", "length", "valid_ratio"]}},
    ]
    if augment:
        transforms.insert(1, {"RecAug": None})
    return {
        "name": "SimpleDataSet",
        "data_dir": folder,
        "label_file_list": list(labels),
        "ratio_list": [1.0] * len(labels),
        "transforms": transforms,
    }
