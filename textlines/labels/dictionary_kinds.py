"""What a file that is named as a dictionary is instead: a label file, a corpus, a log.

Any text has lines, and each would be a class. PaddleOCR's dictionaries of all its versions and
languages hold one character on nearly every line, and where they hold more it is one written sign
(a Bengali conjunct, a flag) or a few tags; none has text on both sides of a space or a tab.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from unicodedata import category, combining, normalize

from textlines.errors import InputError
from textlines.parsing import parse_json
from textlines.wording.counts import count_of, form_of

ONE_A_LINE = "Name a dictionary, one entry a line."

FORMULAS = 0.1
"""Share of entries that are commands of LaTeX; PaddleOCR's `latex_symbol_dict.txt` has a third."""

SPACED = 0.05
"""Share of entries with a space between texts; no dictionary of PaddleOCR's has one of them."""

LINE_LENGTH = 8
"""Signs of the middle entry from which on the lines are sentences, not words."""

_IMAGE = re.compile(r"\.(jpe?g|png|bmp|tiff?|webp|gif)\b", re.IGNORECASE)
_KEYED = re.compile(r"\s*(- )?[\w.-]+:(\s|$)|\s*- \S")
_LOGGED = re.compile(
    r"\W*\d{4}[-/.]\d\d[-/.]\d\d\b|\W*\d\d:\d\d:\d\d\b|.{0,40}\b(DEBUG|INFO|WARN(ING)?|ERROR)\b"
)
_COMMAND = re.compile(r"\\[A-Za-z]{2,}$")
_TAG = re.compile(r"\s*</?[a-z]+[> ]?|\s*[a-z]+=|>$")
_CELLS = re.compile(r"[^,;|]+[,;|][^,;|]+")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Misfit:
    """What a file looks like, with the evidence, and what to do."""

    what: str
    mend: str = ONE_A_LINE

    def at(self, where: str) -> InputError:
        """Return the error for a file."""
        return InputError(where, f"is no dictionary: it looks like {self.what}", self.mend)


def misfit(text: str, entries: Sequence[str]) -> Misfit | None:
    r"""Return what the lines of a file are, if they are no entries of a recognizer's dictionary.

    Args:
        text: of the whole file. entries: its lines.

    >>> misfit("a.jpg\t값\nb.jpg\t1\n", ["a.jpg\t값", "b.jpg\t1"]).what
    "a label file (2 of its 2 lines hold a tab between texts; the first is 'a.jpg\\t값')"
    >>> misfit("a\n값\n \nab\n", ["a", "값", " ", "ab"]) is None
    True
    """
    filled = [entry for entry in entries if entry.strip()]
    if not filled:
        return None
    return (
        _json(text, filled)
        or _table(filled)
        or _lines_like(filled, _KEYED, "a YAML file", "Name it with its ending: .yml.", least=3)
        or _lines_like(filled, _LOGGED, "a log", ONE_A_LINE, least=2)
        or _formulas(filled)
        or _single(filled)
        or _words(filled)
    )


def units(entry: str) -> int:
    """Count the written signs of an entry: marks, joiners and joined consonants are of one.

    White space around them does not count: hands leave it behind an entry.

    >>> units("값"), units("क्ष"), units("ab"), units("e\u0301")
    (1, 1, 2, 1)
    """
    count, is_joined = 0, False
    for char in normalize("NFC", entry.strip()):
        # 9 is the class of viramas, by which Indic consonants make one sign.
        if combining(char) == 9 or char == "\u200d":
            is_joined = True
        elif category(char)[0] != "M" and char != "\u200c":
            count += not is_joined
            is_joined = False
    return count


def _json(text: str, filled: Sequence[str]) -> Misfit | None:
    first = filled[0].strip()
    if first[0] not in "{[":
        return None
    for part, what in ((text, "JSON"), (first, "JSON lines, as predictions and manifests are")):
        try:
            content = parse_json(part, "", "", "")
        except InputError:
            continue
        # `{}` and `[]` are two characters each that a dictionary may begin with.
        if isinstance(content, dict) and content:
            if {"model", "added_tokens_decoder", "added_tokens"} & content.keys():
                return Misfit(
                    "the tokenizer of a formula or document model (JSON)",
                    "Such models read no text lines by CTC. " + ONE_A_LINE,
                )
            return Misfit(what)
        if isinstance(content, list) and content:
            return Misfit(what)
    return None


def _table(filled: Sequence[str]) -> Misfit | None:
    # 'p\t' is an entry of ten dictionaries of PaddleOCR's: a tab counts between texts alone.
    tabbed = [entry for entry in filled if "\t" in entry.strip()]
    if tabbed:
        images = sum(bool(_IMAGE.search(entry.split("\t")[0])) for entry in tabbed)
        named = "a label file" if 2 * images >= len(tabbed) else "a table"
        hold = form_of(len(tabbed), "holds", "hold")
        told = f"{len(tabbed):,} of its {count_of(len(filled), 'line')} {hold} a tab between texts"
        return Misfit(f"{named} ({told}; the first is {_shown(tabbed[0])})")
    listed = [entry for entry in filled if _IMAGE.search(entry)]
    if len(filled) > 1 and 2 * len(listed) > len(filled):
        return Misfit(f"a list of images ({_shown(listed[0])})")
    return _lines_like(filled, _CELLS, "a table", ONE_A_LINE, least=2)


def _lines_like(
    filled: Sequence[str], pattern: "re.Pattern[str]", what: str, mend: str, *, least: int
) -> Misfit | None:
    """Return the misfit if lines match: more than half of all, and `least` at the least."""
    found = [entry for entry in filled if pattern.match(entry)]
    if len(found) < least or 2 * len(found) <= len(filled):
        return None
    told = f"{len(found):,} of its {count_of(len(filled), 'line')}"
    return Misfit(f"{what} ({told}; the first is {_shown(found[0])})", mend)


def _formulas(filled: Sequence[str]) -> Misfit | None:
    commands = [entry for entry in filled if _COMMAND.match(entry)]
    if len(commands) < 3 or len(commands) < FORMULAS * len(filled):
        return None
    told = f"{len(commands):,} of its {count_of(len(filled), 'line')} are commands of LaTeX"
    return Misfit(
        f"the dictionary of a formula model ({told}; the first is {_shown(commands[0])})",
        "Such models read no text lines by CTC. " + ONE_A_LINE,
    )


def _single(filled: Sequence[str]) -> Misfit | None:
    if len(filled) > 1 or units(filled[0]) < 2:
        return None
    return Misfit(
        f"one line of text ({_shown(filled[0])})",
        "Write each of its characters to a line of its own.",
    )


def _words(filled: Sequence[str]) -> Misfit | None:
    spaced = [entry for entry in filled if len(entry.split()) > 1]
    if len(spaced) > max(1, SPACED * len(filled)):
        told = f"{len(spaced):,} of its {count_of(len(filled), 'line')} hold a space between words"
        return Misfit(f"lines of text ({told}; the first is {_shown(spaced[0])})")
    counts = list(map(units, filled))
    several = sum(count > 1 for count in counts)
    if 2 * several <= len(filled):
        return None
    told = f"{several:,} of its {count_of(len(filled), 'line')} hold several characters"
    first = next(entry for entry, count in zip(filled, counts, strict=True) if count > 1)
    tags = sum(bool(_TAG.match(entry)) for entry in filled)
    what = "lines of text" if median(counts) >= LINE_LENGTH else "a list of words"
    if 2 * tags > len(filled):
        what = "the dictionary of a table model, of HTML tags"
    return Misfit(f"{what} ({told}; the first is {_shown(first)})")


def _shown(entry: str) -> str:
    return repr(entry if len(entry) <= _SHOWN else entry[:_SHOWN] + "…")
