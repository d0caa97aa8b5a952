"""What is wrong with one labelled line, one code for each defect."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import is_normalized, normalize

from textlines.defects import Defect, of_lines
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import MAX_LENGTH, name_of, some_of
from textlines.pixels.resize import HEIGHT, LEAST_WIDTH, STRIDE, time_steps
from textlines.wording import Sentence, joined, say, say_n


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of one line, and the particulars in words."""

    defect: Defect
    detail: Sentence

    @property
    def code(self) -> str:
        """Name the defect."""
        return self.defect.code


_CONTROL = "\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# U+115F and U+1160, fillers without ink, are among the zero-width ones.
_CONJOINING = "\u1100-\u115e\u1161-\u11ff\ua960-\ua97c\ud7b0-\ud7fb"
_COMPATIBLE = "\u3131-\u318e\uffa0-\uffdc"
_ZERO_WIDTH = "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_HARD_SPACE = "\u00a0\u2007\u202f"

_CLASSES: tuple[tuple[Defect, re.Pattern[str]], ...] = (
    (of_lines.CONTROL, re.compile(f"[{_CONTROL}]")),
    (of_lines.LOOSE_JAMO, re.compile(f"[{_CONJOINING}]")),
    (of_lines.COMPAT_JAMO, re.compile(f"[{_COMPATIBLE}]")),
    (of_lines.ZERO_WIDTH, re.compile(f"[{_ZERO_WIDTH}]")),
    (of_lines.NBSP, re.compile(f"[{_HARD_SPACE}]")),
)
_SUSPECT = re.compile(f"[{_CONTROL}{_CONJOINING}{_COMPATIBLE}{_ZERO_WIDTH}{_HARD_SPACE}]")

# Persian and Indic spelling needs these two; zero width is no fault in such a label.
_JOINERS = "\u200c\u200d"


def check_line(
    label: str,
    alphabet: Alphabet,
    *,
    max_length: int = MAX_LENGTH,
    width_px: int | None = None,
    height_px: int = HEIGHT,
    least_width_px: int = LEAST_WIDTH,
) -> tuple[Finding, ...]:
    """Check one label against an alphabet, a length limit and the size of its image.

    Args:
        label: as it stands in the label file, composed or not.
        alphabet: of the model that is to be trained.
        max_length: in code points of the composed label, as PaddleOCR counts.
        width_px, height_px: of the image; without a width the CTC rule is not asked.
        least_width_px: narrower images are padded to this width at height 48.

    Returns:
        One finding for each defect; () for a clean line.

    >>> [f.code for f in check_line("1O ", Alphabet(("1", "0")))]
    ['trailing_space', 'outside_dictionary']
    >>> check_line("10", Alphabet(("1", "0")), width_px=96)
    ()
    """
    if _is_clean(label, alphabet, max_length) and (
        # Repeats at most double the steps, and no image has fewer than the least width gives.
        width_px is None or 2 * len(label) - 1 <= least_width_px // STRIDE
    ):
        return ()
    steps = None
    if width_px is not None:
        steps = time_steps(width_px, height_px, least=least_width_px)
    return _check_all(label, alphabet, max_length, steps)


def _is_clean(label: str, alphabet: Alphabet, max_length: int) -> bool:
    """Return whether a label is clean at a glance; False may be wrong.

    Nine of ten labels are clean, and files hold millions.
    """
    if not 0 < len(label) <= max_length or not alphabet.single.issuperset(label):
        return False
    if " " in label and (label[0] == " " or label[-1] == " " or "  " in label):
        return False
    if label.isascii():
        return label.isprintable()
    return not _SUSPECT.search(label) and is_normalized("NFC", label)


def _check_all(
    label: str, alphabet: Alphabet, max_length: int, steps: int | None
) -> tuple[Finding, ...]:
    text = normalize("NFC", label)
    if not text.strip():
        what = (
            say_n(
                "{n} blank character and nothing else",
                "{n} blank characters and nothing else",
                len(text),
            )
            if text
            else say("no character")
        )
        return (Finding(of_lines.EMPTY, what),)
    found: list[Finding] = []
    if text != label:
        found.append(
            Finding(
                of_lines.NFD,
                say_n(
                    "composed it has {n} character, not {own}",
                    "composed it has {n} characters, not {own}",
                    len(text),
                    own=len(label),
                ),
            )
        )
    if _SUSPECT.search(text):
        for defect, pattern in _CLASSES:
            hits = dict.fromkeys(pattern.findall(text))
            if defect is of_lines.ZERO_WIDTH:
                hits = {c: None for c in hits if c not in _JOINERS or c not in alphabet.single}
            if hits:
                found.append(Finding(defect, some_of([*map(name_of, hits)])))
    found += _space_findings(text)
    missing = alphabet.missing(text)
    if missing:
        told = some_of([*_with_help(missing, alphabet)], "; ")
        found.append(Finding(of_lines.OUTSIDE_DICTIONARY, told))
    if len(text) > max_length:
        found.append(
            Finding(
                of_lines.TOO_LONG,
                say("{count} characters, at most {most}", count=len(text), most=max_length),
            )
        )
    if steps is not None:
        needed = ctc_steps(text, alphabet)
        if needed > steps:
            found.append(
                Finding(
                    of_lines.CTC_INFEASIBLE,
                    say_n(
                        "needs {n} time step, has {steps}",
                        "needs {n} time steps, has {steps}",
                        needed,
                        steps=steps,
                    ),
                )
            )
    return tuple(found)


def _space_findings(text: str) -> list[Finding]:
    found = []
    if text[0] == " ":
        found.append(
            Finding(
                of_lines.LEADING_SPACE,
                say("{count} at the start", count=len(text) - len(text.lstrip(" "))),
            )
        )
    if text[-1] == " ":
        found.append(
            Finding(
                of_lines.TRAILING_SPACE,
                say("{count} at the end", count=len(text) - len(text.rstrip(" "))),
            )
        )
    inner = text.strip(" ")
    if "  " in inner:
        found.append(
            Finding(
                of_lines.DOUBLE_SPACE,
                say("at character {place}", place=text.index(inner) + inner.index("  ") + 1),
            )
        )
    return found


def _with_help(missing: Iterable[str], alphabet: Alphabet) -> Iterator[str]:
    """Name each missing character with what the dictionary holds in its place."""
    for char in missing:
        forms = alphabet.suggest(char)
        if forms:
            yield say(
                "{char!r} ({name}), the dictionary has {forms}",
                char=char,
                name=name_of(char),
                forms=joined(say(" or "), map(repr, forms)),
            )
        else:
            yield f"{char!r} ({name_of(char)})"


def ctc_steps(text: str, alphabet: Alphabet) -> int:
    """Count the time steps that CTC needs: one a class, one more between two equal ones.

    Characters outside the dictionary count as one class each.

    >>> ctc_steps("100", Alphabet(("1", "0")))
    4
    """
    classes = [number or piece for piece, number in alphabet.pieces(text)]
    return len(classes) + sum(a == b for a, b in pairwise(classes))
