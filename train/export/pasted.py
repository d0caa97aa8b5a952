"""Lines of Python that open an exported folder in other readers, to be pasted as they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from train.weights.base_folder import GRAPH

Other = Literal["paddleocr", "rapidocr", "openvino"]


def opening_lines(folder: Path, model_name: str) -> Mapping[Other, str]:
    """Return one line for each reader; the path stands in it as it was named.

    paddleocr 3 refuses a folder whose name it does not know: the network goes by `model_name`.
    RapidOCR 3 takes the dictionary out of the ONNX file. OpenVINO computes in half precision by
    default where the CPU can, and its probabilities are then off by up to 1; in f32 they are right.

    >>> print(opening_lines(Path("out"), "PP-OCRv4_mobile_rec")["rapidocr"])
    rapidocr.RapidOCR(params={"Rec.model_path": "out/inference.onnx"})
    """
    graph, home = _quoted(folder / GRAPH), _quoted(folder)
    return {
        "paddleocr": f'paddleocr.TextRecognition(model_name="{model_name}", model_dir={home})',
        "rapidocr": f'rapidocr.RapidOCR(params={{"Rec.model_path": {graph}}})',
        "openvino": f'openvino.Core().compile_model({graph}, "CPU", '
        '{"INFERENCE_PRECISION_HINT": "f32"})',
    }


def _quoted(path: Path) -> str:
    """Write a path as Python's text, in double quotes."""
    return '"' + path.as_posix().replace("\\", "\\\\").replace('"', '\\"') + '"'
