"""What in a page is still English where all should be Korean."""

import re
from collections.abc import Collection
from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "code", "kbd", "pre"})
"""Elements that hold what is typed or run, and no sentence."""

SPOKEN_ATTRIBUTES = ("title", "placeholder", "aria-label", "alt", "data-more")
RUN = re.compile(r"[A-Za-z][a-z']*(?:[ ,;:]+[A-Za-z][a-z']*){2,}")
"""Three words of Latin letters in a row: names of models and options are shorter."""

TYPED = re.compile(r"`[^`]*`|--?[a-z][\w-]*(?: [A-Z.]+)?|\S*[/\\_=.]\S*\w")
"""Inside sentences: commands, options with their values, paths, keys."""


class _Texts(HTMLParser):
    """Collects the texts of a page, those of attributes too."""

    def __init__(self) -> None:
        super().__init__()
        self.language, self.texts = "", []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        self._silent += tag in SILENT
        self.texts += [value for name in SPOKEN_ATTRIBUTES if (value := given.get(name))]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def language_of_page(html: str) -> str:
    """Return what the page says its language is."""
    return _parsed(html).language


def english_in(html: str, data: Collection[str] = ()) -> list[str]:
    """Return the runs of three or more Latin words of a page, apart from its data.

    Args:
        data: texts that the page shows as they are: labels, names of models.
    """
    found = []
    for text in _parsed(html).texts:
        for one in data:
            text = text.replace(one, "·")
        found += [f"{match.group()} | {text}" for match in RUN.finditer(TYPED.sub("·", text))]
    return found


def _parsed(html: str) -> _Texts:
    parser = _Texts()
    parser.feed(html)
    return parser
