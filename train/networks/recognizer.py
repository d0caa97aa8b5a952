"""Our networks: backbone, neck and CTC head, built from their numbers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from paddle import Tensor, nn, no_grad

from train.networks.hgnet import PPHGNetSmall, PPHGNetV2B4
from train.networks.lcnet_v3 import PPLCNetV3
from train.networks.lcnet_v4 import PPLCNetV4, RepDepthwise
from train.networks.mobilenet_v1 import MobileNetV1Enhance
from train.networks.rep_conv import RepConv
from train.networks.spec import NECKS, FamilyName, NetworkSpec
from train.networks.svtr_neck import Neck

BACKBONES: Mapping[FamilyName, Callable[[NetworkSpec], nn.Layer]] = {
    "svtr_lcnet_v4": PPLCNetV3,
    "svtr_mobilenet_v3": MobileNetV1Enhance,
    "svtr_hgnet_v4": PPHGNetSmall,
    "svtr_hgnet_v5": PPHGNetV2B4,
    "svtr_lcnet_v6_tiny": PPLCNetV4,
    "svtr_lcnet_v6_small": PPLCNetV4,
    "svtr_lcnet_v6_medium": PPLCNetV4,
}


class CtcHead(nn.Layer):
    """One linear layer from the neck's features to the classes.

    Without a neck (PP-OCRv6 tiny) the head has layers of its own before it: `before` runs them,
    along the line by convolutions and then to `dims` features. PaddleOCR names the last layer
    `fc2` there; here it is `fc` in all networks, and checkpoints are read and written so.

    Args:
        dims: features a time step that the last layer is given. channels: what the layers before it
            are given; None where there are none.
    """

    def __init__(self, dims: int, classes: int, channels: int | None = None) -> None:
        super().__init__()
        bound = dims**-0.5
        self.has_layers = channels is not None
        if channels is not None:
            self.guide_layer = nn.Sequential(
                nn.Conv1D(channels, channels, 5, padding=2, groups=channels, bias_attr=False),
                nn.BatchNorm1D(channels),
                nn.Hardswish(),
                nn.Conv1D(channels, channels, 1, bias_attr=False),
                nn.BatchNorm1D(channels),
                nn.Hardswish(),
            )
            self.fc1 = nn.Linear(channels, dims)
        spread = nn.initializer.Uniform(-bound, bound)
        self.fc = nn.Linear(dims, classes, weight_attr=spread, bias_attr=spread)

    def before(self, steps: Tensor) -> Tensor:
        """Return what the last layer is given, N x T x dims, for what the neck gives."""
        if not self.has_layers:
            return steps
        return self.fc1(self.guide_layer(steps.transpose([0, 2, 1])).transpose([0, 2, 1]))

    def forward(self, steps: Tensor) -> Tensor:
        """Return the logits of each time step."""
        return self.fc(steps)


class Recognizer(nn.Layer):
    """Backbone, neck and CTC head.

    Input: N x 3 x 48 x W float32, as `textlines.pixels.resize.network_input` makes it.
    Output: in evaluation N x T x classes probabilities, in training the logits. T is W // 8
    where 8 divides W; else the strides round on the way, each in its own direction.

    Attributes:
        spec: what it is built from; `fuse` changes its form.
    """

    spec: Any

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        self.backbone = BACKBONES[spec.family](spec)
        self.neck = Neck(self.backbone.channels, spec)
        own_layers = NECKS[spec.family] == "reshape"
        channels = self.backbone.channels if own_layers else None
        self.head = CtcHead(spec.dims, spec.classes, channels)

    def features(self, lines: Tensor) -> Tensor:
        """Return what the backbone sees, N x C x 1 x T."""
        return self.backbone(lines)

    def time_steps(self, features: Tensor) -> Tensor:
        """Return what the last layer is given, N x T x dims, for the backbone's features."""
        return self.head.before(self.neck(features))

    def logits_of(self, features: Tensor) -> Tensor:
        """Return the logits N x T x classes for the backbone's features."""
        return self.head(self.time_steps(features))

    def logits(self, lines: Tensor) -> Tensor:
        """Return the logits N x T x classes."""
        return self.logits_of(self.features(lines))

    def forward(self, lines: Tensor) -> Tensor:
        """Return probabilities in evaluation, logits in training."""
        logits = self.logits(lines)
        return logits if self.training else nn.functional.softmax(logits, axis=-1)


@no_grad()
def fuse(network: Recognizer) -> Recognizer:
    """Fuse the branches of every convolution, in place; the fused network is given back.

    In evaluation it reads as before, up to float32 rounding. A fused network stays as it is.
    """
    for layer in network.sublayers():
        if isinstance(layer, RepConv | RepDepthwise):
            layer.fuse()
    network.spec = replace(network.spec, form="fused")
    return network
