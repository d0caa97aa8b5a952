"""PPLCNetV3, the backbone of PP-OCRv4 and v5 mobile, in its training form and fused.

Structure and parameter names by PaddleOCR's configuration of the recognizers (PP-LCNet,
arXiv 2109.15099; branches that fuse into one kernel by RepVGG and MobileOne, arXiv 2101.03697
and 2206.04040).
"""

from collections.abc import Sequence
from typing import Any

import paddle
from paddle import Tensor, nn

from train.networks.spec import CHANNELS, NetworkSpec

Stride = int | tuple[int, int]

_STAGES: tuple[tuple[tuple[int, int, int, Stride, bool], ...], ...] = (
    # kernel, channels in, channels out, stride (height, width), squeeze-and-excitation
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
    """Round a channel count to a multiple of 16, never below 90 % of it.

    >>> scaled(16, 0.95), scaled(512, 0.95)
    (16, 480)
    """
    wanted = channels * scale
    rounded = max(16, int(wanted + 8) // 16 * 16)
    return rounded + 16 if rounded < 0.9 * wanted else rounded


class Affine(nn.Layer):
    """One scale and one offset for a whole feature map, both learnt."""

    def __init__(self) -> None:
        super().__init__()
        one, zero = nn.initializer.Constant(1.0), nn.initializer.Constant(0.0)
        self.scale = self.create_parameter([1], default_initializer=one)
        self.bias = self.create_parameter([1], default_initializer=zero)

    def forward(self, x: Tensor) -> Tensor:
        """Give x * scale + bias."""
        return x * self.scale + self.bias


class ConvNorm(nn.Layer):
    """A convolution without bias and its batch normalisation."""

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: Stride, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2D(
            channels_in,
            channels_out,
            kernel,
            stride=stride,
            padding=kernel // 2,
            groups=groups,
            weight_attr=nn.initializer.KaimingNormal(),
            bias_attr=False,
        )
        self.bn = nn.BatchNorm2D(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve and normalise."""
        return self.bn(self.conv(x))


class Activation(nn.Layer):
    """Hard swish with a learnt scale and offset behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.act = nn.Hardswish()
        self.lab = Affine()

    def forward(self, x: Tensor) -> Tensor:
        """Activate a feature map."""
        return self.lab(self.act(x))


class RepConv(nn.Layer):
    """A convolution that trains as several branches and works as one kernel.

    Branches: `branches` of k x k, one of 1 x 1 (if k > 1) and the identity (if the size stays),
    each with its batch normalisation; their sum goes on. Fused: one k x k kernel with bias.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: Stride = 1,
        groups: int = 1,
        *,
        branches: int,
        is_fused: bool,
    ) -> None:
        super().__init__()
        self.shape = (channels_in, channels_out, kernel, stride, groups)
        self.is_fused = is_fused
        if is_fused:
            self.reparam_conv = self._single()
        else:
            if channels_in == channels_out and stride == 1:
                self.identity = nn.BatchNorm2D(channels_in)
            self.conv_kxk = nn.LayerList([ConvNorm(*self.shape) for _ in range(branches)])
            if kernel > 1:
                self.conv_1x1 = ConvNorm(channels_in, channels_out, 1, stride, groups)
        self.lab = Affine()
        self.act = Activation()

    def _single(self) -> nn.Conv2D:
        channels_in, channels_out, kernel, stride, groups = self.shape
        return nn.Conv2D(
            channels_in, channels_out, kernel, stride=stride, padding=kernel // 2, groups=groups
        )

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, scale, activate."""
        if self.is_fused:
            return self.act(self.lab(self.reparam_conv(x)))
        return self.act(self.lab(sum(branch(x) for branch in self._branches())))

    def _branches(self) -> Sequence[nn.Layer]:
        extra = [getattr(self, name, None) for name in ("identity", "conv_1x1")]
        return [branch for branch in extra if branch is not None] + list(self.conv_kxk)

    def fuse(self) -> None:
        """Put one kernel in the place of the branches; for evaluation both give the same.

        Summed in float64: the float32 sum of six branches would be off by their rounding.
        """
        if self.is_fused:
            return
        kernels = [self._kernel_of(branch) for branch in self._branches()]
        single = self._single()
        single.weight.set_value(paddle.add_n([weight for weight, _ in kernels]).astype("float32"))
        single.bias.set_value(paddle.add_n([bias for _, bias in kernels]).astype("float32"))
        for name in ("identity", "conv_1x1", "conv_kxk"):
            if hasattr(self, name):
                delattr(self, name)
        # Registered anew, so that all layers stand in the order of use again.
        lab, act = self.lab, self.act
        del self.lab, self.act
        self.reparam_conv, self.lab, self.act = single, lab, act
        self.is_fused = True

    def _kernel_of(self, branch: nn.Layer) -> tuple[Tensor, Tensor]:
        """Fold a branch's normalisation into a k x k kernel and its bias, float64."""
        channels_in, _, kernel, _, groups = self.shape
        middle = kernel // 2
        norm: Any = branch
        if isinstance(branch, ConvNorm):
            norm, weight = branch.bn, branch.conv.weight.astype("float64")
            if weight.shape[-1] < kernel:
                weight = nn.functional.pad(weight, [middle] * 4)
        else:
            a_group = channels_in // groups
            weight = paddle.zeros([channels_in, a_group, kernel, kernel], "float64")
            for channel in range(channels_in):
                weight[channel, channel % a_group, middle, middle] = 1.0
        variance = norm._variance.astype("float64") + norm._epsilon
        gain = norm.weight.astype("float64") / variance.sqrt()
        bias = norm.bias.astype("float64") - norm._mean.astype("float64") * gain
        return weight * gain.reshape([-1, 1, 1, 1]), bias


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
        for number, stage in enumerate(_STAGES, 2):
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
        """Give the features of a batch of lines.

        Pooled in training as in use: PaddleOCR pools to 40 columns in training, which is the
        same at the width that it trains with (320) and wrong at any other.
        """
        x = self.conv1(x)
        for stage in (self.blocks2, self.blocks3, self.blocks4, self.blocks5, self.blocks6):
            x = stage(x)
        return nn.functional.avg_pool2d(x, [3, 2])
