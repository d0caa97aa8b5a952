"""PPLCNetV4, the backbone of PP-OCRv6 recognizers, in its training form and fused.

Blocks mix along the map by a depthwise convolution and along the channels by two pointwise ones
around a shortcut (MetaFormer, arXiv 2111.11418; the depthwise one with branches as RepViT's,
arXiv 2307.09283). Structure and parameter names by PaddleOCR's configurations of the recognizers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paddle import Tensor, nn

from train.networks.hgnet import BranchedStem
from train.networks.lcnet_v3 import Squeeze, scaled
from train.networks.rep_conv import ConvNorm, Stride
from train.networks.spec import CHANNELS, FamilyName, NetworkSpec

_EXPANSION = 2
"""Channels between the two pointwise convolutions, times those around them."""


@dataclass(frozen=True, slots=True)
class _Size:
    """The numbers of one of the three.

    Attributes:
        stem: channels within it and behind it.
        stages: for each its channels, and for each block whether it has squeeze-and-excitation.
            The first block of a stage changes the channels if need be; that of the third and the
            fourth halves the height.
        is_branched: whether the stem has branches, or is two convolutions.
    """

    stem: tuple[int, int]
    stages: tuple[tuple[int, tuple[bool, ...]], ...]
    is_branched: bool = True


_LONG = (False, True, False, True, False, True, False)
_SIZES: Mapping[FamilyName, _Size] = {
    "svtr_lcnet_v6_tiny": _Size(
        (24, 48),
        (
            (48, (True,)),
            (48, (False,)),
            (96, (False, True, False)),
            (160, (False, True, False, False)),
        ),
        is_branched=False,
    ),
    "svtr_lcnet_v6_small": _Size(
        (48, 96),
        ((96, (True,)), (96, (False, False)), (192, _LONG), (384, (False, True, False))),
    ),
    "svtr_lcnet_v6_medium": _Size(
        (64, 128),
        ((128, (True,)), (256, (False, False, True)), (512, _LONG), (768, (False, True, False))),
    ),
}
_HALVING = (2, 3)
"""Stages that halve the height, counted from 0."""


class RepDepthwise(nn.Layer):
    """A 3 x 3 depthwise convolution that trains as three branches and works as one kernel.

    Branches: 3 x 3 with its normalisation, 1 x 1, and the map itself; their sum is normalised.
    """

    def __init__(self, channels: int, *, is_fused: bool) -> None:
        super().__init__()
        self.channels, self.is_fused = channels, is_fused
        if is_fused:
            self.reparam_conv = self._single()
        else:
            self.conv = ConvNorm(channels, channels, 3, 1, channels)
            self.conv1 = nn.Conv2D(channels, channels, 1, groups=channels, bias_attr=False)
            self.bn = nn.BatchNorm2D(channels)

    def _single(self) -> nn.Conv2D:
        return nn.Conv2D(self.channels, self.channels, 3, padding=1, groups=self.channels)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve a feature map, and keep its size."""
        if self.is_fused:
            return self.reparam_conv(x)
        return self.bn(self.conv(x) + self.conv1(x) + x)

    def fuse(self) -> None:
        """Put one kernel in the place of the branches; for evaluation both give the same.

        Summed in float64, as `RepConv.fuse` does.
        """
        if self.is_fused:
            return
        gain, shift = _folded(self.conv.bn)
        kernel = self.conv.conv.weight.astype("float64") * gain.reshape([-1, 1, 1, 1])
        middle = self.conv1.weight.astype("float64") + 1.0
        kernel = kernel + nn.functional.pad(middle, [1] * 4)
        outer, last = _folded(self.bn)
        single = self._single()
        single.weight.set_value((kernel * outer.reshape([-1, 1, 1, 1])).astype("float32"))
        single.bias.set_value((shift * outer + last).astype("float32"))
        del self.conv, self.conv1, self.bn
        self.reparam_conv = single
        self.is_fused = True


def _folded(norm: Any) -> tuple[Tensor, Tensor]:
    """Return what a normalisation multiplies and adds in evaluation, float64."""
    spread = (norm._variance.astype("float64") + norm._epsilon).sqrt()
    gain = norm.weight.astype("float64") / spread
    return gain, norm.bias.astype("float64") - norm._mean.astype("float64") * gain


class Block(nn.Layer):
    """Mixing along the map, then along the channels."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        stride: Stride,
        *,
        has_squeeze: bool,
        is_fused: bool,
    ) -> None:
        super().__init__()
        self.has_shortcut = channels_in == channels_out and stride == 1
        along: list[tuple[str, nn.Layer]] = [
            ("rep_dw", RepDepthwise(channels_in, is_fused=is_fused))
            if self.has_shortcut
            else ("dw_conv", ConvNorm(channels_in, channels_in, 3, stride, channels_in))
        ]
        if has_squeeze:
            along.append(("se", Squeeze(channels_in)))
        self.token_mixer = nn.Sequential(*along)
        wide = _EXPANSION * channels_in
        self.channel_mixer = nn.Sequential(
            ("expand", ConvNorm(channels_in, wide, 1, 1)),
            ("act", nn.GELU()),
            ("compress", ConvNorm(wide, channels_out, 1, 1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Go from one feature map to the next."""
        x = self.token_mixer(x)
        mixed = self.channel_mixer(x)
        return x + mixed if self.has_shortcut else mixed


class PPLCNetV4(nn.Layer):
    """From N x 3 x 48 x W to N x `channels` x 1 x W/8."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        size = _SIZES[spec.family]
        middle, channels = (scaled(width, spec.scale) for width in size.stem)
        self.conv1: nn.Layer = (
            BranchedStem(middle, channels, stride=2)
            if size.is_branched
            else nn.Sequential(
                ConvNorm(CHANNELS, middle, 3, 2), nn.GELU(), ConvNorm(middle, channels, 3, 2)
            )
        )
        for number, (width, squeezes) in enumerate(size.stages):
            blocks: list[nn.Layer] = []
            for has_squeeze in squeezes:
                stride: Stride = (2, 1) if number in _HALVING and not blocks else 1
                blocks.append(
                    Block(
                        channels,
                        scaled(width, spec.scale),
                        stride,
                        has_squeeze=has_squeeze,
                        is_fused=spec.form == "fused",
                    )
                )
                channels = scaled(width, spec.scale)
            setattr(self, f"blocks{number + 2}", nn.Sequential(*blocks))
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of a batch of lines, pooled as `lcnet_v3.PPLCNetV3` does."""
        x = self.conv1(x)
        for stage in (self.blocks2, self.blocks3, self.blocks4, self.blocks5):
            x = stage(x)
        return nn.functional.avg_pool2d(x, [3, 2])
