"""What the faces cover: rows for `synth fonts` and for `synth doctor`."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from synth.faces.breaking import BreaksError
from synth.faces.face_metrics import Box, FaceMetrics, metrics_of
from synth.faces.font_face import Face, Kind
from textlines.labels.scripts import script_of

# What a face must draw to count for a script: enough to write real lines with it. For Hangul
# and Han common characters that lie far apart in the code charts.
SAMPLES: Mapping[str, str] = {
    "Latin": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "digits": "0123456789.-",
    "Hangul": "가각값국글는다를한의이을에로있없했습니까뿐효힘",
    "Han": "一中国日月水人大小年上下左右金木火土",
    "Hiragana": "あいうえおかきくけこのはをん",
    "Katakana": "アイウエオカキクケコノハヲン",
    "Cyrillic": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯабвгдежзиклмнопрстуфхцчшщэюя",
    "Greek": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω",
}


LETTERS = 20
"""Of a script without a sample: from so many on a face draws it."""

OF_A_SCRIPT = 0.25
"""Share of a script's characters in a dictionary that a face holds which writes it."""

_NO_SCRIPT = frozenset({"Common", "Inherited", "Unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """One family, or one face, in the table of `synth fonts`.

    Attributes:
        faces: how many faces the row stands for.
        scripts: those that all of these faces draw, of `SAMPLES` first (`scripts_of`).
        held: how many of the alphabet's characters are in the cmaps of all these faces.
        of: how many characters the alphabet has; 0 without one.
    """

    family: str
    style: str
    kind: Kind
    faces: int
    licence: str
    scripts: tuple[str, ...]
    held: int
    of: int


class ScriptFaces(NamedTuple):
    """Who draws a script: families of different designs, by name, and faces of all families."""

    families: tuple[str, ...]
    faces: int


def characters_of(face: Face) -> frozenset[str]:
    """List the characters in a face's cmap. What is in there may still be refused by the gate."""
    return _mapped(face.path, face.index, face.sha256)


@lru_cache(maxsize=8)
def _mapped(path: Path, index: int, sha256: str) -> frozenset[str]:
    """List what is in the cmap of a file. Its instances share it, and come one after another."""
    codes = FaceMetrics(path, index).face.unicodes
    return frozenset(chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF)


def scripts_of(held: frozenset[str]) -> tuple[str, ...]:
    """Name the scripts whose sample the characters hold whole, and others by their letters.

    A script without a sample is named by Unicode's name where `LETTERS` of its letters are held, or
    half of all that it has.
    """
    sampled = tuple(script for script, sample in SAMPLES.items() if held.issuperset(sample))
    counts = Counter(script_of(char) for char in held if char.isalpha() and not _is_quick(char))
    others = (
        script
        for script, count in counts.most_common()
        if script not in _NO_SCRIPT and script not in SAMPLES and 2 * count >= _needed(script)
    )
    return (*sampled, *others)


def _needed(script: str) -> int:
    """Return twice the letters that a face must hold to draw a script."""
    return min(2 * LETTERS, _letters()[script])


@lru_cache(maxsize=1)
def _letters() -> Mapping[str, int]:
    """Count the letters of each script that has no sample, in the planes that hold any."""
    chars = map(chr, range(0x20000))
    return Counter(script_of(char) for char in chars if char.isalpha() and not _is_quick(char))


def _is_quick(char: str) -> bool:
    """Whether a letter is of a block of Latin, Hangul or Han, of which there are most."""
    return (
        char < "\u0370"
        or "\u3400" <= char <= "\u9fff"
        or "가" <= char <= "힣"
        or char > "\U0001ffff"
    )


def face_rows(faces: Iterable[Face], alphabet: frozenset[str] = frozenset()) -> list[CoverageRow]:
    """Make one row for each face, ordered by family, style and id."""
    ordered = sorted(faces, key=lambda face: (face.family, face.style, face.id))
    return [_row([face], face.style, alphabet) for face in ordered]


def family_rows(faces: Iterable[Face], alphabet: frozenset[str] = frozenset()) -> list[CoverageRow]:
    """Make one row for each family and kind, ordered by family."""
    families: dict[tuple[str, Kind], list[Face]] = {}
    for face in sorted(faces, key=lambda face: (face.family, face.style, face.id)):
        families.setdefault((face.family, face.kind), []).append(face)
    return [_row(members, "", alphabet) for members in families.values()]


def script_families(faces: Iterable[Face]) -> dict[str, ScriptFaces]:
    """Count the text families that draw each script of `SAMPLES`, in its order.

    A family draws a script if one of its faces has the whole sample in its cmap. Families of one
    design count once, be it that the catalogue says so or that they draw the sample alike.
    """
    texts = [face for face in faces if face.kind == "text"]
    return {script: _families_of(texts, sample) for script, sample in SAMPLES.items()}


def _families_of(faces: Sequence[Face], sample: str) -> ScriptFaces:
    drawn: dict[str, set[tuple[Box, ...]]] = {}
    count = 0
    for face in sorted(faces, key=lambda face: (face.design or face.family, face.id)):
        metrics = metrics_of(face)
        gids = [metrics.nominal(char) for char in sample]
        if all(gids):
            count += 1
            design = face.design or face.family
            drawn.setdefault(design, set()).add(tuple(map(metrics.box, gids)))
    designs: list[str] = []
    known: set[tuple[Box, ...]] = set()
    for design, looks in drawn.items():
        if known.isdisjoint(looks):
            designs.append(design)
        known |= looks
    return ScriptFaces(tuple(designs), count)


def uncovered(faces: Iterable[Face], alphabet: Iterable[str]) -> tuple[str, ...]:
    """List the characters of an alphabet that are in no face's cmap, in code point order."""
    left = {char for char in alphabet if len(char) == 1}
    for face in faces:
        left -= characters_of(face)
    return tuple(sorted(left))


def _row(faces: Sequence[Face], style: str, alphabet: frozenset[str]) -> CoverageRow:
    held = frozenset.intersection(*(characters_of(face) for face in faces))
    licences = sorted({face.licence or "unknown" for face in faces})
    return CoverageRow(
        family=faces[0].family,
        style=style,
        kind=faces[0].kind,
        faces=len(faces),
        licence=", ".join(licences),
        scripts=scripts_of(held),
        held=len(held & alphabet),
        of=len(alphabet),
    )


def writes(face: Face, characters: Collection[str]) -> bool:
    """Whether a face writes a dictionary's characters of one script: it holds a quarter of them.

    A face that breaks as it is opened writes none.
    """
    try:
        held = characters_of(face)
    except BreaksError:
        return False
    # An entry of several code points is written by a face that holds them all.
    return sum(held.issuperset(char) for char in characters) >= OF_A_SCRIPT * len(characters)
