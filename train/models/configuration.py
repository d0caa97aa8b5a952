"""`inference.yml`: what PaddleOCR 3.x wants to know of an exported recognizer."""

from collections.abc import Mapping, Sequence
from typing import Any

MODEL_NAMES: Mapping[str, tuple[str, ...]] = {
    "svtr_mobilenet_v3": (
        "PP-OCRv3_mobile_rec",
        "en_PP-OCRv3_mobile_rec",
        "korean_PP-OCRv3_mobile_rec",
        "japan_PP-OCRv3_mobile_rec",
        "chinese_cht_PP-OCRv3_mobile_rec",
        "te_PP-OCRv3_mobile_rec",
        "ka_PP-OCRv3_mobile_rec",
        "ta_PP-OCRv3_mobile_rec",
        "latin_PP-OCRv3_mobile_rec",
        "arabic_PP-OCRv3_mobile_rec",
        "cyrillic_PP-OCRv3_mobile_rec",
        "devanagari_PP-OCRv3_mobile_rec",
    ),
    "svtr_lcnet_v4": (
        "PP-OCRv4_mobile_rec",
        "en_PP-OCRv4_mobile_rec",
        "PP-OCRv5_mobile_rec",
        "latin_PP-OCRv5_mobile_rec",
        "eslav_PP-OCRv5_mobile_rec",
        "korean_PP-OCRv5_mobile_rec",
        "en_PP-OCRv5_mobile_rec",
        "el_PP-OCRv5_mobile_rec",
        "th_PP-OCRv5_mobile_rec",
        "arabic_PP-OCRv5_mobile_rec",
        "cyrillic_PP-OCRv5_mobile_rec",
        "devanagari_PP-OCRv5_mobile_rec",
        "ta_PP-OCRv5_mobile_rec",
        "te_PP-OCRv5_mobile_rec",
    ),
    "svtr_hgnet_v4": ("PP-OCRv4_server_rec", "PP-OCRv4_server_rec_doc"),
    "svtr_hgnet_v5": ("PP-OCRv5_server_rec",),
    "svtr_lcnet_v6_tiny": ("PP-OCRv6_tiny_rec",),
    "svtr_lcnet_v6_small": ("PP-OCRv6_small_rec",),
    "svtr_lcnet_v6_medium": ("PP-OCRv6_medium_rec",),
}
"""Names that paddleocr 3.7 opens a model under, by our families. It knows no others, and turns
the text around for the Arabic ones."""

_OF_NO_FAMILY = (
    "PP-OCRv6_small_rec",
    "PP-OCRv6_medium_rec",
    "PP-OCRv6_tiny_rec",
    "PP-OCRv5_server_rec",
    "PP-OCRv4_server_rec",
    "PP-OCRv4_server_rec_doc",
)
"""Names of models that are of none of our families: their graph is their network."""

_WIDTHS = ([1, 3, 48, 160], [1, 3, 48, 320], [8, 3, 48, 3200])
"""Least, usual and largest input that an accelerator is to plan for, as the published files."""


def model_name_for(name: str, family: str) -> str:
    """Return the name under which paddleocr opens a model: its own, or the first of its family.

    >>> model_name_for("korean_PP-OCRv5_mobile_rec", "svtr_lcnet_v4")
    'korean_PP-OCRv5_mobile_rec'
    >>> model_name_for("meters", "svtr_lcnet_v4")
    'PP-OCRv4_mobile_rec'
    """
    known = names_of(family)
    return name if name in known else known[0]


def names_of(family: str) -> tuple[str, ...]:
    """Return the names that paddleocr opens a model of a family under; a graph may be any."""
    if family in MODEL_NAMES:
        return MODEL_NAMES[family]
    return (*_OF_NO_FAMILY, *(name for names in MODEL_NAMES.values() for name in names))


def configuration_text(model_name: str, entries: Sequence[str]) -> str:
    r"""Write an `inference.yml`.

    The operations are those of the published files, and all that paddlex 3.7 takes: it stops at a
    `CTCLabelEncode`, which a configuration without the attention branch would name here. The
    encoders are for training alone.

    Args:
        model_name: one of `MODEL_NAMES`.
        entries: of the dictionary, in order, without the space, which paddlex appends. Every
            string reads back as it is, by YAML's safe loader too: `no`, `1`, "", "\r", U+2028.

    >>> text = configuration_text("PP-OCRv4_mobile_rec", ["a", "1", ""])
    >>> [line.strip() for line in text.splitlines()[-4:]]
    ['character_dict:', '- a', "- '1'", '- ""']
    """
    import yaml

    shapes = {"x": [list(shape) for shape in _WIDTHS]}
    labels = ["image", "label_ctc", "label_gtc", "length", "valid_ratio"]
    content: dict[str, Any] = {
        "Global": {"model_name": model_name},
        # One object twice: written as an anchor and its alias, as the published files have it.
        "Hpi": {
            "backend_configs": {
                "paddle_infer": {"trt_dynamic_shapes": shapes},
                "tensorrt": {"dynamic_shapes": shapes},
            }
        },
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"MultiLabelEncode": {"gtc_encode": "NRTRLabelEncode"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
                {"KeepKeys": {"keep_keys": labels}},
            ]
        },
        "PostProcess": {
            "name": "CTCLabelDecode",
            "character_dict": [_Entry(entry) for entry in entries],
        },
    }

    class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML has no types
        """One in pure Python: the one in C writes other bytes."""

    Dumper.add_representer(_Entry, _represented)
    # No width: an entry with spaces in it must not be folded.
    return str(
        yaml.dump(content, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=float("inf"))
    )


class _Entry(str):
    """An entry of a dictionary."""

    __slots__ = ()


def _represented(dumper: Any, entry: _Entry) -> Any:
    # In double quotes everything odd is escaped; else the dumper quotes what YAML would take for
    # a number, a null or a mark of its own.
    is_plain = entry.isprintable() and entry == entry.strip() and entry
    style = None if is_plain else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(entry), style=style)
