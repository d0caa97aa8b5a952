"""What a line is written on, and what lies beside it: surfaces, photos, distractors."""

from synth.surfaces.distractors import DISTRACTORS
from synth.surfaces.photos import Listing, Photo, PhotoBank
from synth.surfaces.scene import Scene
from synth.surfaces.surfaces import SURFACES

__all__ = ["DISTRACTORS", "SURFACES", "Listing", "Photo", "PhotoBank", "Scene"]
