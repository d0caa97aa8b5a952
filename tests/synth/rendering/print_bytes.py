"""Print a fingerprint of every surface's and distractor's pixels: run by test_same_bytes.py."""

import hashlib
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from synth.draws import Draws
from synth.rendering.distractors import DISTRACTORS
from synth.rendering.margins import Scene
from synth.rendering.photos import PhotoBank
from synth.rendering.surfaces import SURFACES


def main(photos: Path) -> None:
    """Print one fingerprint for each surface and each distractor on it."""
    cv2.setNumThreads(1)
    cv2.ipp.setUseIPP(False)
    bank = PhotoBank(photos)
    found = {}
    extra = {
        "paper": {"fold": 0.23},
        "thermal": {"fold": 0.17},
        "photo": {"zoom": 1.3, "calm": 0.37},
    }
    for index in range(3):
        for name, surface in SURFACES.items():
            image = surface(48, 317, Draws(1, index), bank, **extra.get(name, {}))
            found[f"{name} {index}"] = hashlib.sha256(image.tobytes()).hexdigest()[:16]
        for name, distractor in DISTRACTORS.items():
            stage = SURFACES["lcd"](48, 317, Draws(2, index), bank)
            mask = np.ascontiguousarray(255 - stage[..., 0])
            scene = Scene(stage, (90, 12, 220, 37), (9, 8, 7), 37.0, lambda m=mask: m)
            distractor(scene, Draws(3, index))
            found[f"{name} {index}"] = hashlib.sha256(stage.tobytes()).hexdigest()[:16]
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
