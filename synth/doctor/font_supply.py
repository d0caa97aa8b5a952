"""Fonts by script: whether there are enough families of each, and which packages bring more."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synth.doctor.health import Check
from synth.faces.face_coverage import ScriptFaces, script_families
from synth.faces.scan import FaceScan, find_faces, package_font_dirs
from textlines.installing import install_line
from textlines.wording.counts import count_of

LEAST_FAMILIES = 5
"""Of a script. With fewer a model learns how the faces look, and not how the characters do."""


@dataclass(frozen=True, slots=True)
class Packages:
    """What brings families of a script: packages of Debian, and distributions of the extra."""

    debian: tuple[str, ...]
    extra: tuple[str, ...]


_KANA = Packages(
    (
        "fonts-noto-cjk",
        "fonts-ipafont",
        "fonts-sawarabi-gothic",
        "fonts-sawarabi-mincho",
        "fonts-vlgothic",
    ),
    ("justmytype-intl-cjk", "pylopdf-fonts-jp", "trdg"),
)

PACKAGES: Mapping[str, Packages] = {
    "Latin": Packages(
        ("fonts-dejavu", "fonts-liberation", "fonts-lato", "fonts-open-sans", "fonts-roboto"),
        ("trdg",),
    ),
    "Hangul": Packages(
        (
            "fonts-nanum",
            "fonts-nanum-extra",
            "fonts-baekmuk",
            "fonts-unfonts-core",
            "fonts-unfonts-extra",
            "fonts-noto-cjk",
        ),
        (
            "justmytype-intl-cjk",
            "koreanize-matplotlib",
            "paperang-p2-fonts-cjk",
            "pylopdf-fonts-ko",
            "trdg",
        ),
    ),
    "Han": Packages(
        (
            "fonts-noto-cjk",
            "fonts-wqy-microhei",
            "fonts-wqy-zenhei",
            "fonts-arphic-ukai",
            "fonts-arphic-uming",
            "fonts-lxgw-wenkai",
        ),
        (
            "justmytype-intl-cjk",
            "paperang-p2-fonts-cjk",
            "pylopdf-fonts-jp",
            "pylopdf-fonts-zh-cn",
            "trdg",
        ),
    ),
    "Hiragana": _KANA,
    "Katakana": _KANA,
}
"""By script of `synth.faces.face_coverage.SAMPLES`: those of the dictionaries that models come
with. Of the others the families are counted, and nothing is asked."""


def check_faces() -> list[Check]:
    """Look at the fonts: how many, from where, what was left out, and families by script."""
    scan = find_faces()
    if not scan.faces:
        advice = more_fonts(scan, tuple(PACKAGES), _installed())
        return [Check("fonts", "warn", "none; only our display faces can be drawn", advice)]
    where = ", ".join(f"{source.name} {count}" for source, count in scan.sources if count)
    checks = [Check("fonts", "ok", f"{count_of(len(scan.faces), 'face')}: {where}")]
    left_out = {k: n for k, n in scan.refused.items() if k not in ("not a font", "duplicate")}
    if left_out:
        finding = ", ".join(f"{n} {reason}" for reason, n in left_out.items())
        named = "Nothing to do, unless one of them was meant: synth fonts names them."
        if scan.details:
            named = f"Look at: {scan.details[0]}"
        checks.append(Check("fonts left out", "warn", finding, named))
    return checks + judge_scripts(scan, script_families(scan.faces), _installed())


def judge_scripts(
    scan: FaceScan, counted: Mapping[str, ScriptFaces], installed: frozenset[str]
) -> list[Check]:
    """Judge each script by the number of its families.

    Args:
        scan: where the faces were found.
        counted: as `script_families`.
        installed: distributions with fonts that are there.
    """
    checks = []
    for script, drawn in counted.items():
        families, faces = len(drawn.families), drawn.faces
        finding = f"{count_of(families, 'family', 'families')}, {count_of(faces, 'face')}"
        enough = script not in PACKAGES or families >= LEAST_FAMILIES
        if enough:
            checks.append(Check(f"fonts for {script}", "ok", finding))
        else:
            finding += f"; fewer than {LEAST_FAMILIES} families"
            advice = f"For {script} text: {more_fonts(scan, (script,), installed)}"
            checks.append(Check(f"fonts for {script}", "warn", finding, advice))
    return checks


def more_fonts(scan: FaceScan, scripts: Sequence[str], installed: frozenset[str]) -> str:
    """Name the ways to more families: by packages, where the machine's fonts are drawn from.

    Args:
        scan, installed: as for `judge_scripts`. scripts: keys of `PACKAGES`.
    """
    if scan.faces and not scan.is_of_machine:
        used = next(source for source, count in scan.sources if count)
        return f"put more fonts into {used.folder}; while it holds any, no others are drawn."
    ways = []
    if sys.platform.startswith("linux"):
        debian = dict.fromkeys(name for script in scripts for name in PACKAGES[script].debian)
        ways.append(f"apt-get install {' '.join(debian)} (Debian, Ubuntu)")
    extra = dict.fromkeys(name for script in scripts for name in PACKAGES[script].extra)
    lacking = [name for name in extra if name not in installed]
    if lacking:
        ways.append(f"{install_line('fonts')} (brings {', '.join(lacking)})")
    ways.append("put fonts into a folder and name it by OCR_FONT_DIRS")
    return "; or ".join(ways) + "."


def _installed() -> frozenset[str]:
    return frozenset(name for name, _ in package_font_dirs())
