"""The characters that a recognizer can read: a PaddleOCR dictionary."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from unicodedata import is_normalized, normalize

from textlines.errors import InputError
from textlines.labels.canonical import LabelError, name_of, short
from textlines.labels.dictionary_files import read_entries
from textlines.labels.twins import twins_of


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
    def read(cls, path: Path, use_space_char: bool = True) -> "Alphabet":
        """Read a dictionary: one entry a line, or an `inference.yml` that holds it.

        Blank lines are classes too and count in the order of ids; they match no text.

        Raises:
            InputError: the file cannot be read, is not UTF-8, or holds no entry.
        """
        entries, oddities = read_entries(path)
        if not any(entries):
            raise InputError(str(path), "holds no entry", "Name a dictionary, one entry a line.")
        return cls(entries, use_space_char, file_oddities=tuple(oddities.items()))

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
        """Give the class ids of a canonical text.

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
        """Tell whether all of a canonical text can be encoded."""
        return self.single.issuperset(text) or not self.missing(text)

    @cached_property
    def characters(self) -> frozenset[str]:
        """The composed (NFC) forms that a label can hold, most of them single characters.

        An entry whose composed form is another entry is not among them: no label holds it.
        """
        return frozenset(form for form in self.ids if is_normalized("NFC", form))

    def suggest(self, char: str) -> tuple[str, ...]:
        """Give the forms of a character that the alphabet holds; none if it holds itself.

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

    def oddities(self) -> dict[str, int]:
        """Count what is odd in the dictionary, by reason; empty for a plain one.

        blank: entries without a character. whitespace: entries of whitespace alone.
        duplicate: entries that stood before. several_code_points, not_nfc: as they say.
        nfc_taken: not composed, and the composed form is another entry, so that no label
        reaches this class. control: with a control character. And of the file: bom, crlf.
        """
        entries, own = self.entries, frozenset(self.entries)
        odd = [normalize("NFC", entry) for entry in entries if not is_normalized("NFC", entry)]
        counts = {
            "blank": entries.count(""),
            "whitespace": sum(entry.isspace() for entry in entries),
            "duplicate": len(entries) - len(own),
            "several_code_points": sum(len(entry) > 1 for entry in entries),
            "not_nfc": len(odd),
            "nfc_taken": sum(form in own for form in odd),
            "control": sum(any(ord(c) < 32 or 127 <= ord(c) < 160 for c in e) for e in entries),
            **dict(self.file_oddities),
        }
        return {reason: count for reason, count in counts.items() if count}
