"""Guesses at the encoding of bytes that are not UTF-8."""

import unicodedata
from collections.abc import Callable

SAMPLE_BYTES = 65_536
"""How much of a file a guess looks at."""


def guess_encoding(data: bytes) -> str:
    r"""Name the likeliest encoding of bytes that are not UTF-8; "" when none stands out.

    Names are those that `iconv -f` takes. Looks at the first 64 KiB.

    >>> guess_encoding("값 1,200원".encode("cp949")), guess_encoding("数码管".encode("gbk"))
    ('CP949', 'GBK')
    >>> guess_encoding("a.jpg\tA".encode("utf-16")), guess_encoding("café".encode("latin-1"))
    ('UTF-16', 'WINDOWS-1252')
    """
    sample = data[:SAMPLE_BYTES]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    if sample.count(0) * 4 > len(sample):
        # ASCII in UTF-16 without a mark: every second byte is 0.
        return "UTF-16LE" if sample[1::2].count(0) > sample[::2].count(0) else "UTF-16BE"
    for name, codec, wanted, share in _CANDIDATES:
        if _share(sample, codec, wanted) >= share:
            return name
    return ""


def _share(sample: bytes, codec: str, wanted: Callable[[str], bool]) -> float:
    """Return the share of characters beyond ASCII that are as wanted; 0 if undecodable."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 3 or len(sample) < SAMPLE_BYTES:
            return 0.0
        text = sample[: error.start].decode(codec)
    odd = [char for char in text if ord(char) > 127]
    return sum(map(wanted, odd)) / len(odd) if odd else 0.0


def _is_kana(char: str) -> bool:
    return "\u3040" <= char <= "\u30ff"


def _is_hangul(char: str) -> bool:
    return "\uac00" <= char <= "\ud7a3"


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u3011" or char > "\uff00"


def _is_latin(char: str) -> bool:
    return unicodedata.category(char)[0] in "LPS" and char < "\u2200"


# The order matters: bytes of Shift_JIS and CP949 nearly always decode as GBK too, as rare Han.
# Korean text is Hangul all through, and Chinese read as CP949 is about half of it.
_CANDIDATES: tuple[tuple[str, str, Callable[[str], bool], float], ...] = (
    ("SHIFT_JIS", "shift_jis", _is_kana, 0.3),
    ("CP949", "cp949", _is_hangul, 0.8),
    ("GBK", "gbk", _is_han, 0.8),
    ("BIG5", "big5", _is_han, 0.8),
    ("WINDOWS-1252", "cp1252", _is_latin, 0.9),
)
