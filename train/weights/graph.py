"""A deployed model as a list of operations, whichever file it came from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Op:
    """One operation: values in, values out, by name.

    Attributes:
        kind: in the vocabulary of `weighted.py`, else as the file calls it, lower case.
        epsilon: of a normalisation; 0 for others.
        is_transposed: the weight of a "gemm" stands as (out, in).
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    epsilon: float = 0.0
    is_transposed: bool = False


@dataclass(frozen=True)
class Graph:
    """Operations in the order in which they can run, and the constants that they take in.

    Attributes:
        ops: constants themselves are none of them.
        constants: by name; of formats that tell parameters from helpers, the parameters alone.
        names: what the file calls a parameter in words ("backbone.conv1.conv.weight"), where it
            does.
    """

    ops: Sequence[Op]
    constants: Mapping[str, Array]
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def maker(self) -> Mapping[str, Op]:
        """The operation that makes a value."""
        return {output: op for op in self.ops for output in op.outputs}

    @cached_property
    def takers(self) -> Mapping[str, Sequence[Op]]:
        """The operations that take a value in."""
        found: dict[str, list[Op]] = defaultdict(list)
        for op in self.ops:
            for name in op.inputs:
                found[name].append(op)
        return found

    def constant(self, name: str) -> str:
        """Give the constant behind a value: itself, or reshaped on the way; "" if none."""
        for _ in range(8):
            if name in self.constants:
                return name
            op = self.maker.get(name)
            if op is None or op.kind not in ("reshape", "unsqueeze"):
                return ""
            name = op.inputs[0]
        return ""


def without_copies(graph: Graph) -> Graph:
    """Leave out operations that pass a value on as it is in use: copies, casts, dropout."""
    source: dict[str, str] = {}
    ops = []
    for op in graph.ops:
        inputs = tuple(source.get(name, name) for name in op.inputs)
        if op.kind in ("identity", "cast", "dropout") and inputs:
            source[op.outputs[0]] = inputs[0]
        else:
            ops.append(replace(op, inputs=inputs))
    return Graph(ops, graph.constants, graph.names)
