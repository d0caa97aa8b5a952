"""Lines of Python that open an exported folder in other readers, to be pasted as they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from train.models.base_folder import GRAPH

Other = Literal["paddleocr", "rapidocr", "openvino"]


def opening_lines(folder: Path, model_name: str) -> Mapping[Other, str]:
    """Return an expression for each reader, to stand behind `import NAME`.

    The path stands in it as it was named. paddleocr 3 opens a network by the name of a model that
    it knows. RapidOCR 3 takes the dictionary out of the ONNX file. OpenVINO computes in half
    precision by default where the CPU can: on one such, a probability was off by .65, and in f32
    by 1e-6.

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
