"""What a process must be told to build its engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from synth.engine.looks import bind
from synth.engine.sample import Engine
from synth.faces.font_face import Face
from synth.styles.model import Style
from synth.styles.photos import on_photos
from synth.surfaces import PhotoBank


@lru_cache(maxsize=1)
def photo_bank(folder: Path) -> PhotoBank:
    """Survey a folder of photos, once in a process."""
    return PhotoBank(folder)


@dataclass(frozen=True, slots=True)
class Setup:
    """The configuration that pixels depend on, beside the plan.

    Attributes:
        faces: all faces that the plan may name.
        photos: folder of photographs; None without. With them the style's share of lines
            (`photos.p`) is drawn on them.
        distractor_weight: factor on how often distractors come.
        plan: sha256 of the plan that is drawn, which the streams of looks depend on; "" where
            lines are drawn without one.
    """

    style: Style
    faces: tuple[Face, ...]
    photos: Path | None
    seed: int
    distractor_weight: float = 1.0
    plan: str = ""

    def engine(self) -> Engine:
        """Build an engine. Decodes the photos: once for each process."""
        bank = None if self.photos is None else photo_bank(self.photos)
        by_id: Mapping[str, Face] = {face.id: face for face in self.faces}
        style = self.style if bank is None else on_photos(self.style)
        return Engine(bind(style, self.distractor_weight), by_id, bank, self.seed, self.plan)

    def identity(self) -> dict[str, Any]:
        """Describe the setup by content, without the paths of a machine, for run.json.

        The plan stands there by itself, among the outputs.
        """
        return {
            "style": self.style.model_dump(mode="json", by_alias=True),
            "faces": sorted(face.id for face in self.faces),
            "photos": [] if self.photos is None else photo_bank(self.photos).identity(),
            "seed": self.seed,
            "distractor_weight": self.distractor_weight,
        }
