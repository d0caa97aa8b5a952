"""Fonts by script: whether there are enough families of each, and which packages bring more."""

import sys
from collections.abc import Collection, Mapping, Sequence

from synth.corpus.dictionary_languages import NO_SCRIPT
from synth.doctor.health import Check
from synth.faces.face_coverage import LETTERS, ScriptFaces, script_families, writes
from synth.faces.font_packages import PACKAGES, packages_of
from synth.faces.scan import FaceScan, find_faces, package_font_dirs
from textlines.installing import install_line
from textlines.labels.scripts import script_of
from textlines.wording.counts import count_of

LEAST_FAMILIES = 5
"""Of a script. With fewer a model learns how the faces look, and not how the characters do."""


def check_faces(alphabet: Collection[str] = ()) -> list[Check]:
    """Look at the fonts: how many, from where, what was left out, and families by script.

    Args:
        alphabet: characters of a dictionary; of scripts that it holds families are asked for too.
    """
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
    installed = _installed()
    checks += judge_scripts(scan, script_families(scan.faces), installed)
    return checks + judge_dictionary(scan, alphabet, installed)


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


def judge_dictionary(
    scan: FaceScan, alphabet: Collection[str], installed: frozenset[str]
) -> list[Check]:
    """Judge the scripts of a dictionary beyond those that are always asked for.

    A family draws a script of which one of its faces holds a quarter of what the dictionary does;
    letters by the dozen that stand in dictionaries as signs ask for nothing.

    Args:
        scan, installed: as for `judge_scripts`. alphabet: characters of the dictionary.
    """
    by_script: dict[str, set[str]] = {}
    for char in alphabet:
        if len(char) == 1 and script_of(char) not in (*NO_SCRIPT, *PACKAGES):
            by_script.setdefault(script_of(char), set()).add(char)
    checks = []
    for script, characters in sorted(by_script.items()):
        if len(characters) < LETTERS:
            continue
        families = {
            face.design or face.family
            for face in scan.faces
            if face.kind == "text" and writes(face, characters)
        }
        name, named = f"dictionary, {script}", count_of(len(characters), "character")
        finding = f"{named}; {count_of(len(families), 'family', 'families')} of faces"
        if len(families) >= LEAST_FAMILIES:
            checks.append(Check(name, "ok", finding))
        else:
            advice = f"For {script} text: {more_fonts(scan, (script,), installed)}"
            checks.append(Check(name, "warn", finding, advice))
    return checks


def more_fonts(scan: FaceScan, scripts: Sequence[str], installed: frozenset[str]) -> str:
    """Name the ways to more families: by packages, where the machine's fonts are drawn from.

    Args:
        scan, installed: as for `judge_scripts`. scripts: as Unicode names them.
    """
    if scan.faces and not scan.is_of_machine:
        used = next(source for source, count in scan.sources if count)
        return f"put more fonts into {used.folder}; while it holds any, no others are drawn."
    known = [packages for packages in map(packages_of, scripts) if packages is not None]
    ways = []
    debian = dict.fromkeys(name for packages in known for name in packages.debian)
    if debian and sys.platform.startswith("linux"):
        ways.append(f"apt-get install {' '.join(debian)} (Debian, Ubuntu)")
    wheels = dict.fromkeys(n for packages in known for n in (*packages.extra, *packages.scripts))
    lacking = [name for name in wheels if name not in installed]
    if lacking:
        extras = dict.fromkeys(e for packages in known for e in packages.extras(installed))
        ways.append(f"{install_line(','.join(extras))} (brings {', '.join(lacking)})")
    ways.append("put fonts into a folder and name it by OCR_FONT_DIRS")
    return "; or ".join(ways) + "."


def _installed() -> frozenset[str]:
    return frozenset(name for name, _ in package_font_dirs())
