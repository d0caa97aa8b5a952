"""How often each face is drawn."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from synth.faces.font_face import HANDWRITTEN, Face


def weigh(
    faces: Sequence[Face],
    family_weights: Mapping[str, float],
    face_weights: Mapping[str, float],
    handwritten: float = 0.0,
) -> tuple[list[str], list[float]]:
    """Share the draws out: among designs evenly, among the faces of each by their weights.

    A design is a family, or the families that the catalogue says are one.

    Args:
        family_weights: factors by the family's name; 1 for those not named.
        face_weights: factors by a face's kind and by each of its traits, so that a family of
            italics alone is drawn less often too. A face never falls out by them.
        handwritten: share of all draws that handwritten faces take together, 0..1, where there
            are others too.

    Returns:
        The ids and the running sums of their weights; faces of weight 0 are left out.
    """
    of_design: dict[str, float] = {}
    for face in faces:
        design = face.design or face.family
        of_design[design] = of_design.get(design, 0.0) + face.weight
    drawn: list[tuple[Face, float]] = []
    for face in faces:
        share = family_weights.get(face.family, 1.0) * face.weight
        for name in (face.kind, *face.traits):
            share *= face_weights.get(name, 1.0)
        drawn.append((face, share / of_design[face.design or face.family]))
    by_hand = sum(share for face, share in drawn if HANDWRITTEN in face.traits)
    printed = sum(share for face, share in drawn if HANDWRITTEN not in face.traits)
    if by_hand and printed:
        factors = {True: handwritten / by_hand, False: (1 - handwritten) / printed}
        drawn = [(face, share * factors[HANDWRITTEN in face.traits]) for face, share in drawn]
    drawn = [(face, share) for face, share in drawn if share > 0]
    return [face.id for face, _ in drawn], list(accumulate(share for _, share in drawn))
