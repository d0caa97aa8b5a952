"""PPLCNetV3, the backbone of PP-OCRv4 and v5 mobile, in its training form and fused.

Structure and parameter names by PaddleOCR's configuration of the recognizers (PP-LCNet,
arXiv 2109.15099).
"""

from paddle import Tensor, nn

from train.networks.rep_conv import Affine, ConvNorm, RepConv, Stride
from train.networks.spec import CHANNELS, NetworkSpec

__all__ = ["Affine", "ConvNorm", "PPLCNetV3", "RepConv", "Squeeze", "Stride", "scaled"]

STAGES: tuple[tuple[tuple[int, int, int, Stride, bool], ...], ...] = (
    # kernel, channels in, channels out, stride (height, width), squeeze-and-excitation. Detectors
    # have the same but for the strides.
    ((3, 16, 32, 1, False),),
    ((3, 32, 64, 1, False), (3, 64, 64, 1, False)),
    ((3, 64, 128, (2, 1), False), (3, 128, 128, 1, False)),
    ((3, 128, 256, (1, 2), False), *((5, 256, 256, 1, False),) * 4),
    (
        (5, 256, 512, (2, 1), True),
        (5, 512, 512, 1, True),
        (5, 512, 512, (2, 1), False),
        (5, 512, 512, 1, False),
    ),
)
_FIRST, _LAST = 16, 512


def scaled(channels: int, scale: float) -> int:
    """Round a channel count to a multiple of 16, never below 90 % of it; at scale 1 it stays.

    >>> scaled(16, 0.95), scaled(512, 0.95), scaled(24, 1.0)
    (16, 480, 24)
    """
    if scale == 1:
        return channels
    wanted = channels * scale
    rounded = max(16, int(wanted + 8) // 16 * 16)
    return rounded + 16 if rounded < 0.9 * wanted else rounded


class Squeeze(nn.Layer):
    """Squeeze-and-excitation: a weight for each channel from the mean over the map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2D(channels, channels // 4, 1)
        self.conv2 = nn.Conv2D(channels // 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Weigh the channels of a feature map."""
        mean = nn.functional.adaptive_avg_pool2d(x, 1)
        weights = self.conv2(nn.functional.relu(self.conv1(mean)))
        return x * nn.functional.hardsigmoid(weights)


class Block(nn.Layer):
    """A depthwise and a pointwise convolution, between them perhaps squeeze-and-excitation."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: Stride,
        *,
        has_squeeze: bool,
        branches: int,
        is_fused: bool,
    ) -> None:
        super().__init__()
        self.dw_conv = RepConv(
            channels_in,
            channels_in,
            kernel,
            stride,
            channels_in,
            branches=branches,
            is_fused=is_fused,
        )
        if has_squeeze:
            self.se = Squeeze(channels_in)
        self.has_squeeze = has_squeeze
        self.pw_conv = RepConv(channels_in, channels_out, 1, branches=branches, is_fused=is_fused)

    def forward(self, x: Tensor) -> Tensor:
        """Go from one feature map to the next."""
        x = self.dw_conv(x)
        return self.pw_conv(self.se(x) if self.has_squeeze else x)


class PPLCNetV3(nn.Layer):
    """From N x 3 x 48 x W to N x `channels` x 1 x W/8."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.conv1 = ConvNorm(CHANNELS, scaled(_FIRST, spec.scale), 3, 2)
        for number, stage in enumerate(STAGES, 2):
            blocks = [
                Block(
                    scaled(channels_in, spec.scale),
                    scaled(channels_out, spec.scale),
                    kernel,
                    stride,
                    has_squeeze=has_squeeze,
                    branches=spec.branches,
                    is_fused=spec.form == "fused",
                )
                for kernel, channels_in, channels_out, stride, has_squeeze in stage
            ]
            setattr(self, f"blocks{number}", nn.Sequential(*blocks))
        self.channels = scaled(_LAST, spec.scale)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of a batch of lines.

        Pooled in training as in use: PaddleOCR pools to 40 columns in training, which is the
        same at the width that it trains with (320) and wrong at any other.
        """
        x = self.conv1(x)
        for stage in (self.blocks2, self.blocks3, self.blocks4, self.blocks5, self.blocks6):
            x = stage(x)
        return nn.functional.avg_pool2d(x, [3, 2])
