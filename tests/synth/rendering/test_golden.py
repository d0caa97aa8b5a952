"""A golden set: the same bytes on processors with and without vector units, and as kept."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

SCRIPT = Path(__file__).with_name("draw_golden.py")
GOLDEN = Path(__file__).with_name("golden.json")
REPOSITORY = Path(__file__).parents[3]

# What numpy 2.3 and OpenCV 4.10 dispatch by at run time; below it lies what they were built for.
NUMPY_OFF = "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"
PROCESSORS = {
    "without AVX-512": {
        "OPENCV_CPU_DISABLE": "AVX512-SKX",
        "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_ICL",
    },
    "with SSE2 only": {
        "OPENCV_CPU_DISABLE": "AVX512-SKX,AVX2,AVX,FMA3,FP16,SSE4.2,SSE4.1,SSSE3,POPCNT",
        "NPY_DISABLE_CPU_FEATURES": NUMPY_OFF,
        "OPENBLAS_CORETYPE": "Prescott",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX",
        "JSIMD_FORCENONE": "1",
    },
}


def drawn(extra: dict[str, str]) -> dict[str, Any]:
    """Draw the set in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **extra},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def here(cache_home: Path) -> dict[str, Any]:
    return drawn({})


@pytest.mark.parametrize("processor", PROCESSORS)
def test_samples_have_the_same_bytes_on_another_processor(
    processor: str, here: dict[str, Any]
) -> None:
    there = drawn(PROCESSORS[processor])
    mine, others = here["cpu"].split(), there["cpu"].split()
    for feature in PROCESSORS[processor]["OPENCV_CPU_DISABLE"].split(","):
        # OpenCV stars what it chooses at run time, and marks with `?` what was turned off.
        assert f"*{feature}" not in mine or f"*{feature}?" in others
    differ = {name for name in here["cases"] if here["cases"][name] != there["cases"][name]}
    assert differ == set()
    assert set(there["cases"]) == set(here["cases"])


def test_the_set_holds_every_style_and_every_effect(here: dict[str, Any]) -> None:
    from synth.assets import style_names
    from synth.rendering.style import load_style

    for name in style_names():
        style = load_style(name)
        drawn = (style.lettering, style.stroke, style.bend, style.geometry)
        stages = (*drawn, style.light, style.camera, style.distractors)
        wanted = {effect for stage in stages for effect in stage}
        assert wanted <= set(here["used"][f"{name}, all on"])
    assert len(set(here["cases"].values())) == len(here["cases"])


def test_samples_have_the_bytes_that_are_kept(
    here: dict[str, Any], skip_or_fail: Callable[[str], NoReturn]
) -> None:
    kept = json.loads(GOLDEN.read_text(encoding="utf-8"))
    other = {
        name: (version, here["versions"].get(name))
        for name, version in kept["versions"].items()
        if version != here["versions"].get(name)
    }
    if other:
        skip_or_fail(f"golden.json is of other versions (kept, here): {other}")
    # Faces of the system are compared where they are the very same: their id is in the name.
    both = kept["cases"].keys() & here["cases"].keys()
    assert sum("Mend" in name for name in both) == sum("Mend" in name for name in here["cases"])
    assert {name for name in both if kept["cases"][name] != here["cases"][name]} == set(), (
        "if this was meant: python tests/synth/rendering/draw_golden.py --write"
    )
