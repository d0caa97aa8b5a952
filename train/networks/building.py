"""The network of a spec, one of ours or an exported graph, with or without its weights."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import paddle

from train.networks.graph_network import GraphRecognizer
from train.networks.graph_spec import GraphSpec, Spec
from train.networks.recognizer import Recognizer


def build(spec: Spec) -> Recognizer:
    """Build a network with random weights, in evaluation mode; those of a graph are 0.

    The weights come from Paddle's own generator: `paddle.seed` makes them repeatable.
    """
    if isinstance(spec, GraphSpec):
        network: Recognizer = GraphRecognizer(spec)
    else:
        network = Recognizer(spec)
    network.eval()
    return network


def loaded(spec: Spec, tensors: Mapping[str, npt.NDArray[np.float32]]) -> Recognizer:
    """Build a network, in evaluation mode, with these weights.

    Raises:
        ValueError: a tensor is missing, left over or of another size.
    """
    network = build(spec)
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    given = {name: array.shape for name, array in tensors.items()}
    if wanted != given:
        off = sorted(set(wanted.items()) ^ set(given.items()))
        raise ValueError(f"weights are not the network's: {off[:4]}")
    network.set_state_dict({name: paddle.to_tensor(array) for name, array in tensors.items()})
    return network
