"""Surfaces and distractors give the same bytes with and without vector units."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

SCRIPT = Path(__file__).with_name("print_bytes.py")
OLD_PROCESSOR = {
    "OPENCV_CPU_DISABLE": "AVX512-SKX,AVX2,AVX,FMA3,FP16,SSE4.2,SSE4.1,SSSE3,POPCNT",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_ICL",
    "OPENBLAS_CORETYPE": "Prescott",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX",
    "JSIMD_FORCENONE": "1",
}


def printed(photos: Path, extra: dict[str, str]) -> dict[str, str]:
    """Run the script in a process of its own and read the JSON of its last line."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT), str(photos)],
        env={**os.environ, **extra},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_surfaces_give_the_same_bytes(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (90, 140, 3), np.uint8)
    for name, blur in (("a.png", 3), ("b.jpg", 9)):
        cv2.imwrite(str(tmp_path / name), cv2.blur(noise, (blur, blur)))
    here, there = printed(tmp_path, {}), printed(tmp_path, OLD_PROCESSOR)
    assert {name for name in here if here[name] != there[name]} == set()
    assert len(here) == 3 * (5 + 9)
