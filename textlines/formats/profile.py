"""`profile.json`: what a model misread, character by character."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

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

VERSION = 1
"""Of the file. A profile of another version is refused."""

KIND = Document("the profile", "an error profile", "Make it again with `train mine`.")

Interval = tuple[float, float]


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
    """How one character of the truth was read.

    Attributes:
        char: one entry of the alphabet, NFC.
        support: occurrences in the truths. right: how many of them were read right.
        recall: right / support. interval: Wilson, 95 %.
        gain: expected gain, use x (1 - upper bound of recall), with use = support: how many
            misreadings in lines like these a cure would take away, at the least.
        conventional: how many of `right` were read in another form, or not at all, as a convention
            explains.
        confusions: what was read instead, with counts, most frequent first; without conventions.
        deletions: how often nothing was read instead.
        jamo: for a Hangul syllable, what part of it was misread, with counts:
            "initial ㄱ→ㄲ", "medial ㅏ→ㅑ", "final ㅂㅅ→ㅂ" (final: 받침), "final ㅂ→none",
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
        """Tell whether some are surely misread, and more of them are lost than put in.

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
        chars: the character; "truth→read" for a pair; "NFC" for the normal form; for an affix the
            beginning, an ellipsis and the end.
        count, of: how often it was seen, and out of how many chances: characters of the
            truth; lines for affix and inserted_everywhere; texts for the normal form.
        words: what it is, in a sentence without its full stop; "" in older profiles.
    """

    kind: Literal[
        "out_of_dictionary", "inserted_everywhere", "width_form", "capitals", "other_form", "affix"
    ]
    chars: str
    count: int
    of: int
    advice: str
    words: str = ""


class ErrorProfile(Contract):
    """What a model misread, character by character.

    Attributes:
        ranked: characters with enough support to tell, by falling expected gain.
        unproven: characters whose interval is wider than 0.3: too little support to tell.
        insertions: what was read where the truth holds nothing; these have no target
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

    version: Literal[1] = 1
    alphabet: AlphabetRecord
    max_text_length: int
    ranked: tuple[CharacterRow, ...]
    unproven: tuple[CharacterRow, ...]
    insertions: Mapping[str, int]
    spaces: SpaceRow
    lines: LineFigures
    conventions: tuple[Convention, ...] = ()
    marks: Mapping[str, int] = {}
    suspected: int = 0
    rules: RuleSearch | None = None
    counts: Mapping[str, int] = {}
    out_of_fold: Annotated[int, Ge(0)] = 0
    model: str = ""
    inputs: Mapping[str, str] = {}
    versions: Mapping[str, str] = {}


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

    Raises:
        InputError: the file is not there, no JSON, no profile, of another version, or holds
            unknown or wrong values; each is named.
    """
    content = read_document(path, KIND)
    check_version(content, path, KIND, VERSION)
    return validated(ErrorProfile, content, path, KIND)
