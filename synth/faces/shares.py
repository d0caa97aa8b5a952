"""How often each face is drawn."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from synth.faces.face import Face


def weigh(
    faces: Sequence[Face],
    family_weights: Mapping[str, float],
    face_weights: Mapping[str, float],
) -> tuple[list[str], list[float]]:
    """Share the draws out: among designs evenly, among the faces of each by their weights.

    A design is a family, or the families that the catalogue says are one.

    Args:
        family_weights: factors by the family's name; 1 for those not named.
        face_weights: factors by a face's kind and by each of its traits, so that a family of
            italics alone is drawn less often too. A face never falls out by them.

    Returns:
        The ids and the running sums of their weights; faces of weight 0 are left out.
    """
    of_design: dict[str, float] = {}
    for face in faces:
        design = face.design or face.family
        of_design[design] = of_design.get(design, 0.0) + face.weight
    ids, weights = [], []
    for face in faces:
        share = family_weights.get(face.family, 1.0) * face.weight
        for name in (face.kind, *face.traits):
            share *= face_weights.get(name, 1.0)
        if share > 0:
            ids.append(face.id)
            weights.append(share / of_design[face.design or face.family])
    return ids, list(accumulate(weights))
