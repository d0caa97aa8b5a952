"""The characters that a recognizer can read: a PaddleOCR dictionary."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from unicodedata import is_normalized, normalize

from textlines.errors import InputError, UsageError
from textlines.labels.canonical import LabelError, canonical, name_of, short
from textlines.labels.dictionary_files import DictionaryFile, read_dictionary
from textlines.labels.twins import twins_of
from textlines.wording import say


@dataclass(frozen=True)
class Alphabet:
    r"""Dictionary entries in the order of their class ids: entry k has id k + 1, blank is 0.

    Entries are strings of one or more code points and stay as the dictionary has them: twice,
    not composed or empty, for each is a class of the network. A text is matched against the
    entries and against the composed (NFC) form of those entries whose composed form is not
    itself an entry. What stands more than once encodes to its last id.

    Attributes:
        entries: without blank and without the appended space.
        use_space_char: a space comes last, after all entries, as PaddleOCR appends it.
        is_assumed: made from texts, for want of a dictionary.

    Raises:
        ValueError: there is no entry, or one holds a line feed.

    >>> alphabet = Alphabet(("a", "b", "ab", "e\u0301", "a"), use_space_char=True)
    >>> alphabet.encode("abé a"), alphabet.decode([3, 1, 6])
    ([3, 4, 6, 5], 'aba ')
    """

    entries: tuple[str, ...]
    use_space_char: bool = True
    is_assumed: bool = False
    file_oddities: tuple[tuple[str, int], ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.entries:
            raise ValueError("an alphabet needs at least one entry")
        for entry in self.entries:
            if "\n" in entry:
                raise ValueError(f"entry {entry!r} holds a line feed")

    @classmethod
    def read(
        cls,
        path: Path,
        use_space_char: bool | None = None,
        *,
        model: "Alphabet | None" = None,
        told_by: str = "",
    ) -> "Alphabet":
        """Read a dictionary: one entry a line, an `inference.yml`, or a training YAML.

        Blank lines are classes too and count in the order of ids; they match no text. A line of
        white space is an entry that matches it.

        Args:
            use_space_char: as the user says; None takes what the training YAML, the record of the
                model's folder or else `model` says, and on where nobody says.
            model: the alphabet of a model or an error profile that the dictionary is used with.
                With the same entries it is the same: nothing may contradict its space. An assumed
                one says nothing.
            told_by: where `model` comes from, for messages.

        Raises:
            InputError: as `read_dictionary`, or two of these say the contrary.
            UsageError: the user says the contrary of them.
        """
        file = read_dictionary(path)
        says, source = file.use_space_char, file.told_by
        if model is None or model.is_assumed:
            return cls.of_file(file, _decided(file.path, use_space_char, says, source))
        if model.entries == file.entries:
            if says is not None and says != model.use_space_char:
                raise InputError(
                    str(path),
                    f"has {_with_space(says)} after its entries as {source} says, and "
                    f"{_with_space(model.use_space_char)} as {told_by} says",
                    "Name the files of one model.",
                )
            says, source = model.use_space_char, told_by
        usual = model.use_space_char
        return cls.of_file(file, _decided(file.path, use_space_char, says, source, usual))

    @classmethod
    def of_file(cls, file: DictionaryFile, use_space_char: bool) -> "Alphabet":
        """Make an alphabet of a dictionary that was read."""
        return cls(file.entries, use_space_char, file_oddities=tuple(file.oddities.items()))

    @classmethod
    def assumed(cls, chars: Iterable[str]) -> "Alphabet":
        """Make an alphabet of all characters of some texts, for want of a dictionary.

        Its order is by code point: it says what a label can hold, not what a class id means.

        >>> Alphabet.assumed(["값 1", "1원"]).entries
        ('1', '값', '원')
        """
        texts = [chars] if isinstance(chars, str) else chars
        found = {char for text in texts for char in normalize("NFC", text)}
        return cls(tuple(sorted(found - {" ", "\n"})), use_space_char=True, is_assumed=True)

    @cached_property
    def sha256(self) -> str:
        """Hash the entries, one a line without a last line feed: alike for .txt and .yml."""
        return hashlib.sha256("\n".join(self.entries).encode()).hexdigest()

    def table(self) -> dict[str, int | bool | str]:
        """Return what a record says of it: the space class, the number of entries, their hash."""
        return {
            "use_space_char": self.use_space_char,
            "entries": len(self.entries),
            "sha256": self.sha256,
        }

    @property
    def has_space_twice(self) -> bool:
        """Whether a plain space is an entry, and is appended after the entries as well.

        Both are classes of the network; labels encode to the last.
        """
        return self.use_space_char and " " in self.entries

    @property
    def classes(self) -> int:
        """Count the classes of the network's last layer, with blank and space."""
        return 1 + len(self.entries) + self.use_space_char

    @cached_property
    def ids(self) -> dict[str, int]:
        """Map each form that matches a text to its class id."""
        own = {entry: i for i, entry in enumerate(self.entries, 1) if entry}
        # Two entries may share a composed form: the last one wins, as among equal entries.
        composed = {
            form: own[entry]
            for entry in self.entries
            if entry and (form := normalize("NFC", entry)) != entry and form not in own
        }
        # `composed` keeps the place of a first form but the id of the last, by dict's rules.
        forms = own | composed
        if self.use_space_char:
            forms[" "] = len(self.entries) + 1
        return forms

    @cached_property
    def _long_forms(self) -> dict[str, tuple[str, ...]]:
        """Map a first character to the forms of several that start so, longest first."""
        by_first: dict[str, list[str]] = {}
        for form in self.ids:
            if len(form) > 1:
                by_first.setdefault(form[0], []).append(form)
        return {
            first: tuple(sorted(forms, key=lambda form: (-len(form), form)))
            for first, forms in by_first.items()
        }

    @cached_property
    def single(self) -> frozenset[str]:
        """The forms of one code point: a text of these alone can be encoded."""
        return frozenset(form for form in self.ids if len(form) == 1)

    def pieces(self, text: str) -> list[tuple[str, int]]:
        """Cut a canonical text into forms and their ids, longest match first.

        A code point that no form starts with stands alone, with id 0.
        """
        ids, long_forms = self.ids, self._long_forms
        found: list[tuple[str, int]] = []
        at = 0
        while at < len(text):
            piece = text[at]
            for form in long_forms.get(piece, ()):
                if text.startswith(form, at):
                    piece = form
                    break
            found.append((piece, ids.get(piece, 0)))
            at += len(piece)
        return found

    def encode(self, text: str) -> list[int]:
        """Return the class ids of a canonical text.

        Raises:
            LabelError: the text holds what the alphabet does not.
        """
        coded = [number for _, number in self.pieces(text)]
        if 0 in coded:
            names = ", ".join(map(name_of, self.missing(text)))
            raise LabelError(
                f"label {short(text)}",
                f"holds what the dictionary does not: {names}",
                "Replace it or leave the line out.",
                "outside_dictionary",
            )
        return coded

    def decode(self, ids: Iterable[int]) -> str:
        """Join the entries of class ids (blank taken out before), as the dictionary has them.

        Raises:
            ValueError: an id is not 1..classes - 1.
        """
        table = self._by_id
        numbers = list(ids)
        for number in numbers:
            if not 0 < number < len(table):
                raise ValueError(f"class id {number} is not in 1..{len(table) - 1}")
        return "".join([table[number] for number in numbers])

    @cached_property
    def _by_id(self) -> Sequence[str]:
        return ("", *self.entries, *([" "] if self.use_space_char else []))

    def missing(self, text: str) -> tuple[str, ...]:
        """Name the code points of a canonical text that cannot be encoded, each once."""
        if self.single.issuperset(text):
            return ()
        return tuple(dict.fromkeys(piece for piece, number in self.pieces(text) if not number))

    def holds(self, text: str) -> bool:
        """Return whether all of a canonical text can be encoded."""
        return self.single.issuperset(text) or not self.missing(text)

    @cached_property
    def characters(self) -> frozenset[str]:
        """The composed (NFC) forms that a label can hold, most of them single characters.

        An entry whose composed form is another entry is not among them: no label holds it.
        """
        return frozenset(form for form in self.ids if is_normalized("NFC", form))

    def suggest(self, char: str) -> tuple[str, ...]:
        """Return the forms of a character that the alphabet holds; none if it holds itself.

        Composed, compatible (NFKC: full- and half-width, ligatures, units), and the twins of
        punctuation (dashes, dots, quotes), nearest first.

        >>> Alphabet(("A", ":", "가", "-")).suggest("：")
        (':',)
        """
        known = self._suggestions.get(char)
        if known is None:
            known = self._suggestions[char] = self._find_near(char)
        return known

    @cached_property
    def _suggestions(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _find_near(self, char: str) -> tuple[str, ...]:
        if self.holds(char):
            return ()
        near = [normalize("NFC", char), normalize("NFKC", char)]
        near += [*self._compatible.get(near[1], ()), *twins_of(char)]
        return tuple(dict.fromkeys(form for form in near if form and self.holds(form)))

    @cached_property
    def _compatible(self) -> dict[str, tuple[str, ...]]:
        """Map an NFKC form to those characters of the alphabet that share it."""
        found: dict[str, tuple[str, ...]] = {}
        for form in sorted(self.characters):
            key = normalize("NFKC", form)
            found[key] = (*found.get(key, ()), form)
        return found

    @cached_property
    def unreached(self) -> dict[int, str]:
        r"""Map the class ids of entries that no label encodes to, to why not.

        blank: the entry is empty. control: it holds what no label can (a tab, a line separator).
        space_twice, duplicate: the same stands later. nfc_taken: it is not composed, and its
        composed form is another entry. same_form: a later entry has the same composed form.

        >>> Alphabet(("a", "", "p\t", "a", " ", "é", "é")).unreached
        {1: 'duplicate', 2: 'blank', 3: 'control', 5: 'space_twice', 6: 'nfc_taken'}
        """
        found = {}
        for number, entry in enumerate(self.entries, 1):
            reason = self._why_unreached(number, entry)
            if reason:
                found[number] = reason
        return found

    def _why_unreached(self, number: int, entry: str) -> str:
        try:
            form = canonical(entry)
        except LabelError:
            return "control" if entry else "blank"
        if self.ids.get(form) == number:
            return ""
        if entry == " ":
            return "space_twice" if self.use_space_char else "duplicate"
        if form == entry:
            return "duplicate"
        return "nfc_taken" if form in self._own else "same_form"

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(self.entries)

    def oddities(self) -> dict[str, int]:
        """Count what is odd in the dictionary, by reason; empty for a plain one.

        blank: entries without a character. whitespace: entries of whitespace alone, which
        labels encode to. space_twice: a plain space that is an entry and appended as well, so that
        no label reaches the entry.
        duplicate: entries that stood before. several_code_points, not_nfc: as they say.
        nfc_taken: not composed, and the composed form is another entry, so that no label
        reaches this class. control: with a control character. And of the file: bom, crlf.
        """
        entries, own = self.entries, self._own
        odd = [normalize("NFC", entry) for entry in entries if not is_normalized("NFC", entry)]
        counts = {
            "blank": entries.count(""),
            "whitespace": sum(entry.isspace() for entry in entries),
            "space_twice": int(self.has_space_twice),
            "duplicate": len(entries) - len(own),
            "several_code_points": sum(len(entry) > 1 for entry in entries),
            "not_nfc": len(odd),
            "nfc_taken": sum(form in own for form in odd),
            "control": sum(any(ord(c) < 32 or 127 <= ord(c) < 160 for c in e) for e in entries),
            **dict(self.file_oddities),
        }
        return {reason: count for reason, count in counts.items() if count}


def told_space(alphabet: Alphabet) -> str:
    """Write, for a line of counts, what of an alphabet the space is.

    >>> told_space(Alphabet(("a",)))
    ' + space'
    >>> told_space(Alphabet((" ", "a"), use_space_char=False))
    ' (a space is entry 1)'
    >>> told_space(Alphabet((" ", "a")))
    ' + space (which is entry 1 too, and stands twice: labels encode to the last)'
    """
    at = alphabet.entries.index(" ") + 1 if " " in alphabet.entries else 0
    if alphabet.has_space_twice:
        return say(
            " + space (which is entry {at:,} too, and stands twice: labels encode to the last)",
            at=at,
        )
    if alphabet.use_space_char:
        return say(" + space")
    return say(" (a space is entry {at:,})", at=at) if at else say(" (no space)")


def _decided(
    path: Path, asked: bool | None, says: bool | None, source: str, usual: bool = True
) -> bool:
    if says is None:
        return usual if asked is None else asked
    refuse_other_space(asked, says, f"{source}, by which {path} has")
    return says


def refuse_other_space(asked: bool | None, says: bool, by: str) -> None:
    """Refuse a flag that contradicts what is known of a model's space.

    Args:
        asked: what the flag says; None where it was not given.
        says: whether a space follows the entries. by: who says so, for the message, up to a verb:
            "the profile p.json, whose model has".

    Raises:
        UsageError: the two differ.
    """
    if asked is not None and asked != says:
        raise UsageError(
            "--use-space-char" if asked else "--no-space",
            f"contradicts {by} {_with_space(says)} after its entries",
            "Leave the flag away, or name the dictionary of another model.",
        )


def _with_space(has_space: bool) -> str:
    return "a space" if has_space else "no space"
