"""The detector of PP-OCRv4 and v5 mobile, for what PaddleOCR's own training goes on from.

Structure and parameter names by PaddleOCR's configuration (DB, arXiv 1911.08947; PP-LCNet,
arXiv 2109.15099): backbone, a pyramid with squeeze-and-excitation, and the head of the shrink map.
The head of the threshold map is in no exported file, and needed by training alone: it is made in
`threshold_branch`.
"""

from collections.abc import Sequence
from typing import Any

from paddle import Tensor, concat, nn
from paddle.nn import functional

from train.networks.lcnet_v3 import STAGES, Block, scaled
from train.networks.rep_conv import ConvNorm
from train.networks.spec import CHANNELS

_SCALE, _FIRST = 0.75, 16

_GIVEN: tuple[tuple[int, int], ...] = ((64, 16), (128, 24), (256, 56), (512, 480))
"""Channels behind the last four stages, and those that the pyramid gets of them, before scaling."""

_PYRAMID = 96
"""Channels of the pyramid; of each of its levels a quarter goes on."""

_BRANCHES = 4


class LevelsBackbone(nn.Layer):
    """PPLCNetV3 with its features at a quarter, an eighth, a 16th and a 32nd of the page."""

    def __init__(self, *, is_fused: bool) -> None:
        super().__init__()
        self.conv1 = ConvNorm(CHANNELS, scaled(_FIRST, _SCALE), 3, 2)
        for number, stage in enumerate(STAGES, 2):
            blocks = [
                Block(
                    scaled(channels_in, _SCALE),
                    scaled(channels_out, _SCALE),
                    kernel,
                    2 if number > 2 and at == 0 else 1,
                    has_squeeze=has_squeeze,
                    branches=_BRANCHES,
                    is_fused=is_fused,
                )
                for at, (kernel, channels_in, channels_out, _, has_squeeze) in enumerate(stage)
            ]
            setattr(self, f"blocks{number}", nn.Sequential(*blocks))
        self.layer_list = nn.LayerList(
            [
                nn.Conv2D(scaled(channels, _SCALE), int(given * _SCALE), 1)
                for channels, given in _GIVEN
            ]
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the features of pages, the largest map first."""
        x = self.blocks2(self.conv1(x))
        levels = []
        for stage in (self.blocks3, self.blocks4, self.blocks5, self.blocks6):
            x = stage(x)
            levels.append(x)
        return [layer(level) for layer, level in zip(self.layer_list, levels, strict=True)]


class _Weighed(nn.Layer):
    """Squeeze-and-excitation, of the pyramid: its hard sigmoid rises by a fifth."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2D(channels, channels // 4, 1)
        self.conv2 = nn.Conv2D(channels // 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = functional.adaptive_avg_pool2d(x, 1)
        weights = self.conv2(functional.relu(self.conv1(mean)))
        return x * functional.hardsigmoid(weights, slope=0.2, offset=0.5)


class _Level(nn.Layer):
    """A convolution, and its result weighed added to it."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int) -> None:
        super().__init__()
        self.in_conv = nn.Conv2D(
            channels_in, channels_out, kernel, padding=kernel // 2, bias_attr=False
        )
        self.se_block = _Weighed(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.in_conv(x)
        return x + self.se_block(x)


class Pyramid(nn.Layer):
    """From the features of four sizes to one map at a quarter of the page."""

    def __init__(self) -> None:
        super().__init__()
        given = [int(channels * _SCALE) for _, channels in _GIVEN]
        self.ins_conv = nn.LayerList([_Level(channels, _PYRAMID, 1) for channels in given])
        self.inp_conv = nn.LayerList([_Level(_PYRAMID, _PYRAMID // 4, 3) for _ in given])

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Return N x 96 x H/4 x W/4."""
        # From the smallest map up, as PaddleOCR has it: in that order weights are used.
        layers = list(zip(self.ins_conv, levels, strict=True))[::-1]
        narrow = [layer(level) for layer, level in layers]
        sums = [narrow[0]]
        for level in narrow[1:]:
            sums.append(level + _larger(sums[-1], 2))
        parts = [layer(part) for layer, part in zip(list(self.inp_conv)[::-1], sums, strict=True)]
        factors = (8, 4, 2, 1)
        return concat(
            [_larger(part, factor) for part, factor in zip(parts, factors, strict=True)], axis=1
        )


def _larger(x: Tensor, factor: int) -> Tensor:
    return x if factor == 1 else functional.interpolate(x, scale_factor=factor, mode="nearest")


class MapHead(nn.Layer):
    """From the pyramid's map to one at the size of the page: of probabilities, or of thresholds."""

    def __init__(self, channels: int = _PYRAMID) -> None:
        super().__init__()
        narrow = self.narrow(channels)
        self.conv1 = nn.Conv2D(channels, narrow, 3, padding=1, bias_attr=False)
        self.conv_bn1 = nn.BatchNorm2D(narrow)
        self.conv2 = nn.Conv2DTranspose(narrow, narrow, 2, stride=2)
        self.conv_bn2 = nn.BatchNorm2D(narrow)
        self.conv3 = nn.Conv2DTranspose(narrow, 1, 2, stride=2)

    @staticmethod
    def narrow(channels: int) -> int:
        """Return the channels within a head, for those that it takes in."""
        return max(channels // 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return N x 1 x H x W, 0..1."""
        x = functional.relu(self.conv_bn1(self.conv1(x)))
        x = functional.relu(self.conv_bn2(self.conv2(x)))
        return functional.sigmoid(self.conv3(x))


class MobileDetector(nn.Layer):
    """PP-OCRv4 and v5 mobile: N x 3 x H x W to N x 1 x H x W, sides multiples of 32."""

    def __init__(self, *, is_fused: bool) -> None:
        """Build the network with random weights.

        Args:
            is_fused: one kernel in the place of the branches that training has.
        """
        super().__init__()
        self.backbone = LevelsBackbone(is_fused=is_fused)
        self.neck = Pyramid()
        self.head = nn.LayerDict({"binarize": MapHead()})

    def forward(self, x: Tensor) -> Any:
        """Return the map of probabilities."""
        return self.head["binarize"](self.neck(self.backbone(x)))
