"""What reads lines for comparison: a model's own graph, and our network; float32 or float64."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from train.networks.building import loaded
from train.networks.paddle_process import quiet
from train.networks.recognizer import Recognizer
from train.reading.ctc import Probabilities
from train.reading.onnx_session import first_line, open_session

Reader = Callable[[npt.NDArray[np.float32]], Probabilities]
"""From N x 3 x 48 x W lines to N x T x classes probabilities, float32."""

ExactReader = Callable[[npt.NDArray[np.float32]], Probabilities | None]
"""As `Reader`, but in float64; None for a graph that it cannot compute."""


def network_reader(network: Recognizer) -> Reader:
    """Read by our network in Paddle."""
    import paddle

    def read(lines: npt.NDArray[np.float32]) -> Probabilities:
        with paddle.no_grad():
            return np.asarray(network(paddle.to_tensor(lines)).numpy(), np.float32)

    return read


def exact_reader(network: Recognizer) -> Reader:
    """Read by a copy of our network in float64, built when it is first needed."""
    import paddle

    copies: list[Recognizer] = []

    def read(lines: npt.NDArray[np.float32]) -> Probabilities:
        if not copies:
            tensors = {name: value.numpy() for name, value in network.state_dict().items()}
            copies.append(loaded(network.spec, tensors))
            copies[0].to(dtype="float64")
        with paddle.no_grad():
            probabilities = copies[0](paddle.to_tensor(lines.astype(np.float64))).numpy()
        # As float64, although readers give float32: rounding is what it is asked for.
        return cast("Probabilities", probabilities)

    return read


def onnx_reader(path: Path, *, is_own: bool = False) -> Reader:
    """Read by an ONNX file in onnxruntime, on the CPU; fp16 inputs are converted.

    Without the optimisations that choose other kernels: they alone move probabilities of PP-OCRv4
    by up to 3.6e-4, which would hide a tensor that is not the model's.

    Args:
        is_own: this process wrote the file.

    Raises:
        InputError: onnxruntime does not open the file.
    """
    session = open_session(path, "Copy it again, whole.", is_own=is_own, is_plain=True)
    first = session.get_inputs()[0]
    dtype = np.float16 if first.type == "tensor(float16)" else np.float32

    def read(lines: npt.NDArray[np.float32]) -> Probabilities:
        return np.asarray(session.run(None, {first.name: lines.astype(dtype)})[0], np.float32)

    return read


def paddle_reader(program: Path, weights: Path) -> Reader:
    """Read by an exported Paddle folder in Paddle's own inference, on the CPU.

    oneDNN is off: Paddle 3.3 fails with it on programs of this kind. Its passes over the graph are
    too, which fold normalisations into kernels: without them the reading of PP-OCRv4 is that of
    our network to the last bit, with them up to 1.2e-4 off.

    Raises:
        InputError: Paddle does not open it.
    """
    from paddle import inference

    config = inference.Config(str(program), str(weights))
    config.disable_gpu()
    config.disable_mkldnn()
    config.switch_ir_optim(False)
    config.disable_glog_info()
    try:
        with quiet(shows=False):
            predictor = inference.create_predictor(config)
    # Paddle raises what its C++ met: RuntimeError, ValueError, OSError and classes of its own.
    except Exception as error:
        raise InputError(
            str(program),
            f"is no program that Paddle opens ({first_line(error)})",
            "Copy the model folder again, whole.",
        ) from error
    handle = predictor.get_input_handle(predictor.get_input_names()[0])

    def read(lines: npt.NDArray[np.float32]) -> Probabilities:
        handle.copy_from_cpu(np.ascontiguousarray(lines))
        predictor.run()
        probabilities = predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
        return np.asarray(probabilities, np.float32)

    return read


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
            probabilities = evaluators[0].run(None, {first: lines.astype(np.float64)})[0]
        # Its operators raise whatever numpy does, and classes of its own for types they lack.
        except Exception:
            return None
        # As float64, although readers give float32: rounding is what it is asked for.
        return cast("Probabilities", probabilities)

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
