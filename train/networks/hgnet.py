"""PPHGNet_small and PPHGNetV2_B4, the backbones of the server recognizers of PP-OCRv4 and v5.

Both keep what every convolution of a block has seen and join it at the block's end (one-shot
aggregation, arXiv 1904.09730). Structure and parameter names by PaddleOCR's configurations of the
recognizers; its layers for classification (`last_conv`, `fc`), which no recognizer uses, are left
out.
"""

from dataclasses import dataclass

from paddle import Tensor, concat, nn

from train.networks.lcnet_v3 import scaled
from train.networks.rep_conv import ConvNorm, Stride
from train.networks.spec import CHANNELS, NetworkSpec


@dataclass(frozen=True, slots=True)
class _Stage:
    """The numbers of a stage.

    Attributes:
        middle, channels_out: of each convolution of a block, and of the block's end.
        stride: of the depthwise convolution in front, (height, width).
        blocks: one behind the other; from the second on, around a shortcut.
        is_light: whether a convolution is a pointwise and a depthwise one.
    """

    middle: int
    channels_out: int
    stride: Stride
    blocks: int = 1
    kernel: int = 3
    is_light: bool = False


_LAYERS = 6
"""Convolutions of a block, in both backbones."""

_SMALL_STEM = (64, 64, 128)
_SMALL = (
    _Stage(128, 256, (2, 1)),
    _Stage(160, 512, (1, 2)),
    _Stage(192, 768, (2, 1), blocks=2),
    _Stage(224, 1024, (2, 1)),
)
_B4_STEM = (32, 48)
_B4 = (
    _Stage(48, 128, (2, 1)),
    _Stage(96, 512, (1, 2)),
    _Stage(192, 1024, (2, 1), blocks=3, kernel=5, is_light=True),
    _Stage(384, 2048, (2, 1), kernel=5, is_light=True),
)


class ConvRelu(ConvNorm):
    """A convolution without bias, its batch normalisation, ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, normalise, activate."""
        return nn.functional.relu(super().forward(x))


class LightConv(nn.Layer):
    """A pointwise convolution, then a depthwise one with ReLU behind it."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(channels_in, channels_out, 1, 1)
        self.conv2 = ConvRelu(channels_out, channels_out, kernel, 1, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Go from one feature map to the next of the same size."""
        return self.conv2(self.conv1(x))


class ChannelWeights(nn.Layer):
    """Effective squeeze-and-excitation: one layer from the map's mean to a weight a channel.

    By arXiv 1911.06667; it weighs by a sigmoid and does not narrow the channels on the way.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2D(channels, channels, 1, weight_attr=nn.initializer.KaimingNormal())

    def forward(self, x: Tensor) -> Tensor:
        """Weigh the channels of a feature map."""
        mean = nn.functional.adaptive_avg_pool2d(x, 1)
        return x * nn.functional.sigmoid(self.conv(mean))


class _Block(nn.Layer):
    """A chain of convolutions whose input and outputs are joined; `_joined` narrows them."""

    def __init__(self, channels_in: int, stage: _Stage, *, has_shortcut: bool) -> None:
        super().__init__()
        self.has_shortcut = has_shortcut
        self.layers = nn.LayerList()
        for number in range(_LAYERS):
            source = stage.middle if number else channels_in
            self.layers.append(
                LightConv(source, stage.middle, stage.kernel)
                if stage.is_light
                else ConvRelu(source, stage.middle, stage.kernel, 1)
            )
        self.width = channels_in + _LAYERS * stage.middle

    def forward(self, x: Tensor) -> Tensor:
        """Go from N x C x H x W to N x channels_out x H x W."""
        seen = [x]
        for layer in self.layers:
            seen.append(layer(seen[-1]))
        joined = self._joined(concat(seen, axis=1))
        return joined + x if self.has_shortcut else joined

    def _joined(self, seen: Tensor) -> Tensor:
        raise NotImplementedError


class SmallBlock(_Block):
    """A block of PPHGNet: one pointwise convolution at its end, and a weight a channel."""

    def __init__(self, channels_in: int, stage: _Stage, *, has_shortcut: bool) -> None:
        super().__init__(channels_in, stage, has_shortcut=has_shortcut)
        self.aggregation_conv = ConvRelu(self.width, stage.channels_out, 1, 1)
        self.att = ChannelWeights(stage.channels_out)

    def _joined(self, seen: Tensor) -> Tensor:
        return self.att(self.aggregation_conv(seen))


class B4Block(_Block):
    """A block of PPHGNetV2: two pointwise convolutions at its end, narrow, then wide."""

    def __init__(self, channels_in: int, stage: _Stage, *, has_shortcut: bool) -> None:
        super().__init__(channels_in, stage, has_shortcut=has_shortcut)
        narrow = stage.channels_out // 2
        self.aggregation_squeeze_conv = ConvRelu(self.width, narrow, 1, 1)
        self.aggregation_excitation_conv = ConvRelu(narrow, stage.channels_out, 1, 1)

    def _joined(self, seen: Tensor) -> Tensor:
        return self.aggregation_excitation_conv(self.aggregation_squeeze_conv(seen))


class Stage(nn.Layer):
    """A depthwise convolution that makes the map smaller, and blocks."""

    def __init__(self, channels_in: int, stage: _Stage, block: type[_Block]) -> None:
        super().__init__()
        self.downsample = ConvNorm(channels_in, channels_in, 3, stage.stride, channels_in)
        self.blocks = nn.Sequential(
            *(
                block(
                    stage.channels_out if number else channels_in,
                    stage,
                    has_shortcut=number > 0,
                )
                for number in range(stage.blocks)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Go from one feature map to the next."""
        return self.blocks(self.downsample(x))


class BranchedStem(nn.Layer):
    """From N x 3 x H x W to N x C x H/2 x W/2, with 2 x 2 kernels beside a 2 x 2 maximum.

    With `stride` 2 (PP-OCRv6) the third convolution halves both once more.

    Kernels of 2 x 2 keep the size: one row is added below and one column on the right, as
    Paddle's padding "SAME" does.
    """

    def __init__(self, middle: int, channels_out: int, stride: int = 1) -> None:
        super().__init__()
        self.stem1 = ConvRelu(CHANNELS, middle, 3, 2)
        self.stem2a = ConvRelu(middle, middle // 2, 2, 1)
        self.stem2b = ConvRelu(middle // 2, middle, 2, 1)
        self.stem3 = ConvRelu(2 * middle, middle, 3, stride)
        self.stem4 = ConvRelu(middle, channels_out, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Make the first feature map of a batch of lines."""
        x = self.stem1(x)
        beside = self.stem2b(self.stem2a(x))
        largest = nn.functional.max_pool2d(x, 2, stride=1, padding=[0, 1, 0, 1])
        return self.stem4(self.stem3(concat([largest, beside], axis=1)))


def _resized(stages: tuple[_Stage, ...], scale: float) -> list[_Stage]:
    return [
        _Stage(
            scaled(stage.middle, scale),
            scaled(stage.channels_out, scale),
            stage.stride,
            stage.blocks,
            stage.kernel,
            stage.is_light,
        )
        for stage in stages
    ]


class _HgNet(nn.Layer):
    """From N x 3 x 48 x W to N x `channels` x 1 x W/8."""

    def __init__(
        self, stem: nn.Layer, channels: int, stages: list[_Stage], block: type[_Block]
    ) -> None:
        super().__init__()
        self.stem = stem
        self.stages = nn.LayerList()
        for stage in stages:
            self.stages.append(Stage(channels, stage, block))
            channels = stage.channels_out
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of a batch of lines, pooled as `lcnet_v3.PPLCNetV3` does."""
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return nn.functional.avg_pool2d(x, [3, 2])


class PPHGNetSmall(_HgNet):
    """PPHGNet_small as PP-OCRv4's server recognizer has it."""

    def __init__(self, spec: NetworkSpec) -> None:
        widths = [scaled(width, spec.scale) for width in _SMALL_STEM]
        stem = nn.Sequential(
            *(
                ConvRelu(source, width, 3, 1 if number else 2)
                for number, (source, width) in enumerate(
                    zip([CHANNELS, *widths], widths, strict=False)
                )
            )
        )
        super().__init__(stem, widths[-1], _resized(_SMALL, spec.scale), SmallBlock)


class PPHGNetV2B4(_HgNet):
    """PPHGNetV2_B4 as PP-OCRv5's server recognizer has it (`text_rec: True`)."""

    def __init__(self, spec: NetworkSpec) -> None:
        middle, first = (scaled(width, spec.scale) for width in _B4_STEM)
        stem = BranchedStem(middle, first)
        super().__init__(stem, first, _resized(_B4, spec.scale), B4Block)
