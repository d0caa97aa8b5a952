"""The criteria on characters: none that was read well falls, and spaces do not."""

from collections.abc import Sequence

from train.evaluation.exact import ALPHA, mcnemar
from train.gate.characters import LEAST_SUPPORT, CharacterPair
from train.gate.model import Criterion
from train.gate.words import how_sure


def characters_criterion(
    well_read: Sequence[CharacterPair], tests: dict[str, tuple[float, float]]
) -> Criterion:
    """Judge the characters that the base reads well.

    Args:
        tests: p, and p after Holm, of each.
    """
    title = "No character that was read well fell"
    if not well_read:
        return Criterion(
            key="characters",
            title=title,
            status="not_judged",
            told=f"none is read well ({LEAST_SUPPORT} times or more, recall 0.95 or more)",
        )
    fallen = [one for one in well_read if one.fell > one.rose and tests[one.char][1] < ALPHA]
    told = "; ".join(
        f"{one.char} from {one.base_recall:.3f} to {one.candidate_recall:.3f} (worse in "
        f"{one.fell} lines, better in {one.rose}; {how_sure(tests[one.char][1])}, after Holm)"
        for one in fallen
    )
    if not fallen:
        told = f"{len(well_read):,} well-read characters, none fell significantly after Holm"
    return Criterion(
        key="characters",
        title=title,
        status="failed" if fallen else "passed",
        told=told,
        todo=_todo("hold these characters") if fallen else "",
    )


def space_criterion(space: CharacterPair | None) -> Criterion:
    """Judge the space, however well the base reads it: lost spaces are half of all errors."""
    title = "Spaces did not fall"
    if space is None or space.support < LEAST_SUPPORT:
        held = space.support if space else 0
        return Criterion(
            key="spaces",
            title=title,
            status="not_judged",
            told=f"the labels hold {held} spaces, {LEAST_SUPPORT} are needed",
        )
    p = mcnemar(space.rose, space.fell)
    has_fallen = space.fell > space.rose and p < ALPHA
    return Criterion(
        key="spaces",
        title=title,
        status="failed" if has_fallen else "passed",
        told=(
            f"recall {space.base_recall:.3f} to {space.candidate_recall:.3f} of {space.support:,}, "
            f"inserted {space.base_inserted:,} to {space.candidate_inserted:,}; worse in "
            f"{space.fell} lines, better in {space.rose}; {how_sure(p)}"
        ),
        todo=_todo("hold spaces") if has_fallen else "",
        value=space.candidate_recall - space.base_recall,
    )


def _todo(what: str) -> str:
    return (
        f"Add lines that {what} to what is distilled (balance mix --distil) and stopped by (train "
        "plan --general-stop), compared exactly, and train again."
    )
