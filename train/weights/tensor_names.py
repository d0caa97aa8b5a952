"""What PaddleOCR calls a tensor, brought to the names of the plain CTC network."""

import re
from collections.abc import Iterable

_PREFIXES = ("Student.", "student_model.", "Student2.", "Teacher.", "teacher_model.")
"""Of distillation checkpoints, best first: the student is the model that gets deployed."""

_WRAPPERS = re.compile(r"^(?:_layers\.|module\.|model\.)+")

# The CTC half of a multi-head checkpoint, and the names of PP-OCRv4 before its release.
_RENAMED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^head\.ctc_encoder\."), "neck."),
    (re.compile(r"^head\.ctc_head\."), "head."),
    (re.compile(r"_conv\.w$"), "_conv.lab.scale"),
    (re.compile(r"_conv\.b$"), "_conv.lab.bias"),
    (re.compile(r"\.activation\.(scale|bias)$"), r".act.lab.\1"),
)

_ATTENTION_BRANCH = ("head.sar_head.", "head.gtc_head.", "head.before_gtc.", "head.nrtr_head.")
# Layers that PaddleOCR builds and never uses for recognition.
_UNUSED = re.compile(
    r"\.id_tensor$|^backbone\.(?:last_conv|hardswish|fc|conv1\.hardswish)\."
    r"|^backbone\.conv1\.act\.|^StructuredToParameterName@@$"
)


def plain_name(name: str) -> str:
    """Give a tensor's name in the plain CTC network.

    >>> plain_name("head.ctc_encoder.encoder.conv1.norm._mean")
    'neck.encoder.conv1.norm._mean'
    >>> plain_name("backbone.blocks2.0.dw_conv.activation.scale")
    'backbone.blocks2.0.dw_conv.act.lab.scale'
    """
    for pattern, to in _RENAMED:
        name = pattern.sub(to, name)
    return name


def multi_head_name(name: str) -> str:
    """Return a tensor's name in PaddleOCR's published configurations, which have a second head.

    >>> multi_head_name("neck.encoder.conv1.norm._mean"), multi_head_name("head.fc.bias")
    ('head.ctc_encoder.encoder.conv1.norm._mean', 'head.ctc_head.fc.bias')
    >>> multi_head_name("backbone.conv1.conv.weight")
    'backbone.conv1.conv.weight'
    """
    if name.startswith("neck."):
        return f"head.ctc_encoder.{name.removeprefix('neck.')}"
    return f"head.ctc_head.{name.removeprefix('head.')}" if name.startswith("head.") else name


def left_out_as(name: str) -> str:
    """Say why a tensor is not needed: "attention_branch", "unused"; "" if it is."""
    if name.startswith(_ATTENTION_BRANCH):
        return "attention_branch"
    return "unused" if _UNUSED.search(name) else ""


def split_models(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Tell the models of a distillation checkpoint apart, best first.

    Returns:
        By prefix ("" for a checkpoint of one model): the file's name of each tensor by its name
        without prefix.

    >>> split_models(["Teacher.head.fc.bias", "Student.head.fc.bias"])["Student."]
    {'head.fc.bias': 'Student.head.fc.bias'}
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        bare = _WRAPPERS.sub("", name)
        prefix = next((prefix for prefix in _PREFIXES if bare.startswith(prefix)), "")
        own = _WRAPPERS.sub("", bare.removeprefix(prefix))
        found.setdefault(prefix, {})[own] = name
    # One model without prefix comes before all others.
    return {prefix: found[prefix] for prefix in ("", *_PREFIXES) if prefix in found}
