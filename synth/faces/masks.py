"""One character over all faces of a pool, as bit sets: bit k stands for face k."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from synth.corpus.lookalikes import evidence_of, shown
from synth.faces.gate import FaceGate
from textlines.labels.canonical import script_of


@dataclass(frozen=True, slots=True)
class CharMasks:
    """Which faces may draw one character.

    Attributes:
        free: those that may draw it in any line.
        proves: those in which it proves its line to be in `script`.
        unsure: for each set of look-alikes, with what the faces declare of it: the faces in
            which the line decides.
        asked: the scripts whose proof matters to `unsure`.
        any: all faces that may draw it in one line or another, the pairs obeyed.
    """

    script: str
    free: int
    proves: int
    unsure: Mapping[tuple[tuple[str, ...], frozenset[str] | None], int]
    asked: tuple[str, ...]
    any: int


def char_masks(char: str, gates: Sequence[FaceGate], partners: Sequence[str]) -> CharMasks:
    """Look one character up in every face.

    partners: what it is confused with; a face that does not draw them visibly differently
        may not draw it.
    """
    free = proves = 0
    unsure: dict[tuple[tuple[str, ...], frozenset[str] | None], int] = {}
    for k, gate in enumerate(gates):
        facts = gate.facts(char)
        if facts.status != "ok" or not all(gate.distinct(char, other) for other in partners):
            continue
        if not facts.twins:
            free |= 1 << k
        else:
            declared = gate.face.declared
            if declared is not None:
                declared = declared & {char, *facts.twins}
            key = (facts.twins, declared)
            unsure[key] = unsure.get(key, 0) | 1 << k
        if evidence_of(char, facts.twins):
            proves |= 1 << k
    scripts = {script_of(char)} | {script_of(twin) for twins, _ in unsure for twin in twins}
    wide = {"Han", "Hangul", "Hiragana", "Katakana", "Bopomofo"}
    asked = tuple(sorted(scripts | wide)) if unsure else ()
    union = free
    for mask in unsure.values():
        union |= mask
    return CharMasks(script_of(char), free, proves, unsure, asked, union)


def decided(char: str, masks: CharMasks, proofs: Sequence[tuple[str, int]]) -> int:
    """Give the faces that may draw the character in a line.

    proofs: (script, faces in which the line is proven to be in it), of `masks.asked` only.
    """
    allowed = masks.free
    for (twins, declared), faces in masks.unsure.items():
        for count in range(len(proofs) + 1):
            for held in combinations(proofs, count):
                where = faces
                for script, proof in proofs:
                    where &= proof if (script, proof) in held else ~proof
                if where and shown(char, twins, declared, frozenset(s for s, _ in held)):
                    allowed |= where
    return allowed
