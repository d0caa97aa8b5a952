"""Print a fingerprint of every effect's pixels as JSON: run by test_same_bytes.py."""

import hashlib
import json
import random

import cv2
import numpy as np

from textlines.pixels.camera import CAMERA
from textlines.pixels.geometry import GEOMETRY, compose, warp
from textlines.pixels.light import LIGHT
from textlines.pixels.stroke import STROKE

STROKES = {
    "bold": {"amount": 0.63},
    "inkjet": {"rows": 21, "size": 0.9, "jitter": 0.2, "seed": 8},
    "thin": {"amount": 0.41},
    "rough": {"amount": 0.57, "seed": 3},
    "mottle": {"depth": 0.33, "cell": 7, "seed": 5},
    "dots": {"pitch": 3, "depth": 0.37},
    "fade": {"depth": 0.43, "patch": 0.7, "seed": 7},
    "streaks": {"count": 2, "depth": 0.37, "seed": 11},
    "echo": {"right": 2, "down": 1, "depth": 0.23},
}
LIGHTS = {
    "uneven_light": {"strength": 0.27, "seed": 3},
    "side_light": {"strength": 0.31, "deg": 37.0},
    "shadow": {"strength": 0.37, "softness": 0.17, "seed": 4},
    "reflection": {"strength": 0.23, "softness": 0.11, "colour": 0.37, "seed": 5},
    "glare": {"strength": 0.29, "count": 4, "seed": 6},
    "vignette": {"strength": 0.33},
}
CAMERAS = {
    "gaussian_blur": {"sigma": 1.37},
    "defocus": {"radius": 1.3},
    "motion_blur": {"length": 4.3, "angle_deg": 31.0},
    "downscale": {"factor": 0.37, "quality": 61},
    "threshold": {"level": 0.57, "soft": 0.31, "factor": 0.43},
    "sharpen": {"amount": 1.13},
    "sensor_noise": {"level": 3.7, "size": 2, "seed": 8},
    "desaturate": {"amount": 0.37},
    "cast": {"blue": 0.93, "green": 1.03, "red": 1.07},
    "tone": {"brightness": 3.3, "contrast": 1.07, "gamma": 0.83},
    "jpeg": {"quality": 71},
}
MATRICES = {
    "shear": {"deg": 3.7},
    "rotation": {"deg": 1.3},
    "slope": {"deg": -0.7},
    "keystone": {"side": 0.07, "top": 0.03},
    "perspective": {"spread": 0.05, "seed": 9},
}


def picture(height: int, width: int) -> np.ndarray:
    """Make a picture with smooth places, edges and noise."""
    source = random.Random(height * 10_000 + width)
    noise = np.frombuffer(source.randbytes(height * width * 3), np.uint8)
    image = np.array(cv2.blur(noise.reshape(height, width, 3), (5, 5)))
    cv2.putText(image, "0O1l 8B", (4, height - 9), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (9, 9, 9), 3)
    return image


def fingerprint(array: np.ndarray) -> str:
    """Hash shape and pixels."""
    return hashlib.sha256(repr(array.shape).encode() + array.tobytes()).hexdigest()[:16]


def main() -> None:
    """Print one fingerprint for every effect and size."""
    cv2.setNumThreads(1)
    cv2.ipp.setUseIPP(False)
    found = {"cpu": cv2.getCPUFeaturesLine()}
    for height, width in ((48, 320), (33, 97)):
        image = picture(height, width)
        mask = np.ascontiguousarray(255 - image[..., 1])
        size = f"{height}x{width}"
        for name, effect in STROKE.items():
            found[f"{name} {size}"] = fingerprint(effect(mask, **STROKES[name]))
        for name, effect in LIGHT.items():
            found[f"{name} {size}"] = fingerprint(effect(image, **LIGHTS[name]))
        for name, effect in CAMERA.items():
            found[f"{name} {size}"] = fingerprint(effect(image, **CAMERAS[name]))
        both = []
        for name, matrix_of in GEOMETRY.items():
            matrix = matrix_of(width, height, **MATRICES[name])
            both.append(matrix)
            found[f"{name} {size}"] = fingerprint(warp(image, matrix, (width, height), "replicate"))
        found[f"composed {size}"] = fingerprint(warp(mask, compose(*both), (width, height)))
        for sigma in (0.3, 0.5, 0.8, 1.2, 1.9, 3.1):
            blurred = CAMERA["gaussian_blur"](image, sigma=sigma)
            found[f"gaussian_blur {sigma} {size}"] = fingerprint(blurred)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
