"""How a detector of the DB family predicts: the size it sees a page at, and how its map is read.

What paddleocr 3.x uses where nothing is said hangs on who asks, and its documents tell another
story (read from paddlex 3.7.2: `text_detection/predictor.py`, `pipelines/ocr/pipeline.py`,
`configs/pipelines/OCR.yaml`):

- `paddleocr.TextDetection` takes the long side down to 960 (`max`) for the published names, and the
  short side up to 736 (`min`) for any other name in `Global.model_name`. Of its `inference.yml`
  only `resize_long` is listened to, as that length. `limit_side_len` and `limit_type` that stand
  there are read and thrown away, and so is `max_side_limit` (always 4000). Thresholds, unclip
  ratio, dilation and score mode are those of `PostProcess` there; an unclip ratio that is missing
  is 2.0.
- `paddleocr.PaddleOCR` says limits and thresholds for every detector: the short side up to 64
  (`min`), which leaves pages at their size up to 4000 pixels, and .3, .6, 1.5. Of `inference.yml`
  only dilation, score mode and the number of candidates are left.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

LimitType = Literal["max", "min", "resize_long"]
"""What a limit bounds: the long side from above, the short one from below, the long one exactly."""

ScoreMode = Literal["fast", "slow"]
"""What a box is scored on: its smallest rectangle, or its outline."""

BoxType = Literal["quad", "poly"]
"""What is found: the smallest rectangle of a region, or its outline, which may be curved."""

STRIDE = 32
"""In pixels. The sides of what a network sees are multiples of it."""

LEAST_SIDES = 64
"""In pixels. A page whose two sides add up to less is laid on black, 32 pixels square at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionSettings:
    """All that is free in a prediction.

    Attributes:
        limit_side_len: in pixels. limit_type: which side it is of.
        max_side_limit: in pixels; a longer side is taken down to it, whatever the limit says.
        thresh: probability above which a pixel is text, 0..1.
        box_thresh: mean probability of a box below which it is left out, 0..1.
        unclip_ratio: how far a shrunk region is grown again: area x ratio / length of its outline.
        use_dilation: whether the text of the map is grown by a pixel first.
        score_mode: of quads; polygons are always scored on their outline.
        max_candidates: regions that are looked at, at most; the rest are dropped.
        min_size: in pixels of the map. Narrower regions are left out, grown ones by two more.

    Raises:
        ValueError: a value is out of its range.
    """

    limit_side_len: int = 960
    limit_type: LimitType = "max"
    max_side_limit: int = 4000
    thresh: float = 0.3
    box_thresh: float = 0.6
    unclip_ratio: float = 1.5
    use_dilation: bool = False
    score_mode: ScoreMode = "fast"
    box_type: BoxType = "quad"
    max_candidates: int = 1000
    min_size: int = 3

    def __post_init__(self) -> None:
        """Check all values."""
        for name, choices in (
            ("limit_type", get_args(LimitType)),
            ("score_mode", get_args(ScoreMode)),
            ("box_type", get_args(BoxType)),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is {getattr(self, name)!r}, not {' or '.join(choices)}")
        for name, least in (
            ("limit_side_len", 1),
            ("max_side_limit", STRIDE),
            ("max_candidates", 1),
            ("min_size", 1),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}, less than {least}")
        for name in ("thresh", "box_thresh"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, not between 0 and 1")
        if not (math.isfinite(self.unclip_ratio) and self.unclip_ratio > 0):
            raise ValueError(f"unclip_ratio is {self.unclip_ratio}, not above 0")

    def input_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the size that a page is seen at: multiples of 32, nearest to what the limit says.

        Args:
            height, width: of the page, in pixels.

        Raises:
            ValueError: a side is less than 1.

        >>> PredictionSettings().input_size(3508, 2480)
        (960, 672)
        >>> PredictionSettings(limit_side_len=64, limit_type="min").input_size(3508, 2480)
        (3520, 2496)
        """
        if min(height, width) < 1:
            raise ValueError(f"a page has at least a pixel, got {height} x {width}")
        if height + width < LEAST_SIDES:
            height, width = max(STRIDE, height), max(STRIDE, width)
        ratio = self._ratio(height, width)
        sides = int(height * ratio), int(width * ratio)
        if max(sides) > self.max_side_limit:
            ratio = self.max_side_limit / max(sides)
            sides = int(sides[0] * ratio), int(sides[1] * ratio)
        tall, wide = (max(round(side / STRIDE) * STRIDE, STRIDE) for side in sides)
        return tall, wide

    def _ratio(self, height: int, width: int) -> float:
        long, short = max(height, width), min(height, width)
        if self.limit_type == "resize_long":
            return self.limit_side_len / long
        if self.limit_type == "max":
            return self.limit_side_len / long if long > self.limit_side_len else 1.0
        return self.limit_side_len / short if short < self.limit_side_len else 1.0


KNOWN_NAMES = frozenset(
    {
        *("PP-OCRv3_mobile_det", "PP-OCRv3_server_det"),
        *("PP-OCRv4_mobile_det", "PP-OCRv4_server_det"),
        *("PP-OCRv5_mobile_det", "PP-OCRv5_server_det"),
        *("PP-OCRv6_tiny_det", "PP-OCRv6_small_det", "PP-OCRv6_medium_det"),
    }
)
"""Names whose limit is of the long side where nothing else is said; of any other name it is of the
short side."""

PUBLISHED: Mapping[str, PredictionSettings] = {
    "PP-OCRv3_mobile_det": PredictionSettings(),
    "PP-OCRv4_mobile_det": PredictionSettings(),
    "PP-OCRv5_mobile_det": PredictionSettings(),
    "PP-OCRv6_tiny_det": PredictionSettings(
        thresh=0.2, box_thresh=0.4, unclip_ratio=1.4, max_candidates=3000
    ),
    "PP-OCRv6_small_det": PredictionSettings(
        thresh=0.2, box_thresh=0.45, unclip_ratio=1.4, max_candidates=3000
    ),
}
"""What `TextDetection` uses with the published `inference.yml`, for networks of wheels, most of
which come without it."""

PIPELINE = PredictionSettings(limit_side_len=64, limit_type="min")
"""What `PaddleOCR` (the whole pipeline) uses for every detector."""


def limit_of_unknown(limit: int | None) -> tuple[int, LimitType]:
    """Return the limit of a name that paddleocr does not know.

    Args:
        limit: the `resize_long` of its `inference.yml`, if there is one.
    """
    return limit or 736, "min"
