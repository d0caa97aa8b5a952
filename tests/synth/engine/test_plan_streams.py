"""The plan that is drawn enters the stream of every look."""

from typing import Any

from synth.engine.setup import Setup
from synth.faces.display import display_faces
from synth.styles.load import load_style
from textlines.formats.plan_rows import PlanRow


def looks(plan: str, attempt: str = "usual", count: int = 40) -> list[Any]:
    """Draw numbers of one seed; give the surface, effects and bytes of each."""
    # Ink that no attempt makes legible is drawn plain, from a stream of its own.
    settings = () if attempt == "usual" else ("legible.contrast=60", "ink.contrast=0.02")
    faces = tuple(face for face in display_faces() if face.kind == "seven_segment")
    engine = Setup(load_style("lcd", settings), faces, None, 7, plan=plan).engine()
    rows = [PlanRow(k, f"{k}.5", (), faces[0].id, "lcd") for k in range(count)]
    drawn = [engine.sample(row) for row in rows]
    return [(s.record["surface"], s.record["effects"], s.data) for s in drawn]


def test_one_plan_is_drawn_to_the_same_bytes() -> None:
    assert looks("ab12") == looks("ab12")


def test_two_plans_of_one_seed_look_different_line_by_line() -> None:
    for attempt in ("usual", "plain"):
        one, other = looks("ab12", attempt), looks("ab13", attempt)
        alike = [a for a, b in zip(one, other, strict=True) if a[0] == b[0]]
        assert not alike, attempt
        assert not [a for a, b in zip(one, other, strict=True) if a[2] == b[2]]
