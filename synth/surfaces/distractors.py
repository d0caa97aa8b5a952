"""All that may stand beside a text without being part of it, by name.

Every distractor is a function (scene, draws, **parameters) that draws on `scene.image` in place
and returns what it drew, for the manifest, or None if there was no room for it.
"""

from collections.abc import Callable, Mapping

from synth.surfaces.bezels import bezel, frame, side_mark
from synth.surfaces.marks import specks, stamp_edge, torn_edge
from synth.surfaces.printed import neighbour_lines, table_lines, underline

DISTRACTORS: Mapping[str, Callable[..., dict[str, object] | None]] = {
    "torn_edge": torn_edge,
    "bezel": bezel,
    "frame": frame,
    "side_mark": side_mark,
    "table_lines": table_lines,
    "underline": underline,
    "neighbour_lines": neighbour_lines,
    "stamp_edge": stamp_edge,
    "specks": specks,
}
