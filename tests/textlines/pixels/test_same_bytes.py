"""Every effect gives the same bytes on processors with and without their vector units."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("print_bytes.py")

NUMPY_OFF = "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"
PROCESSORS = {
    "without AVX-512": {
        "OPENCV_CPU_DISABLE": "AVX512-SKX",
        "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_ICL",
    },
    "without AVX2 and FMA": {
        "OPENCV_CPU_DISABLE": "AVX512-SKX,AVX2,FMA3,FP16",
        "NPY_DISABLE_CPU_FEATURES": NUMPY_OFF,
        "OPENBLAS_CORETYPE": "Nehalem",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
    },
    "with SSE2 only": {
        "OPENCV_CPU_DISABLE": "AVX512-SKX,AVX2,AVX,FMA3,FP16,SSE4.2,SSE4.1,SSSE3,POPCNT",
        "NPY_DISABLE_CPU_FEATURES": NUMPY_OFF,
        "OPENBLAS_CORETYPE": "Prescott",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX",
        "JSIMD_FORCENONE": "1",
    },
}


def printed(script: Path, extra: dict[str, str]) -> dict[str, str]:
    """Run the script in a process of its own and read the JSON of its last line."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        env={**os.environ, **extra},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    return printed(SCRIPT, {})


@pytest.mark.parametrize("processor", PROCESSORS)
def test_effects_give_the_same_bytes(processor: str, here: dict[str, str]) -> None:
    there = printed(SCRIPT, PROCESSORS[processor])
    mine, others = here["cpu"].split(), there["cpu"].split()
    for feature in PROCESSORS[processor]["OPENCV_CPU_DISABLE"].split(","):
        # OpenCV stars what it chooses at run time, and marks with `?` what was turned off.
        assert f"*{feature}" not in mine or f"*{feature}?" in others
    assert {n for n in here if n != "cpu" and here[n] != there[n]} == set()
    assert len(here) > 60


def test_another_seed_gives_other_bytes() -> None:
    import numpy as np

    from textlines.pixels.camera import sensor_noise

    image = np.full((48, 96, 3), 120, np.uint8)
    assert (sensor_noise(image, level=4, seed=1) != sensor_noise(image, level=4, seed=2)).any()
