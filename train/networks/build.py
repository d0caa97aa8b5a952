"""A recognizer built from its numbers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from paddle import Tensor, nn, no_grad

from train.networks.graph_spec import GraphSpec, Spec
from train.networks.lcnet_v3 import PPLCNetV3
from train.networks.mobilenet_v1 import MobileNetV1Enhance
from train.networks.rep_conv import RepConv
from train.networks.spec import FamilyName, NetworkSpec
from train.networks.svtr_neck import Neck

BACKBONES: Mapping[FamilyName, Callable[[NetworkSpec], nn.Layer]] = {
    "svtr_lcnet_v4": PPLCNetV3,
    "svtr_mobilenet_v3": MobileNetV1Enhance,
}


class CtcHead(nn.Layer):
    """One linear layer from the neck's features to the classes."""

    def __init__(self, dims: int, classes: int) -> None:
        super().__init__()
        bound = dims**-0.5
        spread = nn.initializer.Uniform(-bound, bound)
        self.fc = nn.Linear(dims, classes, weight_attr=spread, bias_attr=spread)

    def forward(self, steps: Tensor) -> Tensor:
        """Give the logits of each time step."""
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
        self.head = CtcHead(spec.dims, spec.classes)

    def features(self, lines: Tensor) -> Tensor:
        """Give what the backbone sees, N x C x 1 x T."""
        return self.backbone(lines)

    def time_steps(self, features: Tensor) -> Tensor:
        """Give what the last layer is given, N x T x dims, for the backbone's features."""
        return self.neck(features)

    def logits_of(self, features: Tensor) -> Tensor:
        """Give the logits N x T x classes for the backbone's features."""
        return self.head(self.time_steps(features))

    def logits(self, lines: Tensor) -> Tensor:
        """Give the logits N x T x classes."""
        return self.logits_of(self.features(lines))

    def forward(self, lines: Tensor) -> Tensor:
        """Give probabilities in evaluation, logits in training."""
        logits = self.logits(lines)
        return logits if self.training else nn.functional.softmax(logits, axis=-1)


def build(spec: Spec) -> Recognizer:
    """Build a network with random weights, in evaluation mode; those of a graph are 0.

    The weights come from Paddle's own generator: `paddle.seed` makes them repeatable.
    """
    if isinstance(spec, GraphSpec):
        from train.networks.graph_network import GraphRecognizer  # which stands on this module

        network: Recognizer = GraphRecognizer(spec)
    else:
        network = Recognizer(spec)
    network.eval()
    return network


@no_grad()
def fuse(network: Recognizer) -> Recognizer:
    """Fuse the branches of every convolution, in place; the fused network is given back.

    In evaluation it reads as before, up to float32 rounding. A fused network stays as it is.
    """
    for layer in network.sublayers():
        if isinstance(layer, RepConv):
            layer.fuse()
    network.spec = replace(network.spec, form="fused")
    return network
