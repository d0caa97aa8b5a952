"""What no training image can mend: labels and readings that follow other rules."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from textlines.formats.profile import Convention
from textlines.labels.twins import twins_of
from textlines.profile.affixes import FEWEST_LINES, NEARLY_ALL, Affix, amount_words, edge_words
from textlines.profile.forms import same_in_two_forms
from textlines.profile.tally import Counts, Pair
from textlines.wording import Sentence, joined, say, say_n

EVERYWHERE = 0.5
"""Share of lines from which on an inserted character is no misreading but a rule."""

RARE_IN_LABELS = 0.1
"""A character that labels hold this often, beside its insertions, is not left out by a rule."""

NORMAL_FORM = "NFC"
"""Stands for the characters of the convention that texts are not composed."""

FEWEST_PAIRS = 3
SHOWN_PAIRS = 6
ALL_CAPITALS = 0.98
MIXED_CASE = 0.02

_SAME_SHAPE = frozenset("cijklopsuvwxyz")
"""Small letters that look like their capitals but for size: to read one so is a misreading."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Which differences between labels and readings are conventions.

    Attributes:
        found: what to tell the user, most frequent first.
        pairs: (label, read) that count as read right. throughout: those of them that are of the
            whole set: of labels in one case, or of forms that nearly every line has.
        inserted: characters whose insertion is no misreading.
        foreign: characters of the label that the alphabet lacks.
    """

    found: tuple[Convention, ...]
    pairs: frozenset[Pair]
    inserted: frozenset[str]
    foreign: frozenset[str]
    throughout: frozenset[Pair] = frozenset()


def conventions(
    counts: Counts,
    foreign: Collection[str],
    suggest: Callable[[str], tuple[str, ...]],
) -> Agreement:
    """Find the conventions behind the counts.

    - What nearly all labels begin or end with and no reading does, or the other way round, was set
      aside before anything was counted (`textlines.profile.affixes`).
    - A character outside the alphabet cannot be read, so it can neither be right nor wrong.
    - A character inserted in half of the lines or more, and next to absent from the labels,
      was left out by whoever wrote the labels (`·` in 167 of 170 licence plates).
    - A character read in its full-width or half-width form is read right, in another code.
    - So is one read in another code of the same look: `µ` and `μ`; `-` and `–` only when
      that happens to at least half of them, as a picture can tell these two apart.
    - So are several characters read for one that stands for them, or one for several: `(주)` and
      `㈜` (`textlines.profile.spans`).
    - Where labels are in capitals only and readings are not, the case of a letter says nothing.
      Letters that differ in shape must be among them: `O` read `o` proves no convention.

    Args:
        foreign: the characters of the labels that the alphabet lacks.
        suggest: gives what the alphabet holds instead of a character, nearest first.
    """
    agreed = [*_affixes(counts.affixes)]
    agreed += (_foreign(counts, char, suggest(char)) for char in sorted(foreign))
    inserted = {
        char
        for char, lines in counts.inserting.items()
        if lines >= max(FEWEST_LINES, EVERYWHERE * counts.lines)
        and counts.support[char] <= RARE_IN_LABELS * counts.inserted[char]
    }
    agreed += (_inserted(counts, char) for char in sorted(inserted))
    throughout: set[Pair] = set()
    forms: dict[str, list[Pair]] = {}
    for pair in sorted(counts.replaced):
        if (kind := _form(counts, pair)) and pair[0] not in foreign:
            forms.setdefault(kind, []).append(pair)
    for kind, some in forms.items():
        if sum(counts.replaced[pair] for pair in some) >= NEARLY_ALL * counts.lines:
            throughout.update(some)
        if len(some) >= FEWEST_PAIRS:
            agreed.append(_other_codes(counts, some, kind))
        else:
            agreed += (_other_code(counts, pair, kind) for pair in some)
    pairs = {pair for some in forms.values() for pair in some}
    for pair, count in sorted(counts.respelled.items()):
        if pair[0] in foreign:
            continue
        if count >= NEARLY_ALL * counts.lines:
            throughout.add(pair)
        agreed.append(_several(counts, pair))
    for upper in (True, False):
        cased = _one_case(counts, upper)
        pairs |= cased
        throughout |= cased
        if cased:
            agreed.append(_capitals(counts, cased, upper))
    if recomposed := counts.recomposed_labels + counts.recomposed_readings:
        agreed.append(_recomposed(counts, recomposed))
    agreed.sort(key=lambda c: (-c.count, c.kind, c.chars))
    return Agreement(
        tuple(agreed),
        frozenset(pairs),
        frozenset(inserted),
        frozenset(foreign),
        frozenset(throughout),
    )


def _affixes(affixes: Sequence[Affix]) -> Iterator[Convention]:
    """Yield what was set aside, once for both ends where they go together as quotes do."""
    left = list(affixes)
    while left:
        affix = left.pop(0)
        twin = next((other for other in left if _go_together(affix, other)), None)
        if twin:
            left.remove(twin)
        yield _affix([affix, twin] if twin else [affix])


def _go_together(affix: Affix, other: Affix) -> bool:
    ours = affix.side, affix.lines, affix.alone, affix.other
    theirs = other.side, other.lines, other.alone, ""
    return ours == theirs and affix.at_end != other.at_end


def _affix(affixes: Sequence[Affix]) -> Convention:
    first, *_ = affixes
    edges = [(affix.text, affix.at_end) for affix in affixes]
    of_labels = first.side == "labels"
    amount = amount_words(first.lines, first.of, say("labels") if of_labels else say("readings"))
    what, both = edge_words(edges), first.lines - first.alone
    others = say("readings") if of_labels else say("labels")
    if first.other:
        words = say(
            "{amount} {what}, which {others} write {form!r}",
            amount=amount,
            what=what,
            others=others,
            form=first.other,
        )
        advice = say(
            "Write one of {text!r} and {form!r} throughout.", text=first.text, form=first.other
        )
    else:
        if both:
            words = say(
                "{amount} {what} that {both:,} {others} have too",
                amount=amount,
                what=what,
                both=both,
                others=others,
            )
        else:
            words = say(
                "{amount} {what} that no {other} has",
                amount=amount,
                what=what,
                other=say("reading") if of_labels else say("label"),
            )
        advice = _affix_advice(first.side, edges)
    start, end = ("".join(text for text, at_end in edges if at_end is it) for it in (False, True))
    return Convention(
        kind="affix",
        chars=f"{start}…{end}",
        count=first.alone,
        of=first.of,
        words=words,
        advice=advice,
    )


def _affix_advice(side: str, edges: Sequence[tuple[str, bool]]) -> Sentence:
    count = len(edges)
    if side == "readings":
        return say_n(
            "Strip it from the readings, or write it in the labels.",
            "Strip them from the readings, or write them in the labels.",
            count,
        )
    if all(not text.strip(" ") for text, _ in edges):
        return say_n(
            "Where the crops do not show it, take it out of the labels (`balance check LABELS "
            "--fix OUT` does); where they do, put it into the readings by rule, or train on such "
            "crops.",
            "Where the crops do not show them, take them out of the labels (`balance check LABELS "
            "--fix OUT` does); where they do, put them into the readings by rule, or train on "
            "such crops.",
            count,
        )
    return say_n(
        "Where the crops do not show it, take it out of the labels; where they do, put it into "
        "the readings by rule, or train on such crops.",
        "Where the crops do not show them, take them out of the labels; where they do, put them "
        "into the readings by rule, or train on such crops.",
        count,
    )


def _form(counts: Counts, pair: Pair) -> str | None:
    label, read = pair
    if kind := same_in_two_forms(label, read):
        return kind
    enough = max(FEWEST_PAIRS, counts.support[label] / 2)
    return "other_form" if read in twins_of(label) and counts.replaced[pair] >= enough else None


def _one_case(counts: Counts, upper: bool) -> set[Pair]:
    """Return the pairs of letters that differ in case alone, if the labels hold one case only."""
    here = other = 0
    for char, support in counts.support.items():
        here += support * _is_cased(char, upper)
        other += support * _is_cased(char, not upper)
    if here < ALL_CAPITALS * (here + other):
        return set()
    pairs = {
        (a, b)
        for a, b in counts.replaced
        if _is_cased(a, upper) and _is_cased(b, not upper) and a.casefold() == b.casefold()
    }
    in_case_alone = sum(counts.replaced[p] for p in pairs if p[0].lower() not in _SAME_SHAPE)
    return pairs if in_case_alone >= max(FEWEST_LINES, MIXED_CASE * here) else set()


def _is_cased(char: str, upper: bool) -> bool:
    return (
        (char.isupper() and char.lower() != char)
        if upper
        else (char.islower() and char.upper() != char)
    )


def _foreign(counts: Counts, char: str, instead: tuple[str, ...]) -> Convention:
    name = say("The space") if char == " " else repr(char)
    if char == " ":
        advice = say("Train with use_space_char, or leave spaces out of the labels.")
    elif instead:
        advice = say(
            "Write {instead} in the labels, which it holds.",
            instead=joined(say(" or "), map(repr, instead[:3])),
        )
    else:
        advice = say(
            "Write the labels without it, or extend the dictionary (the model must be refitted)."
        )
    return Convention(
        words=say("{name} is not in the dictionary", name=name),
        kind="out_of_dictionary",
        chars=char,
        count=counts.support[char],
        of=sum(counts.support.values()),
        advice=say(
            "{name} is not in the dictionary, so the model can never read it. {advice}",
            name=name,
            advice=advice,
        ),
    )


def _inserted(counts: Counts, char: str) -> Convention:
    return Convention(
        words=say(
            "labels leave {char!r} out, which is read in {amount}",
            char=char,
            amount=amount_words(counts.inserting[char], counts.lines, say("lines")),
        ),
        kind="inserted_everywhere",
        chars=char,
        count=counts.inserting[char],
        of=counts.lines,
        advice=say(
            "Labels leave {char!r} out where the model reads it. Strip it from the readings, or "
            "write it in the labels.",
            char=char,
        ),
    )


def _other_codes(counts: Counts, pairs: Sequence[Pair], kind: str) -> Convention:
    """Return one convention for several characters in another code: one habit of the labels."""
    first = sorted(pairs, key=lambda pair: (-counts.replaced[pair], pair))
    shown = " ".join(f"{label}→{read}" for label, read in first[:SHOWN_PAIRS])
    label, read = first[0]
    if kind == "width_form":
        words = say(
            "labels write {count:,} characters in full or half width, {truth!r} where readings "
            "write {read!r} first of all",
            count=len(pairs),
            truth=label,
            read=read,
        )
    else:
        words = say(
            "labels write {count:,} characters in another code of the same look, {truth!r} where "
            "readings write {read!r} first of all",
            count=len(pairs),
            truth=label,
            read=read,
        )
    return Convention(
        words=words,
        kind="width_form" if kind == "width_form" else "other_form",
        chars=shown + " …" * (len(pairs) > SHOWN_PAIRS),
        count=sum(counts.replaced[pair] for pair in pairs),
        of=sum(counts.support[label] for label in {label for label, _ in pairs}),
        advice=say(
            "Write one form of each throughout: put the labels' into the readings by rule, or the "
            "readings' into the labels."
        ),
    )


def _other_code(counts: Counts, pair: Pair, kind: str) -> Convention:
    label, read = pair
    both = counts.support[read]
    advice = (
        say(
            "Labels hold {truth!r} and {read!r}: write one of them throughout.",
            truth=label,
            read=read,
        )
        if both
        else say(
            "Replace {read!r} by {truth!r} in the readings, or write {read!r} in the labels.",
            truth=label,
            read=read,
        )
    )
    return Convention(
        words=say("labels write {truth!r} where readings write {read!r}", truth=label, read=read),
        kind="width_form" if kind == "width_form" else "other_form",
        chars=f"{label}→{read}",
        count=counts.replaced[pair],
        of=counts.support[label],
        advice=advice,
    )


def _several(counts: Counts, pair: Pair) -> Convention:
    label, read = pair
    again = counts.respelled[read, label]
    if again:
        advice = say(
            "Keep what is printed: {truth!r} and {read!r} are the same to a reader. Labels and "
            "readings hold both; compare them in one form.",
            truth=label,
            read=read,
        )
    else:
        advice = say(
            "Keep what is printed: {truth!r} and {read!r} are the same to a reader. Where crops "
            "show {truth!r}, put it into the readings by rule; where they show {read!r}, write "
            "that in the labels.",
            truth=label,
            read=read,
        )
    return Convention(
        words=say("labels write {truth!r} where readings write {read!r}", truth=label, read=read),
        kind="one_for_several",
        chars=f"{label}→{read}",
        count=counts.respelled[pair],
        # Of several characters as many as there are of the rarest: no more can stand together.
        of=min(n for char in label if (n := counts.support[char] or counts.support[label])),
        advice=advice,
    )


def _capitals(counts: Counts, pairs: set[Pair], upper: bool) -> Convention:
    name = say("capitals") if upper else say("small letters")
    return Convention(
        words=say("labels are in {name} only, readings are not", name=name),
        kind="capitals",
        chars="".join(sorted({label for label, _ in pairs})),
        count=sum(counts.replaced[pair] for pair in pairs),
        of=sum(n for char, n in counts.support.items() if _is_cased(char, upper)),
        advice=say(
            "Labels are in {name} only, readings are not. Compare case folded; to train, write the "
            "labels in the case that is printed.",
            name=name,
        ),
    )


def _recomposed(counts: Counts, texts: int) -> Convention:
    return Convention(
        words=say("labels or readings are not in NFC"),
        kind="other_form",
        chars=NORMAL_FORM,
        count=texts,
        of=2 * counts.lines,
        advice=say(
            "{labels} and {readings} are not in NFC. They are compared in NFC here; write labels "
            "in NFC before training.",
            labels=say_n("{n:,} label", "{n:,} labels", counts.recomposed_labels),
            readings=say_n("{n:,} reading", "{n:,} readings", counts.recomposed_readings),
        ),
    )
