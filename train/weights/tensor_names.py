"""Names of tensors: those that checkpoints of PaddleOCR have, and those of our networks.

Releases differ in them, a distillation checkpoint puts the model before them, and a multi-head one
has the CTC half under its head.
"""

import re
from collections.abc import Iterable

_PARTS = r"(?:backbone|neck|head)\."

_MODEL = re.compile(rf"^(?!{_PARTS})(\w+\.){_PARTS}")
"""What a distillation checkpoint puts before the names of one of its models: `Student.` in most
releases, `student_model.` and others in some."""

_WRAPPERS = re.compile(r"^(?:_layers\.|module\.|model\.)+")

# The CTC half of a multi-head checkpoint, and the names of PP-OCRv4 before its release.
_RENAMED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^head\.ctc_encoder\."), "neck."),
    (re.compile(r"^head\.ctc_head\."), "head."),
    # The last of two linear layers, of PP-OCRv6 tiny.
    (re.compile(r"^head\.fc2\."), "head.fc."),
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
    """Return a tensor's name in the plain CTC network.

    >>> plain_name("head.ctc_encoder.encoder.conv1.norm._mean")
    'neck.encoder.conv1.norm._mean'
    >>> plain_name("backbone.blocks2.0.dw_conv.activation.scale")
    'backbone.blocks2.0.dw_conv.act.lab.scale'
    """
    for pattern, to in _RENAMED:
        name = pattern.sub(to, name)
    return name


def written_name(name: str, *, has_layers: bool) -> str:
    """Return the name that PaddleOCR's CTC network has for a tensor of ours.

    Args:
        has_layers: whether the head has layers before its last (PP-OCRv6 tiny).

    >>> written_name("head.fc.bias", has_layers=True)
    'head.fc2.bias'
    """
    return name.replace("head.fc.", "head.fc2.", 1) if has_layers else name


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
    """Return why a tensor is not needed: "attention_branch", "unused"; "" if it is."""
    if name.startswith(_ATTENTION_BRANCH):
        return "attention_branch"
    return "unused" if _UNUSED.search(name) else ""


def split_models(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Separate the models of a distillation checkpoint, best first.

    The student is the model that gets deployed: of several, the first by name. Teachers come
    after all others, and names that are of no model last.

    Returns:
        By prefix ("" for a checkpoint of one model): each tensor's name without prefix and
        wrappers, by its name in the file. Two of a file may be one tensor's.

    >>> split_models(["Teacher.head.fc.bias", "Student.head.fc.bias"])["Student."]
    {'Student.head.fc.bias': 'head.fc.bias'}
    >>> list(split_models(["teacher_model.neck.a", "student_model.neck.a"]))
    ['student_model.', 'teacher_model.']
    """
    models: dict[str, dict[str, str]] = {}
    for name in names:
        bare = _WRAPPERS.sub("", name)
        model = _MODEL.match(bare)
        prefix = model[1] if model else ""
        plain = _WRAPPERS.sub("", bare.removeprefix(prefix))
        models.setdefault(prefix, {})[name] = plain
    ordered = sorted(models, key=lambda prefix: (*_rank(prefix, models[prefix].values()), prefix))
    return {prefix: models[prefix] for prefix in ordered}


def _rank(prefix: str, names: Iterable[str]) -> tuple[bool, int]:
    lower = prefix.lower()
    is_none = not prefix and not any(re.match(_PARTS, name) for name in names)
    return is_none, 0 if not prefix else 1 if "student" in lower else 3 if "teacher" in lower else 2
