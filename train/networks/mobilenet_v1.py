"""MobileNetV1Enhance, the backbone of PP-OCRv3 mobile recognizers.

Structure and parameter names by PaddleOCR's configuration (MobileNets, arXiv 1704.04861; with
5 x 5 kernels and squeeze-and-excitation at the end, PP-OCRv3, arXiv 2206.03001).
"""

from paddle import Tensor, nn

from train.networks.lcnet_v3 import Squeeze
from train.networks.rep_conv import Stride
from train.networks.spec import CHANNELS, NetworkSpec

_BLOCKS: tuple[tuple[int, int, int, Stride, bool], ...] = (
    # kernel, channels in, channels out, stride (height, width), squeeze-and-excitation
    (3, 32, 64, 1, False),
    (3, 64, 128, 1, False),
    (3, 128, 128, 1, False),
    (3, 128, 256, (2, 1), False),
    (3, 256, 256, 1, False),
    (3, 256, 512, (2, 1), False),
    *((5, 512, 512, 1, False),) * 5,
    (5, 512, 1024, (2, 1), True),
    (5, 1024, 1024, (1, 2), True),
)
_FIRST, _LAST = 32, 1024


class ConvNorm(nn.Layer):
    """A convolution without bias, its batch normalisation, hard swish."""

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: Stride, groups: int = 1
    ) -> None:
        super().__init__()
        self._conv = nn.Conv2D(
            channels_in,
            channels_out,
            kernel,
            stride=stride,
            padding=kernel // 2,
            groups=groups,
            weight_attr=nn.initializer.KaimingNormal(),
            bias_attr=False,
        )
        self._batch_norm = nn.BatchNorm2D(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, normalise, activate."""
        return nn.functional.hardswish(self._batch_norm(self._conv(x)))


class Block(nn.Layer):
    """A depthwise and a pointwise convolution, between them perhaps squeeze-and-excitation."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: Stride,
        has_squeeze: bool,
    ) -> None:
        super().__init__()
        self._depthwise_conv = ConvNorm(channels_in, channels_in, kernel, stride, channels_in)
        if has_squeeze:
            self._se = Squeeze(channels_in)
        self._has_squeeze = has_squeeze
        self._pointwise_conv = ConvNorm(channels_in, channels_out, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Go from one feature map to the next."""
        x = self._depthwise_conv(x)
        return self._pointwise_conv(self._se(x) if self._has_squeeze else x)


class MobileNetV1Enhance(nn.Layer):
    """From N x 3 x 48 x W to N x `channels` x 1 x W/8."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.conv1 = ConvNorm(CHANNELS, int(_FIRST * spec.scale), 3, 2)
        self.block_list = nn.Sequential(
            *(
                Block(
                    int(channels_in * spec.scale),
                    int(channels_out * spec.scale),
                    kernel,
                    stride,
                    has_squeeze,
                )
                for kernel, channels_in, channels_out, stride, has_squeeze in _BLOCKS
            )
        )
        self.channels = int(_LAST * spec.scale)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of a batch of lines."""
        return nn.functional.avg_pool2d(self.block_list(self.conv1(x)), 2, 2)
