"""Which packages bring families of a script: of Debian, and distributions of our extras."""

from collections.abc import Mapping
from dataclasses import dataclass

FOLDERS: Mapping[str, tuple[str, str]] = {
    # distribution: (import name, folder of fonts inside it)
    "justmytype-intl-cjk": ("justmytype_intl_cjk", "fonts"),
    "justmytype-intl-sea": ("justmytype_intl_sea", "fonts"),
    "justmytype-intl-south-asia": ("justmytype_intl_south_asia", "fonts"),
    "justmytype-western-core": ("justmytype_western_core", "fonts"),
    "koreanize-matplotlib": ("koreanize_matplotlib", "fonts"),
    "paperang-p2-fonts-cjk": ("paperang_p2_fonts_cjk", "fonts"),
    "trdg": ("trdg", "fonts"),
}
"""Beside these, every `pylopdf-fonts-*`: the wheel for each language has a name of that form."""


@dataclass(frozen=True, slots=True)
class Packages:
    """What brings families of a script.

    Attributes:
        debian: packages of Debian and Ubuntu.
        extra: distributions of the extra `fonts`. scripts: of the extra `scripts`.
    """

    debian: tuple[str, ...]
    extra: tuple[str, ...]
    scripts: tuple[str, ...] = ()

    def extras(self, installed: frozenset[str]) -> tuple[str, ...]:
        """Name the extras that bring a distribution which is not installed yet."""
        named = {"fonts": self.extra, "scripts": self.scripts}
        return tuple(extra for extra, wheels in named.items() if not installed.issuperset(wheels))


_KANA = Packages(
    (
        "fonts-noto-cjk",
        "fonts-ipafont",
        "fonts-sawarabi-gothic",
        "fonts-sawarabi-mincho",
        "fonts-vlgothic",
    ),
    ("justmytype-intl-cjk", "pylopdf-fonts-jp", "trdg"),
)

PACKAGES: Mapping[str, Packages] = {
    "Latin": Packages(
        ("fonts-dejavu", "fonts-liberation", "fonts-lato", "fonts-open-sans", "fonts-roboto"),
        ("trdg",),
    ),
    "Hangul": Packages(
        (
            "fonts-nanum",
            "fonts-nanum-extra",
            "fonts-baekmuk",
            "fonts-unfonts-core",
            "fonts-unfonts-extra",
            "fonts-noto-cjk",
        ),
        (
            "justmytype-intl-cjk",
            "koreanize-matplotlib",
            "paperang-p2-fonts-cjk",
            "pylopdf-fonts-ko",
            "trdg",
        ),
    ),
    "Han": Packages(
        (
            "fonts-noto-cjk",
            "fonts-wqy-microhei",
            "fonts-wqy-zenhei",
            "fonts-arphic-ukai",
            "fonts-arphic-uming",
            "fonts-lxgw-wenkai",
        ),
        (
            "justmytype-intl-cjk",
            "paperang-p2-fonts-cjk",
            "pylopdf-fonts-jp",
            "pylopdf-fonts-zh-cn",
            "trdg",
        ),
        ("pylopdf-fonts-zh-tw",),
    ),
    "Hiragana": _KANA,
    "Katakana": _KANA,
}
"""By script of `synth.faces.face_coverage.SAMPLES`: those of the dictionaries that models come
with. Of the others the families are counted, and nothing is asked."""

_ALPHABETS = ("fonts-dejavu", "fonts-liberation", "fonts-open-sans", "fonts-roboto")

OF_A_DICTIONARY: Mapping[str, Packages] = {
    "Cyrillic": Packages((*_ALPHABETS, "fonts-noto-core"), ("trdg",), ("justmytype-western-core",)),
    "Greek": Packages((*_ALPHABETS, "fonts-gfs-didot"), ("trdg",), ("justmytype-western-core",)),
    "Arabic": Packages(
        ("fonts-noto-core", "fonts-hosny-amiri", "fonts-kacst-one", "fonts-sil-scheherazade"),
        (),
        ("pylopdf-fonts-ar",),
    ),
    "Hebrew": Packages(("fonts-noto-core", "culmus"), (), ("pylopdf-fonts-he",)),
    "Thai": Packages(("fonts-noto-core", "fonts-thai-tlwg"), (), ("pylopdf-fonts-th",)),
    "Devanagari": Packages(
        ("fonts-noto-core", "fonts-deva", "fonts-sarai"), (), ("pylopdf-fonts-hi",)
    ),
    "Bengali": Packages(("fonts-noto-core", "fonts-beng"), (), ("justmytype-intl-south-asia",)),
    "Tamil": Packages(("fonts-noto-core", "fonts-taml"), (), ("justmytype-intl-south-asia",)),
    "Telugu": Packages(("fonts-noto-core", "fonts-telu"), (), ("justmytype-intl-south-asia",)),
    "Khmer": Packages(("fonts-noto-core", "fonts-khmeros"), (), ("justmytype-intl-sea",)),
    "Lao": Packages(("fonts-noto-core", "fonts-lao"), (), ("justmytype-intl-sea",)),
    "Myanmar": Packages(("fonts-noto-core", "fonts-sil-padauk"), (), ("justmytype-intl-sea",)),
}
"""By Unicode's name of a script that is asked for only where a dictionary holds it."""


def packages_of(script: str) -> Packages | None:
    """Return what brings families of a script; None where we know of nothing."""
    return PACKAGES.get(script) or OF_A_DICTIONARY.get(script)
