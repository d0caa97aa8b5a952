"""The Unicode script of a character."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

# Unicode 18, the scripts of living use first. `regex` holds which character is of which.
_NAMES = """
    Common Inherited Latin Hangul Han Hiragana Katakana Cyrillic Greek Arabic Hebrew Thai
    Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Lao Tibetan
    Myanmar Georgian Armenian Ethiopic Khmer Mongolian Bopomofo Cherokee Canadian_Aboriginal
    Adlam Ahom Anatolian_Hieroglyphs Avestan Balinese Bamum Bassa_Vah Batak Bhaiksuki Brahmi
    Braille Buginese Buhid Carian Caucasian_Albanian Chakma Cham Chorasmian Coptic Cuneiform
    Cypriot Cypro_Minoan Deseret Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic
    Garay Glagolitic Gothic Grantha Gunjala_Gondi Gurung_Khema Hanifi_Rohingya Hanunoo Hatran
    Imperial_Aramaic Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kawi Kayah_Li
    Kharoshthi Khitan_Small_Script Khojki Khudawadi Kirat_Rai Lepcha Limbu Linear_A Linear_B Lisu
    Lycian Lydian Mahajani Makasar Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin
    Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mro Multani
    Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham
    Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian
    Old_South_Arabian Old_Turkic Old_Uyghur Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau
    Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham
    SignWriting Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog
    Tagbanwa Thaana Tai_Le Tai_Tham Tai_Viet Takri Tangsa Tangut Tifinagh Tirhuta Todhri Toto
    Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square
    Beria_Erfe Sidetic Tai_Yo Tolong_Siki Jurchen Proto_Cuneiform Seal"""

SCRIPTS = tuple(_NAMES.split())


@lru_cache(maxsize=1)
def _pattern() -> Any:
    import regex

    def union(names: Iterable[str]) -> Any:
        return regex.compile("|".join(f"(?P<{name}>\\p{{Script={name}}})" for name in names))

    def is_known(name: str) -> bool:
        try:
            union([name])
        except regex.error:
            return False
        return True

    try:
        return union(SCRIPTS)
    except regex.error:
        # A `regex` of an older Unicode does not know the youngest scripts.
        return union(filter(is_known, SCRIPTS))


@lru_cache(maxsize=65_536)
def script_of(char: str) -> str:
    r"""Name the script of a character, as Unicode does: "Latin", "Hangul", "Common", ...

    For a cluster of several characters: the first script in it that is neither Common nor
    Inherited. "Unknown" for what Unicode has not assigned. Raises ValueError for "".

    >>> [script_of(char) for char in "A값金О1é"], script_of("ก็")
    (['Latin', 'Hangul', 'Han', 'Cyrillic', 'Common', 'Latin'], 'Thai')
    """
    if len(char) == 1:
        # Most of what is asked for, without the pattern of all scripts.
        if char <= "\x7f":
            return "Latin" if char.isalpha() else "Common"
        if "가" <= char <= "힣":
            return "Hangul"
        found = _pattern().match(char)
        return str(found.lastgroup) if found else "Unknown"
    if not char:
        raise ValueError("no character, no script")
    names = [script_of(part) for part in char]
    return next((name for name in names if name not in ("Common", "Inherited")), names[0])
