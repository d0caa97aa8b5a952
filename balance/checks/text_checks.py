"""What is wrong with the texts: with labels, and with the dictionary that is to write them.

Single labels are judged by `textlines.rules`; here stand what all labels of a set share, letters
of other scripts that look like those of the dictionary, and right-to-left labels that are written
as one sees them, from left to right. A dictionary is checked by itself, and against the one that a
model was trained with.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from balance.checks.findings import Finding, Findings
from balance.checks.sets import LineSet
from textlines.defects import of_checks, of_lines
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import name_of, some_of
from textlines.labels.coverage import foreign
from textlines.labels.label_file import LabelLine
from textlines.profile.affixes import amount_words, edge_words, label_edges
from textlines.rules.line_rules import check_line
from textlines.wording import Sentence, arranged, joined, say, say_n

Sizes = Mapping[str, tuple[int, int]]
"""(width, height) in pixels by the image's path on the disk."""


def check_labels(
    line_set: LineSet,
    alphabet: Alphabet,
    findings: Findings,
    *,
    max_length: int,
    sizes: Sizes | None = None,
) -> None:
    """Check every label against the dictionary, the length limit and its image's width.

    Args:
        alphabet: of the model; an assumed one holds every character, so that only a given
            dictionary finds characters outside.
        sizes: of the images that could be read; without it the CTC rule is not asked.
    """
    for line in line_set.lines:
        width = height = None
        if sizes is not None:
            width, height = sizes.get(line_set.image(line), (None, None))
        if width is None or height is None:
            faults = check_line(line.label, alphabet, max_length=max_length)
        else:
            faults = check_line(
                line.label, alphabet, max_length=max_length, width_px=width, height_px=height
            )
        for fault in faults:
            detail = fault.detail
            if fault.defect is of_lines.OUTSIDE_DICTIONARY and (
                help_ := _look_alike_help(line.label, alphabet)
            ):
                detail = joined("; ", [detail, help_])
            findings.add(line_set.finding(fault.defect, line, detail))


def check_habits(line_set: LineSet, findings: Findings) -> None:
    """Report, once a set, what nearly all of its labels begin or end with.

    Only a reading shows whether the crops have it too: `check_noise` asks one.
    """
    labels = [line.label for line in line_set.lines]
    for text, at_end, count in label_edges(labels):
        detail = arranged(
            "{amount} {what}",
            amount=amount_words(count, len(labels), say("labels")),
            what=edge_words([(text, at_end)]),
        )
        findings.add(Finding(of_checks.LABEL_EDGE, line_set.name, detail=detail))


def _look_alike_help(label: str, alphabet: Alphabet) -> Sentence:
    """Name letters of the dictionary that look like those it lacks."""
    helps = []
    for char in alphabet.missing(label):
        if alphabet.suggest(char):
            continue
        held = [other for other in look_alikes(char) if alphabet.holds(other)]
        if held:
            helps.append(
                say(
                    "{char!r} looks like {others}, which it has",
                    char=char,
                    others=joined(say(" or "), map(repr, held)),
                )
            )
    return some_of(helps, "; ")


# Upper and lower case that are drawn alike in nearly every face, after Unicode's confusables
# (UTS #39), cut to what keyboards and OCR mix up in labels.
_LOOK_ALIKES = (
    ("A", "АΑ"), ("B", "ВΒ"), ("C", "СϹ"), ("E", "ЕΕ"), ("H", "НΗ"), ("I", "ІΙ"),
    ("J", "Ј"), ("K", "КΚ"), ("M", "МΜ"), ("N", "Ν"), ("O", "ОΟ"), ("P", "РΡ"),
    ("S", "Ѕ"), ("T", "ТΤ"), ("X", "ХΧ"), ("Y", "ҮΥ"), ("Z", "Ζ"),
    ("a", "а"), ("c", "сϲ"), ("e", "е"), ("i", "і"), ("j", "ј"), ("o", "оο"),
    ("p", "рρ"), ("s", "ѕ"), ("v", "ν"), ("x", "х"), ("y", "у"),
    ("l", "ⅼӏ"), ("µ", "μ"), ("Ω", "Ω"), ("Å", "Å"),
    ("一", "ー"), ("二", "ニ"), ("口", "ロ"), ("力", "カ"), ("工", "エ"), ("卜", "ト"),
    ("八", "ハ"), ("夕", "タ"),
)  # fmt: skip

_ALIKE: dict[str, tuple[str, ...]] = {}
for _first, _others in _LOOK_ALIKES:
    _group = (_first, *_others)
    for _char in _group:
        _ALIKE[_char] = tuple(other for other in _group if other != _char)


def look_alikes(char: str) -> tuple[str, ...]:
    """Return the characters that look like this one; () for most.

    >>> look_alikes("О"), look_alikes("값")
    (('O', 'Ο'), ())
    """
    return _ALIKE.get(char, ())


_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Hebrew letters that take this form at the end of a word only.
_FINAL = "ךםןףץ"
_HEBREW = re.compile("[\u05d0-\u05ea]{2,}")
_ARABIC = re.compile("[\u0620-\u064a]{3,}")
# Teh marbuta and alef maksura end a word; the article begins one.
_ARABIC_LAST = "ةى"
_ARTICLE = "ال"


def order_votes(label: str) -> int:
    """Weigh the signs of reading order: above 0 logical, below 0 visual, 0 cannot tell.

    Hebrew final forms and Arabic teh marbuta stand at the end of a word in logical order, the
    Arabic article at its start; reversed text has them the other way round.

    >>> order_votes("שלום"), order_votes("םולש"), order_votes("ABC")
    (1, -1, 0)
    """
    if label.isascii() or not _RTL.search(label):
        return 0
    votes = 0
    for word in _HEBREW.findall(label):
        votes += (word[-1] in _FINAL) - (word[0] in _FINAL)
    for word in _ARABIC.findall(label):
        votes += (word[-1] in _ARABIC_LAST) - (word[0] in _ARABIC_LAST)
        votes += word.startswith(_ARTICLE) - word.endswith(_ARTICLE[::-1])
    return votes


def check_order(line_set: LineSet, findings: Findings) -> None:
    """Report labels in visual order, and a set that mixes both orders."""
    if not any(map(_RTL.match, set().union(*(line.label for line in line_set.lines)))):
        return
    logical = 0
    visual: list[LabelLine] = []
    for line in line_set.lines:
        votes = order_votes(line.label)
        logical += votes > 0
        if votes < 0:
            visual.append(line)
    # A single odd word (a name, an acronym) is no evidence about a set.
    if len(visual) < max(2, 0.02 * (logical + len(visual))):
        return
    for line in visual:
        findings.add(line_set.finding(of_checks.VISUAL_ORDER, line))
    if logical >= max(2, 0.02 * (logical + len(visual))):
        detail = say(
            "{logical:,} in logical order, {visual:,} in visual order",
            logical=logical,
            visual=len(visual),
        )
        findings.add(Finding(of_checks.ORDER_MIXED, line_set.name, detail=detail))


def check_dictionary(path: Path, alphabet: Alphabet, findings: Findings) -> None:
    """Report duplicates, blank lines, white space and control characters with their lines.

    A line of white space is an entry that labels encode to, and no blank line. Entries that are not
    composed are counted in a note: models were trained with them.
    """
    file = str(path)
    is_text = path.suffix.lower() not in (".yml", ".yaml")
    first: dict[str, int] = {}
    unreached = alphabet.unreached
    for number, entry in enumerate(alphabet.entries, 1):
        line = number if is_text else 0

        def worded(words: str, number: int = number) -> Sentence:
            """Name the entry where no line does."""
            if is_text:
                return arranged("{words}", words=words)
            return say("entry {number}: {words}", number=number, words=words)

        if not entry:
            findings.add(Finding(of_checks.DICTIONARY_BLANK, file, line, worded(say("nothing"))))
        elif entry in first:
            detail = worded(
                say("{entry!r} stands at {place} already", entry=entry, place=first[entry])
            )
            findings.add(Finding(of_checks.DICTIONARY_DUPLICATE, file, line, detail))
        elif unreached.get(number) == "control":
            findings.add(Finding(of_checks.DICTIONARY_CONTROL, file, line, worded(repr(entry))))
        elif unreached.get(number) == "space_twice":
            last = len(alphabet.entries) + 1
            detail = worded(say("class {number:,} and class {last:,}", number=number, last=last))
            findings.add(Finding(of_checks.DICTIONARY_SPACE_TWICE, file, line, detail))
        elif entry.isspace():
            detail = worded(" ".join(map(name_of, entry)))
            findings.add(Finding(of_checks.DICTIONARY_SPACE, file, line, detail))
        first.setdefault(entry, number)
    oddities = alphabet.oddities()
    for reason in ("bom", "crlf"):
        if oddities.get(reason):
            findings.add(
                Finding(
                    of_checks.DICTIONARY_FILE,
                    file,
                    0,
                    arranged("{reason}: {count:,}", reason=reason, count=oddities[reason]),
                )
            )
    if oddities.get("not_nfc"):
        findings.add(
            Finding(
                of_checks.DICTIONARY_NFC,
                file,
                0,
                say_n("{n:,} entry", "{n:,} entries", oddities["not_nfc"]),
            )
        )


def check_labels_held(
    path: Path, alphabet: Alphabet, labels: Iterable[str], findings: Findings
) -> None:
    """Report a dictionary that can write few of the labels: it is that of another model."""
    detail = foreign(alphabet, labels)
    if detail:
        findings.add(Finding(of_checks.DICTIONARY_FOREIGN, str(path), 0, detail))


def check_change(
    path: Path, entries: Sequence[str], base: Sequence[str], named: str, findings: Findings
) -> None:
    """Compare a dictionary with the one of the base model, position by position.

    Args:
        path, entries: the dictionary to train with.
        base: entries of the base model's dictionary.
        named: where those come from, for the message.
    """
    if tuple(entries) == tuple(base):
        return
    kept = sum(old == new for old, new in zip(base, entries, strict=False))
    added = len(set(entries) - set(base))
    if kept < len(base):
        at = next(
            (n for n, (old, new) in enumerate(zip(base, entries, strict=False), 1) if old != new),
            min(len(base), len(entries)) + 1,
        )
        detail = say_n(
            "{moved:,} of the {n:,} entry of {name}, from {at} on",
            "{moved:,} of the {n:,} entries of {name}, from {at} on",
            len(base),
            moved=len(base) - kept,
            name=named,
            at=at,
        )
        findings.add(Finding(of_checks.DICTIONARY_MOVED, str(path), 0, detail))
    detail = say_n(
        "{n:,} entry, {name} has {base:,}; new: {added:,}",
        "{n:,} entries, {name} has {base:,}; new: {added:,}",
        len(entries),
        name=named,
        base=len(base),
        added=added,
    )
    findings.add(Finding(of_checks.DICTIONARY_CHANGED, str(path), 0, detail))
