"""`profile.json`: what a model misread, character by character."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge

from textlines.files import replacing
from textlines.formats.contract import (
    Contract,
    Document,
    check_version,
    read_document,
    validated,
)
from textlines.formats.reading_rules import RuleSearch
from textlines.labels.alphabet import Alphabet
from textlines.wilson import wilson
from textlines.wording import UNSAID, Sentence

VERSION = 2
"""Of the file. Version 1 is read too: see `load_profile`. Any other is refused."""

UNPROVEN_WIDTH = 0.3
"""An interval wider than this says too little about a character that may still be well read."""

WELL_READ = 0.95
"""What has an upper bound of recall below this is weak: it is proven to be misread, however wide
the interval. Of 19 places with 8 misread nobody knows how weak a character is, but weak it is."""

KIND = Document("the profile", "an error profile", "Make it again with `train mine`.")

Interval = tuple[float, float]
Proof = Literal["own", "parts", ""]
PartPlace = Literal["initial", "medial", "final", "glyph"]
"""Of a Hangul syllable: 초성, 중성, 받침; "glyph" is of Han characters that look alike."""


class AlphabetRecord(Contract):
    """The alphabet that the model reads with; `assumed` when no dictionary was given."""

    entries: tuple[str, ...]
    use_space_char: bool
    sha256: str
    assumed: bool

    def known(self) -> Alphabet | None:
        """Return the model's alphabet; None where no dictionary was given."""
        return None if self.assumed else Alphabet(self.entries, self.use_space_char)


class CharacterRow(Contract):
    """How one character of the label was read.

    Attributes:
        char: one entry of the alphabet, NFC.
        support: occurrences in the labels. right: how many of them were read right.
        recall: right / support. interval: Wilson, 95 %.
        gain: expected gain, use x (1 - upper bound of recall), with use = support: how many
            misreadings in lines like these a cure would take away, at the least. The bound is
            the lower one of `interval` and `pooled`.
        proof: what tells how it is read. "own": its own counts do: the interval is no wider than
            0.3, or its upper bound lies below 0.95. "parts": the parts of the syllable do (of a Han
            character those that look like it), as the upper bound of `pooled` lies below 0.95. "":
            nothing does, and it may be well read.
        pooled: for a Hangul syllable with a weak part, and for Han of a weak group, the interval
            of its recall by partial pooling: from its own cases and those of the others.
        conventional: how many of `right` were read in another form, or not at all, as a convention
            explains.
        confusions: what was read instead, with counts, most frequent first; without conventions.
        deletions: how often nothing was read instead.
        jamo: for a Hangul syllable, what part of it was misread, with counts:
            "initial ㄱ→ㄲ", "medial ㅏ→ㅑ", "final ㅄ→ㅂ" (final: 받침), "final ㅂ→none",
            "no final→ㄴ".
    """

    char: str
    support: int
    right: int
    recall: float
    interval: Interval
    gain: float
    confusions: Mapping[str, int]
    deletions: int
    conventional: int = 0
    jamo: Mapping[str, int] = {}
    proof: Proof = ""
    pooled: Interval | None = None

    @property
    def upper(self) -> float:
        """Return the upper bound of its recall, by its own counts or by its parts."""
        return min(self.interval[1], self.pooled[1] if self.pooled else 1.0)


class PartRow(Contract):
    """How a part was read over all syllables that have it, or Han characters that look alike.

    Only places where a syllable was read as a syllable tell (Han as Han): where nothing or another
    sign was read, no part is to blame.

    Attributes:
        place: initial (초성), medial (중성) or final (받침); "glyph" for a group of Han.
        part: one letter, a final of two consonants too (ㅄ); "" for a syllable without a final. Of
            a group all members, seen or not (己已巳); misread is what was read as another of them.
        seen, misread: occurrences in the labels that tell, and those whose part was misread.
        recall: 1 - misread / seen. interval: of it, Wilson, 95 %.
        across: the same across syllables, of as many cases as the ones seen are worth there: those
            in one syllable are alike, and tell of it first of all.
        gain: seen x (1 - upper bound of recall), the one of `interval`.
        confusions: the part (of a group the member) that was read instead, with counts, most
            frequent first.
        syllables: how many different ones were seen. misread_in: in how many of them it was
            misread.
        alike: how many cases of other syllables count for a syllable's own: many where they are
            all misread alike, few where the fault is one syllable's.
    """

    place: PartPlace
    part: str
    seen: int
    misread: int
    recall: float
    interval: Interval
    across: Interval
    gain: float
    confusions: Mapping[str, int]
    syllables: int
    misread_in: int
    alike: float

    @property
    def is_weak(self) -> bool:
        """Whether its recall across syllables is proven to lie below `WELL_READ`."""
        return self.across[1] < WELL_READ


class SpaceRow(Contract):
    """How spaces were read: apart, because most metrics ignore them.

    Attributes:
        conventional: how many of `right` a convention explains, as in `CharacterRow`.
    """

    support: int
    right: int
    deletions: int
    insertions: int
    conventional: int = 0
    confusions: Mapping[str, int] = {}

    @property
    def interval(self) -> Interval:
        """Bound the recall (Wilson, 95 %)."""
        return wilson(self.right, self.support)

    @property
    def are_lost(self) -> bool:
        """Whether some are surely misread, and more of them are lost than put in.

        >>> SpaceRow(support=1323, right=891, deletions=430, insertions=30).are_lost
        True
        """
        return self.deletions > self.insertions and self.interval[1] < 1


class LineFigures(Contract):
    """Shares of lines (0..1) read right under several comparisons.

    Attributes:
        nospace: with all spaces taken out of both texts.
        agreed: with the conventions set aside; None in a profile that did not look for any.
        character_accuracy: mean over the lines of 1 - edits / length of the longer text
            (PaddleOCR's norm_edit_dis, spaces counted).
        edits: in all lines together.
    """

    lines: int
    exact: float
    casefold: float
    nospace: float
    character_accuracy: float
    edits: int
    agreed: float | None = None


class Convention(Contract):
    """Something that no training image can mend, with what to do instead.

    Attributes:
        chars: the character; "label→read" for a pair; "NFC" for the normal form; for an affix the
            beginning, an ellipsis and the end.
        count, of: how often it was seen, and out of how many chances: characters of the
            label; lines for affix and inserted_everywhere; texts for the normal form.
        words: what it is, in a sentence without its full stop; "" in older profiles.
    """

    kind: Literal[
        "out_of_dictionary",
        "inserted_everywhere",
        "width_form",
        "capitals",
        "other_form",
        "one_for_several",
        "affix",
    ]
    chars: str
    count: int
    of: int
    advice: Sentence
    words: Sentence = UNSAID


class ErrorProfile(Contract):
    """What a model misread, character by character.

    Attributes:
        ranked: all characters by falling expected gain; `proof` says what tells of each.
        parts: those of Hangul syllables, by falling gain.
        insertions: what was read where the label holds nothing; these have no target
            character and raise the weight of a style's distractors instead.
        max_text_length: the longest label that the model can be trained on.
        marks: crops that a person marked, by mark, with counts.
        suspected: misread lines whose label may be wrong; they count all the same.
        counts: what was left out, matched loosely or changed on the way, by reason.
        out_of_fold: folds that the readings are of: each line was read by a model that was not
            trained on it. 0 where one model read all.
        rules: what rules would gain without any training; None in a profile that did not look.
        model: what made the readings. inputs: the files read, with sha256. versions: of what
            made the profile.
    """

    version: Literal[2] = 2
    alphabet: AlphabetRecord
    max_text_length: int
    ranked: tuple[CharacterRow, ...]
    insertions: Mapping[str, int]
    spaces: SpaceRow
    lines: LineFigures
    parts: tuple[PartRow, ...] = ()
    conventions: tuple[Convention, ...] = ()
    marks: Mapping[str, int] = {}
    suspected: int = 0
    rules: RuleSearch | None = None
    counts: Mapping[str, int] = {}
    out_of_fold: Annotated[int, Ge(0)] = 0
    model: str = ""
    inputs: Mapping[str, str] = {}
    versions: Mapping[str, str] = {}

    @property
    def unproven(self) -> tuple[CharacterRow, ...]:
        """Return the characters of `ranked` that may be well read, for all that is known."""
        return tuple(row for row in self.ranked if not row.proof)


def is_told(interval: Interval) -> bool:
    """Whether counts tell how a character is read: see `CharacterRow.proof`.

    >>> is_told((0.36, 0.77)), is_told((0.5, 0.96)), is_told((0.9, 0.98))
    (True, False, True)
    """
    return interval[1] < WELL_READ or interval[1] - interval[0] <= UNPROVEN_WIDTH


def save_profile(profile: ErrorProfile, path: Path) -> None:
    """Write a profile, whole or not at all: JSON, UTF-8, the same bytes for the same profile.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(profile_text(profile))


def profile_text(profile: ErrorProfile) -> str:
    """Return the content of a profile's file."""
    return json.dumps(profile.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def profile_sha256(profile: ErrorProfile) -> str:
    """Hash what `save_profile` writes, in hexadecimal."""
    return hashlib.sha256(profile_text(profile).encode()).hexdigest()


def load_profile(path: Path) -> ErrorProfile:
    """Read a profile.

    One of version 1, which kept characters of wide intervals in a list of their own, is read by
    today's rule: all in one list, and proven as their intervals say. It holds no parts.

    Raises:
        InputError: the file is not there, no JSON, no profile, of another version, or holds
            unknown or wrong values; each is named.
    """
    content = read_document(path, KIND)
    is_old = type(content.get("version")) is int and content["version"] == 1
    if is_old:
        content = _as_version_2(content)
    check_version(content, path, KIND, VERSION)
    profile = validated(ErrorProfile, content, path, KIND)
    return _told_by_intervals(profile) if is_old else profile


def _as_version_2(content: Mapping[str, Any]) -> dict[str, Any]:
    """Put both lists of a profile of version 1 into one; what is no list is left to be refused."""
    lists = [content.get(name, []) for name in ("ranked", "unproven")]
    changed = {name: value for name, value in content.items() if name != "unproven"}
    if all(isinstance(one, list) for one in lists) and "ranked" in content:
        changed["ranked"] = [row for one in lists for row in one]
    return changed | {"version": VERSION}


def _told_by_intervals(profile: ErrorProfile) -> ErrorProfile:
    rows = [
        row.model_copy(update={"proof": "own" if is_told(row.interval) else ""})
        for row in profile.ranked
    ]
    return profile.model_copy(update={"ranked": tuple(sorted(rows, key=by_gain))})


def by_gain(row: CharacterRow) -> tuple[float, int, int, str]:
    """Return what rows are sorted by: falling gain, then misreadings, support and character."""
    return -row.gain, row.right - row.support, -row.support, row.char
