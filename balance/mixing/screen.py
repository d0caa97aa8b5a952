"""What a label's code points say about it, looked up for millions of them at once."""

from unicodedata import category, is_normalized

import numpy as np
import numpy.typing as npt

from balance.mixing.arrays import Bytes
from textlines.labels.alphabet import Alphabet
from textlines.rules.line_rules import check_line

OUTSIDE, ODD, _UNKNOWN = 1, 2, 128
"""Not in the dictionary; to be read by the rules one by one; not looked at yet."""

CODE_POINTS = 0x110000

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
"""Code points; a byte each where all are ASCII."""


def decode(text: Bytes) -> Codes:
    """Turn UTF-8 into code points; ASCII stays as it is.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    if not len(text) or int(text.max()) < 128:
        return text
    return np.frombuffer(text.tobytes().decode().encode("utf-32-le"), np.uint32)


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
        """Give the flags of each code point: 0, OUTSIDE, ODD or both."""
        found: Bytes = self._table[codes]
        if len(found) and int(found.max()) >= _UNKNOWN:
            self._learn(np.unique(codes[found >= _UNKNOWN]))
            found = self._table[codes]
        return found

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
