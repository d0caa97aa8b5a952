"""The labelling page: one crop after another, typed or mended by hand, answered by keys.

The page is one HTML file that is opened from the disk. It sends nothing anywhere: the answers stay
in the browser and in a file that `read_answers` reads.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from textlines.formats.line_roles import LineRole
from textlines.formats.predictions import TURNS, Turn
from textlines.pages.environment import asset, render
from textlines.wording import LANGUAGE_NAMES, Language, spoken_language
from train.collect.answers import ANSWER_KINDS, FORMAT, VERSION
from train.collect.words import WORDS

PACKAGE = "train.collect"

SCRIPTS = ("answers.js", "words.js", "saving.js", "crop.js", "label.js")
"""In the order in which they need each other."""


@dataclass(frozen=True, slots=True)
class Card:
    """A crop that somebody is asked about.

    Attributes:
        id: of the crop in the queue; opaque here.
        path: of the crop, below the folder of images; shown small.
        role: what the line will be for. It goes with the answer and is not shown.
        source: the crop as it lies, a data address (`textlines.pages.thumbnails.thumbnail`).
        text: the model's reading, offered to be taken or mended; "" for none.
        turn: degrees, counter-clockwise, by which the crop is turned to be shown.
        is_blind: the reading is not offered, and does not stand in the page.
    """

    id: str
    path: str
    role: LineRole
    source: str
    text: str
    turn: Turn = 0
    is_blind: bool = False


def label_page(
    cards: Sequence[Card], *, queue: str, language: Language | None = None, title: str = ""
) -> str:
    """Build the page.

    Args:
        cards: shown in this order.
        queue: the sha256 of the queue file. The browser keeps answers under it, and the file of
            answers names it.
        language: that the page starts in, by default that of `textlines.wording.speaking`; it can
            be changed there.
        title: the heading; "" takes the one of the language.

    Returns:
        The whole file, UTF-8, ending in a line feed.

    Raises:
        ValueError: there is no card, or two have one id.
    """
    if not cards:
        raise ValueError("a page needs a crop to show, got none")
    twice = [id for id, count in Counter(card.id for card in cards).items() if count > 1]
    if twice:
        raise ValueError(f"{len(twice)} ids stand on several cards, the first is {twice[0]!r}")
    language = language or spoken_language()
    html = render(
        PACKAGE,
        "label.html.j2",
        title=title,
        language=language,
        languages=LANGUAGE_NAMES,
        words=WORDS[language],
        data={
            "format": FORMAT,
            "version": VERSION,
            "kinds": ANSWER_KINDS,
            "turns": TURNS,
            "queue": queue,
            "language": language,
            "title": title,
            "words": WORDS,
            "cards": [_content(card) for card in cards],
        },
        styles=[asset("textlines.pages", "page.css"), asset(PACKAGE, "label.css")],
        scripts=[asset(PACKAGE, name) for name in SCRIPTS],
    )
    return str(html).rstrip("\n") + "\n"


def _content(card: Card) -> dict[str, str | int | bool]:
    return {
        "id": card.id,
        "path": card.path,
        "role": card.role,
        "source": card.source,
        # A blind reading would stand in the page's source for whoever looks.
        "text": "" if card.is_blind else card.text,
        "turn": card.turn,
        "blind": card.is_blind,
    }
