"""A convolution that trains as several branches and works as one kernel.

The unit of PPLCNetV3. Branches that fuse into one kernel by RepVGG and MobileOne (arXiv 2101.03697
and 2206.04040); parameter names are PaddleOCR's.
"""

from collections.abc import Sequence
from typing import Any

import paddle
from paddle import Tensor, nn

Stride = int | tuple[int, int]
"""Of a convolution: the same in both directions, or (height, width)."""


class Affine(nn.Layer):
    """One scale and one offset for a whole feature map, both learnt."""

    def __init__(self) -> None:
        super().__init__()
        ones, zeros = nn.initializer.Constant(1.0), nn.initializer.Constant(0.0)
        self.scale = self.create_parameter([1], default_initializer=ones)
        self.bias = self.create_parameter([1], default_initializer=zeros)

    def forward(self, x: Tensor) -> Tensor:
        """Return x * scale + bias."""
        return x * self.scale + self.bias


class ConvNorm(nn.Layer):
    """A convolution without bias and its batch normalisation.

    Rows and columns of zeros are added all around an odd kernel, and below and on the right of a
    kernel of 2, so that either keeps the size at stride 1.
    """

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: Stride, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2D(
            channels_in,
            channels_out,
            kernel,
            stride=stride,
            # Above, below, left, right. Not by an operation of its own: of paddle.nn.functional.pad
            # paddle2onnx 2.1 makes one whose value is whatever stands in memory.
            padding=kernel // 2 if kernel % 2 else [kernel // 2 - 1, kernel // 2] * 2,
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
    each with its batch normalisation; their sum goes on. Fused: one k x k kernel with bias. At
    stride 2 in both directions (detectors have it) nothing is activated.
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
        self.act: nn.Layer = nn.Identity() if stride == 2 else Activation()

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
