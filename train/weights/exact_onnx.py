"""An ONNX file computed in float64: what its graph says, without the rounding of float32."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from train.reading.ctc import Probabilities

ExactReader = Callable[[npt.NDArray[np.float32]], Probabilities | None]
"""As `Reader`, but in float64; None for a graph that it cannot compute."""


def exact_onnx_reader(path: Path) -> ExactReader:
    """Read by an ONNX file in onnx's own evaluator, built when it is first needed.

    It takes some seconds of CPU a line, so it is for lines that have to be settled. Not all
    exporters' graphs go through it: it stops at some, and computes others wrongly (that of
    RapidOCR's PP-OCRv4). Hold its result against the float32 reading before you trust it.
    """
    evaluators: list[Any] = []

    def read(lines: npt.NDArray[np.float32]) -> Probabilities | None:
        if not evaluators:
            import onnx
            from onnx.reference import ReferenceEvaluator

            evaluators.append(ReferenceEvaluator(in_float64(onnx.load(str(path)))))
        first = evaluators[0].input_names[0]
        try:
            found = evaluators[0].run(None, {first: lines.astype(np.float64)})[0]
        # Its operators raise whatever numpy does, and classes of its own for types they lack.
        except Exception:
            return None
        # As float64, although readers give float32: rounding is what it is asked for.
        return cast("Probabilities", found)

    return read


def in_float64(model: Any) -> Any:
    """Turn every float32 and float16 constant and cast of a model into float64, in place.

    Attributes stay what they are, single numbers of float32 (the slope of a hard sigmoid).
    """
    from onnx import TensorProto, numpy_helper

    narrow = (TensorProto.FLOAT, TensorProto.FLOAT16)

    def widen(tensor: Any) -> None:
        if tensor.data_type in narrow:
            wide = numpy_helper.to_array(tensor).astype(np.float64)
            tensor.CopyFrom(numpy_helper.from_array(wide, tensor.name))

    for tensor in model.graph.initializer:
        widen(tensor)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                widen(attribute.t)
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i in narrow:
                attribute.i = TensorProto.DOUBLE
    return model
