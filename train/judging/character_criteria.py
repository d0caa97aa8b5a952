"""The criteria on characters: none that was read well falls, and spaces do not."""

from collections.abc import Sequence

from textlines.wording import UNSAID, joined, say
from train.judging.characters import LEAST_SUPPORT, CharacterPair
from train.judging.figure_words import how_sure
from train.judging.significance import ALPHA, mcnemar
from train.judging.verdict import Criterion


def characters_criterion(
    well_read: Sequence[CharacterPair], tests: dict[str, tuple[float, float]]
) -> Criterion:
    """Judge the characters that the base reads well.

    Args:
        tests: p, and p after Holm, of each.
    """
    title = say("No character that was read well fell")
    if not well_read:
        return Criterion(
            key="characters",
            title=title,
            status="not_judged",
            told=say(
                "none is read well ({least} times or more, recall 0.95 or more)",
                least=LEAST_SUPPORT,
            ),
        )
    fallen = [one for one in well_read if one.fell > one.rose and tests[one.char][1] < ALPHA]
    told = joined(
        "; ",
        [
            say(
                "{char} from {base:.3f} to {candidate:.3f} (worse in {fell} lines, better in "
                "{rose}; {sure}, after Holm)",
                char=one.char,
                base=one.base_recall,
                candidate=one.candidate_recall,
                fell=one.fell,
                rose=one.rose,
                sure=how_sure(tests[one.char][1]),
            )
            for one in fallen
        ],
    )
    if not fallen:
        told = say(
            "{count:,} well-read characters, none fell significantly after Holm",
            count=len(well_read),
        )
    return Criterion(
        key="characters",
        title=title,
        status="failed" if fallen else "passed",
        told=told,
        todo=_HOLD_CHARACTERS if fallen else UNSAID,
    )


def space_criterion(space: CharacterPair | None) -> Criterion:
    """Judge the space, however well the base reads it: lost spaces are half of all errors."""
    title = say("Spaces did not fall")
    if space is None or space.support < LEAST_SUPPORT:
        held = space.support if space else 0
        return Criterion(
            key="spaces",
            title=title,
            status="not_judged",
            told=say(
                "the labels hold {held} spaces, {least} are needed",
                held=held,
                least=LEAST_SUPPORT,
            ),
        )
    p = mcnemar(space.rose, space.fell)
    has_fallen = space.fell > space.rose and p < ALPHA
    return Criterion(
        key="spaces",
        title=title,
        status="failed" if has_fallen else "passed",
        told=say(
            "recall {base:.3f} to {candidate:.3f} of {support:,}, inserted {base_inserted:,} to "
            "{candidate_inserted:,}; worse in {fell} lines, better in {rose}; {sure}",
            base=space.base_recall,
            candidate=space.candidate_recall,
            support=space.support,
            base_inserted=space.base_inserted,
            candidate_inserted=space.candidate_inserted,
            fell=space.fell,
            rose=space.rose,
            sure=how_sure(p),
        ),
        todo=_HOLD_SPACES if has_fallen else UNSAID,
        value=space.candidate_recall - space.base_recall,
    )


_HOLD_CHARACTERS = say(
    "Add lines that hold these characters to what is distilled (balance mix --distil) and stopped "
    "by (train plan --general-stop), compared exactly, and train again."
)
_HOLD_SPACES = say(
    "Add lines that hold spaces to what is distilled (balance mix --distil) and stopped by (train "
    "plan --general-stop), compared exactly, and train again."
)
