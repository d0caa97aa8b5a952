"""What came out of mining a detector, in sentences: on a terminal and at the head of its page."""

from collections.abc import Mapping

from textlines.formats.missed_lines import Place, Property
from textlines.regions.matching import FAILURES, Failure
from textlines.wording import Sentence, arranged, joined, say, say_n
from train.detection.evaluate_text import FAILURE_WORDS
from train.detection.label_conventions import FEWEST
from train.detection.mining import Bin, ConventionFigures, DetMined, standing_out

FAILURE_MENDS: Mapping[Failure, Sentence] = {
    "missed": say(
        "Where missed lines are small as the detector sees them, a higher limit; where they are "
        "large, a lower one. Else a lower threshold or box threshold; then training pages."
    ),
    "merged": say(
        "A smaller unclip ratio, or a higher limit, sets lines apart. Where they are words of one "
        "line, the labels are to be joined."
    ),
    "split": say("A lower limit or dilation joins what is one line."),
    "cut": say("A greater unclip ratio."),
    "loose": say("A smaller unclip ratio; where lines are small, a higher limit."),
    "on_nothing": say("A higher box threshold; pages without text among those to train on."),
}
"""What to try first: settings of the prediction, which cost no training. Measured on receipts and
meters, the limit does more than the unclip ratio, and that more than thresholds and dilation."""

PROPERTY_WORDS: Mapping[Property, Sentence] = {
    "height": say("height on the page"),
    "seen_height": say("height as the detector sees it"),
    "contrast": say("contrast"),
    "place": say("place on the page"),
}

PLACE_WORDS: Mapping[Place, Sentence] = {
    "edge": say("at the border"),
    "upper_left": say("upper left"),
    "upper_middle": say("upper middle"),
    "upper_right": say("upper right"),
    "left": say("left"),
    "middle": say("middle"),
    "right": say("right", context="place"),
    "lower_left": say("lower left"),
    "lower_middle": say("lower middle"),
    "lower_right": say("lower right"),
}


def bin_words(one: Bin) -> Sentence:
    """Write what the lines of a bin have in common.

    >>> from train.judging.evaluation import Figure
    >>> of = {"lines": 1, "failed": Figure(value=0), "failures": {}}
    >>> bin_words(Bin(property="height", low=8, high=12, **of))
    '8 to 12 px'
    """
    if one.place is not None:
        return PLACE_WORDS[one.place]
    unit = "" if one.property == "contrast" else " px"
    if one.low is None:
        return say("below {high:g}{unit}", high=one.high, unit=unit)
    if one.high is None:
        return say("{low:g}{unit} and more", low=one.low, unit=unit)
    return say("{low:g} to {high:g}{unit}", low=one.low, high=one.high, unit=unit)


def finding(figures: DetMined) -> Sentence:
    """Return in a sentence what came out, a convention of the labels before all else."""
    convention = next((one for one in figures.conventions if one.is_one), None)
    if convention:
        return convention_finding(convention)
    failures = {name: n for name, n in figures.evaluation.failures.items() if name != "on_nothing"}
    failed, labels = sum(failures.values()), figures.evaluation.labels
    if not failed:
        return say_n("The {n:,} label has its box.", "All {n:,} labels have their boxes.", labels)
    most = max(failures, key=lambda name: failures[name])
    told = say(
        "{failed:,} of {labels:,} labels have no box, most of them {most} ({count:,}).",
        failed=failed,
        labels=labels,
        most=FAILURE_WORDS[most],
        count=failures[most],
    )
    worst = standing_out(figures.bins, failed / labels)
    if not worst:
        return told
    out = say(
        "What stands out: {bins}, against {all:.1%} of all.",
        bins=joined("; ", [_share_words(one) for one in worst]),
        all=failed / labels,
    )
    return joined(" ", [told, out])


def _share_words(one: Bin) -> Sentence:
    return say(
        "{property} {range}, where {share:.1%} of {lines:,} fail",
        property=PROPERTY_WORDS[one.property],
        range=bin_words(one),
        share=one.failed.value,
        lines=one.lines,
    )


def convention_finding(convention: ConventionFigures) -> Sentence:
    """Write that labels follow another convention, and how much of the failures that is."""
    if convention.kind == "words":
        template = say(
            "The labels are words and the detector finds lines: {failed:,} of the {failures:,} "
            "labels without a box lie side by side in one. With them joined, hmean is "
            "{joined:.3f}, not {hmean:.3f}."
        )
    else:
        template = say(
            "The labels are lines and the detector finds words: {failed:,} of the {failures:,} "
            "labels without a box have several side by side. With these joined, hmean is "
            "{joined:.3f}, not {hmean:.3f}."
        )
    return template.filled(
        failed=convention.failed,
        failures=convention.failures,
        joined=convention.hmean_joined,
        hmean=convention.hmean,
    )


CONVENTION_MENDS: Mapping[str, Sentence] = {
    "words": say(
        "No setting mends that, and a detector that is trained to find words unlearns lines. Join "
        "the labels of a line into one, their texts with a space between, and judge again. Where "
        "words are what you need, cut the lines after reading."
    ),
    "lines": say(
        "Training a little mends that badly. Label the pages as the detector finds them, word by "
        "word, or join its boxes after detection, along the line, before they are read."
    ),
}


def convention_lines(figures: DetMined) -> list[Sentence]:
    """Return what is to be said of words and lines: a finding with its way out, or a remark."""
    told: list[Sentence] = []
    for one in figures.conventions:
        if one.is_one:
            told += [convention_finding(one), CONVENTION_MENDS[one.kind], _gaps(one)]
        elif one.failed >= FEWEST:
            told.append(
                arranged(
                    "{what} {gaps}",
                    what=say(
                        "{failed:,} of the {failures:,} labels without a box lie side by side on "
                        "one line, in one box: too few for a convention."
                    ).filled(failed=one.failed, failures=one.failures)
                    if one.kind == "words"
                    else say(
                        "{failed:,} of the {failures:,} labels without a box are cut into several "
                        "boxes side by side: too few for a convention."
                    ).filled(failed=one.failed, failures=one.failures),
                    gaps=_gaps(one),
                )
            )
    return told


def _gaps(convention: ConventionFigures) -> Sentence:
    return say(
        "Between neighbours lie {gap:.2f} heights (median of {groups:,} lines).",
        gap=max(convention.gap, 0.0),  # words of one line may overlap
        groups=convention.groups,
    )


def failures_in_order(figures: DetMined) -> list[tuple[Failure, int]]:
    """Return the classes of failure with their counts, as they are always told."""
    return [(name, figures.evaluation.failures[name]) for name in FAILURES]
