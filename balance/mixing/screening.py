"""Labels of whole blocks held against the dictionary and the length limit."""

from collections import Counter
from pathlib import Path
from unicodedata import category, is_normalized

import numpy as np
import numpy.typing as npt

from balance.mixing.label_blocks import (
    CODE_POINTS,
    Codes,
    LineBlock,
    WordTable,
    block_labels,
    broken_lines,
    decode,
    word_hashes,
)
from balance.mixing.slices import SLACK, Bytes, Flags, Hashes, Ints, hash_slices, with_slack
from textlines.defects import Defect, of_lines
from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import LabelLine
from textlines.labels.tally import KEPT_PLACES, Tally
from textlines.profile.affixes import amount_words, edge_words, label_edges
from textlines.rules.line_rules import check_line
from textlines.wording import Sentence, arranged, say

OUTSIDE, ODD, _UNKNOWN = 1, 2, 128
"""Not in the dictionary; to be read by the rules one by one; not looked at yet."""


class Screen:
    """Knows of each code point what it means for a label; learns them as they come.

    Owns a table of 1.1 MB. A code point is classified by `textlines.rules`, once.
    """

    def __init__(self, alphabet: Alphabet | None) -> None:
        self.alphabet = alphabet
        self._joined = frozenset(
            char for form in (alphabet.ids if alphabet else ()) if len(form) > 1 for char in form
        )
        self._table = np.full(CODE_POINTS, _UNKNOWN, np.uint8)
        self._table[10] = self._table[32] = 0
        if alphabet and not alphabet.use_space_char and " " not in alphabet.single:
            self._table[32] = OUTSIDE
        self._learn(np.arange(128, dtype=np.uint32))

    def flags(self, codes: Codes) -> Bytes:
        """Return the flags of each code point: 0, OUTSIDE, ODD or both."""
        flags: Bytes = self._table[codes]
        if len(flags) and int(flags.max()) >= _UNKNOWN:
            self._learn(np.unique(codes[flags >= _UNKNOWN]))
            flags = self._table[codes]
        return flags

    def _learn(self, codes: npt.NDArray[np.generic]) -> None:
        for code in codes.tolist():
            if self._table[code] == _UNKNOWN:
                self._table[code] = self._flags_of(chr(code))

    def _flags_of(self, char: str) -> int:
        # Marks and conjoining letters may compose with what stands before them.
        odd = (
            category(char)[0] == "M"
            or "\U00016d40" <= char <= "\U00016d7f"
            or not is_normalized("NFC", char)
            or bool(check_line(char, Alphabet((char,))))
        )
        if self.alphabet is None or char in self.alphabet.single:
            return ODD if odd else 0
        return ODD if odd or char in self._joined else OUTSIDE


Columns = list[Ints]
"""Starts, path lengths, lengths in bytes, characters of the label."""


class LabelReader:
    """Looks after the labels of one source: which lines may stay, and what they hold.

    Grows by what it reads. Made for one source and used once.

    Args:
        has_rules: False for labels that are no target of training (distilled lines).
        wants_words: whether to hash the words.
    """

    def __init__(
        self, screen: Screen, max_length: int, *, has_rules: bool = True, wants_words: bool = False
    ) -> None:
        self._screen, self._max_length = screen, max_length
        self._has_rules, self._wants_words = has_rules, wants_words
        self.code_counts: Ints = np.zeros(CODE_POINTS, np.int64)
        self.words = WordTable()
        self._outside: Counter[str] = Counter()
        self._sample: list[str] = []

    def screen(
        self, buffer: Bytes, block: LineBlock, keep: Flags, path: Path, tally: Tally, strict: bool
    ) -> tuple[Columns, Flags]:
        """Return the good lines of a block as columns, and which are to be read one by one."""
        one_by_one = np.zeros(len(keep), np.bool_)
        content = buffer[block.starts[0] : block.ends[-1] + 1]
        text = block_labels(content, block, keep)
        try:
            codes = decode(text)
            # Bytes beyond ASCII that no label has stand in paths: are those UTF-8 too?
            if np.count_nonzero(content >= 128) != np.count_nonzero(text >= 128):
                content.tobytes().decode()
        except UnicodeDecodeError:
            broken = broken_lines(content)
            one_by_one |= broken & keep
            keep = keep & ~broken
            text = block_labels(content, block, keep)
            codes = decode(text)
        index = np.flatnonzero(keep)
        if not len(index):
            return [index, index, index, index], one_by_one
        ends = np.flatnonzero(codes == 10)
        starts = np.concatenate(([0], ends[:-1] + 1))
        characters = ends - starts
        outside, odd = self._judge(codes, ends)
        odd |= (codes[starts] == 32) | (codes[np.maximum(ends - 1, 0)] == 32)
        if self._has_rules:
            odd |= characters == 0
        outside &= ~odd
        long = (characters > self._max_length) & ~odd & ~outside & self._has_rules
        if not self._has_rules:
            outside[:] = False
        numbers = block.first_number + index
        for defect, flags in ((of_lines.OUTSIDE_DICTIONARY, outside), (of_lines.TOO_LONG, long)):
            _count_all(defect, numbers[flags], path, tally, strict)
        good = ~(odd | outside | long)
        doubled = np.flatnonzero((codes[:-1] == 32) & (codes[1:] == 32))
        if len(doubled) and self._has_rules:
            lines = np.unique(np.searchsorted(ends, doubled))
            _count_all(of_lines.DOUBLE_SPACE, numbers[lines[good[lines]]], path, tally, strict)
        one_by_one[index[odd]] = True
        if self._has_rules:
            for at in np.flatnonzero(good & _is_sampled(numbers)).tolist():
                self._sample.append("".join(map(chr, codes[starts[at] : ends[at]].tolist())))
        self._take(text, codes, characters, good)
        chosen = index[good]
        first = block.starts[chosen]
        return [
            first,
            block.tabs[chosen] - first,
            block.ends[chosen] - first,
            characters[good],
        ], one_by_one

    def _judge(self, codes: Codes, ends: Ints) -> tuple[Flags, Flags]:
        """Whether each label holds what the dictionary lacks, and whether it is odd."""
        outside, odd = np.zeros((2, len(ends)), np.bool_)
        flags = self._screen.flags(codes)
        places = np.flatnonzero(flags)
        if len(places):
            lines, kinds = np.searchsorted(ends, places), flags[places]
            outside[lines[(kinds & OUTSIDE) > 0]] = True
            odd[lines[(kinds & ODD) > 0]] = True
            if self._has_rules:
                # Odd lines are counted when they are read one by one.
                alone = ((kinds & OUTSIDE) > 0) & ~odd[lines]
                lacking, counts = np.unique(codes[places[alone]], return_counts=True)
                for code, count in zip(lacking.tolist(), counts.tolist(), strict=True):
                    self._outside[chr(code)] += count
        return outside, odd

    def _take(self, text: Bytes, codes: Codes, characters: Ints, good: Flags) -> None:
        """Count the code points, and hash the words, of the good lines."""
        if not good.all():
            if len(codes) == len(text):
                text = codes = text[np.repeat(good, characters + 1)]
            else:
                codes = codes[np.repeat(good, characters + 1)]
                ends = np.flatnonzero(text == 10)
                text = text[np.repeat(good, np.diff(ends, prepend=-1))]
        points = np.bincount(codes)
        self.code_counts[: len(points)] += points
        self.code_counts[10] = 0
        if self._wants_words and len(text):
            padded = np.concatenate((text, np.zeros(SLACK, np.uint8)))
            self.words.add(word_hashes(padded, len(text)))

    def rules(
        self, rows: list[LabelLine], path: Path, tally: Tally, strict: bool
    ) -> list[tuple[str, str]]:
        """Return path and label of those lines, read one by one, that keep to the rules."""
        kept = []
        for row in rows:
            if self._has_rules and not self._passes(row, path, tally, strict):
                continue
            kept.append((row.path, row.label))
            if self._has_rules and _is_sampled(np.int64(row.number)):
                self._sample.append(row.label)
            for char in row.label:
                self.code_counts[ord(char)] += 1
        if self._wants_words and kept:
            text = "".join(label + "\n" for _, label in kept).encode()
            self.words.add(word_hashes(with_slack(text), len(text)))
        return kept

    def _passes(self, row: LabelLine, path: Path, tally: Tally, strict: bool) -> bool:
        alphabet = self._screen.alphabet or Alphabet.assumed(row.label + "x")
        place = f"{path}:{row.number}"
        findings = check_line(row.label, alphabet, max_length=self._max_length)
        for finding in findings:
            if finding.defect.is_error:
                if strict:
                    raise _refusal(place, finding.defect, finding.detail)
                tally.add(finding.defect, place)
                if finding.defect is of_lines.OUTSIDE_DICTIONARY:
                    self._outside.update(alphabet.missing(row.label))
                return False
        for finding in findings:
            tally.add(finding.defect, place)
        return True

    def hash_lines(self, buffer: Bytes, columns: Columns) -> Hashes:
        """Hash whole lines: path, tab and label."""
        return hash_slices(buffer, columns[0], columns[2])

    def edges(self, file: str, lines: int, *, is_drawn: bool) -> tuple[Sentence, ...]:
        """Return what nearly all labels begin or end with, by labels alone, and the way out.

        Args:
            file: its name. lines: that it has.
            is_drawn: the crops were rendered from these labels. They show what can be seen, and
                only a blank at an edge is in question.
        """
        notes = []
        name = say("labels") if lines <= SAMPLED_FIRST else say("labels looked at")
        for text, at_end, count in label_edges(self._sample):
            is_blank = not text.strip(" ")
            if is_drawn and not is_blank:
                continue
            amount = amount_words(count, len(self._sample), name)
            words = arranged("{amount} {what}", amount=amount, what=edge_words([(text, at_end)]))
            if is_blank:
                notes.append(
                    say(
                        "{words}: the model is taught to write it. Where the crops do not show it, "
                        "take it out of the labels first ({command} does)",
                        words=words,
                        command=f"balance check {file} --fix OUT",
                    )
                )
            else:
                notes.append(
                    say(
                        "{words}: the model is taught to write it. Where the crops do not show it, "
                        "take it out of the labels first",
                        words=words,
                    )
                )
        return tuple(notes)

    def outside(self) -> dict[str, int]:
        """Count the characters that the dictionary lacks, most frequent first."""
        return dict(sorted(self._outside.items(), key=lambda item: (-item[1], item[0])))


SAMPLED_FIRST, SAMPLED_STEP = 2000, 97
"""Lines whose labels are looked at for what nearly all have: the first ones, then one of many."""


def _is_sampled(numbers: "Ints | np.int64") -> Flags:
    """Whether the labels of line numbers are looked at; plain lines as often as odd ones."""
    sampled: Flags = (numbers <= SAMPLED_FIRST) | (numbers % SAMPLED_STEP == 0)
    return sampled


def _count_all(defect: Defect, numbers: Ints, path: Path, tally: Tally, strict: bool) -> None:
    if not len(numbers):
        return
    if strict and defect.is_error:
        raise _refusal(f"{path}:{numbers[0]}", defect, "")
    tally.add(defect, count=len(numbers))
    for number in numbers[:KEPT_PLACES].tolist():
        tally.add(defect, f"{path}:{number}", count=0)


def _refusal(place: str, defect: Defect, detail: str) -> InputError:
    what = f"{defect.what} ({detail})" if detail else defect.what
    return InputError(place, what, "Mend the line or mix without --strict.")
