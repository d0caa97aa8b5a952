"""What is wrong with a dictionary, and how it differs from the one a model was trained with."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from balance.checks.findings import Finding, Findings
from textlines.defects import of_checks
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import name_of
from textlines.labels.coverage import foreign
from textlines.wording import Sentence, arranged, say


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

        def told(words: str, number: int = number) -> Sentence:
            """Name the entry where no line does."""
            if is_text:
                return arranged("{words}", words=words)
            return say("entry {number}: {words}", number=number, words=words)

        if not entry:
            findings.add(Finding(of_checks.DICTIONARY_BLANK, file, line, told(say("nothing"))))
        elif entry in first:
            detail = told(
                say("{entry!r} stands at {place} already", entry=entry, place=first[entry])
            )
            findings.add(Finding(of_checks.DICTIONARY_DUPLICATE, file, line, detail))
        elif unreached.get(number) == "control":
            findings.add(Finding(of_checks.DICTIONARY_CONTROL, file, line, told(repr(entry))))
        elif unreached.get(number) == "space_twice":
            last = len(alphabet.entries) + 1
            detail = told(say("class {number:,} and class {last:,}", number=number, last=last))
            findings.add(Finding(of_checks.DICTIONARY_SPACE_TWICE, file, line, detail))
        elif entry.isspace():
            detail = told(" ".join(map(name_of, entry)))
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
                say("{count:,} entries", count=oddities["not_nfc"]),
            )
        )


def check_labels_held(
    path: Path, alphabet: Alphabet, labels: Iterable[str], findings: Findings
) -> None:
    """Report a dictionary that can write few of the labels: it is that of another model."""
    told = foreign(alphabet, labels)
    if told:
        findings.add(Finding(of_checks.DICTIONARY_FOREIGN, str(path), 0, told))


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
        detail = say(
            "{moved:,} of the {all:,} entries of {name}, from {at} on",
            moved=len(base) - kept,
            all=len(base),
            name=named,
            at=at,
        )
        findings.add(Finding(of_checks.DICTIONARY_MOVED, str(path), 0, detail))
    detail = say(
        "{count:,} entries, {name} has {base:,}; {added:,} are new",
        count=len(entries),
        name=named,
        base=len(base),
        added=added,
    )
    findings.add(Finding(of_checks.DICTIONARY_CHANGED, str(path), 0, detail))
