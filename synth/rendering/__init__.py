"""Drawing: from a plan row to an image of a text line that is proven legible."""

from synth.assets import style_names
from synth.rendering.distractors import DISTRACTORS
from synth.rendering.sample import DrawingError, RenderEngine, Sample, Setup
from synth.rendering.style import Style, load_style, make_style
from synth.rendering.surfaces import SURFACES

__all__ = [
    "DISTRACTORS",
    "SURFACES",
    "DrawingError",
    "RenderEngine",
    "Sample",
    "Setup",
    "Style",
    "load_style",
    "make_style",
    "style_names",
]
