"""The labelling page: one crop after another, typed or mended by hand, answered by keys.

The page is one HTML file that is opened from the disk. It sends nothing anywhere: the answers stay
in the browser and in a file that `read_answers` reads.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textlines.formats.line_roles import LineRole
from textlines.formats.predictions import TURNS, Turn
from textlines.pages.environment import asset, render
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import ImageError, read_image
from textlines.wording import LANGUAGE_NAMES, LANGUAGES, Language, Sentence, say, spoken_language
from train.collect.answers import ANSWER_KINDS, FORMAT, VERSION
from train.collect.labelled import Labelled, first_page
from train.collect.queue import Queue, Queued

PACKAGE = "train.collect"

SCRIPTS = ("answers.js", "words.js", "saving.js", "crop.js", "label.js")
"""In the order in which they need each other."""

SHOWN_HEIGHT, SHOWN_WIDTH = 240, 1600
"""Pixels to which larger crops are scaled down for the page."""

Blind = Literal["none", "judge", "all"]

SAID: Mapping[str, Sentence] = {
    "title": say("Type what the crops say"),
    "progress": say("{done} of {all}"),
    "pace": say("{pace} a minute"),
    "left": say("about {minutes} min left"),
    "left_little": say("less than a minute left"),
    "crop": say("Crop"),
    "turned": say("turned by {turn}°"),
    "text": say("Text of the crop"),
    "placeholder": say("Type what you see"),
    "echo": say("␣ is a space; digits are coloured"),
    "take": say("Take"),
    "unreadable": say("Unreadable"),
    "not_text": say("Not text"),
    "over": say("Upside down"),
    "quarter": say("Quarter turn"),
    "zoom": say("Zoom"),
    "zoom_hint": say("Page Up and Page Down move along an enlarged crop."),
    "later": say("Later"),
    "back": say("Back"),
    "all": say("All answers"),
    "guide": say("What to type"),
    "guide_exact": say(
        "Exactly what is printed: capitals, punctuation and spaces too. Mend the reading that "
        "stands in the field, or take it as it is."
    ),
    "guide_unreadable": say(
        "Do not guess: if even one character cannot be read, the crop is unreadable."
    ),
    "guide_not_text": say("A crop without any text (a drawing, an edge, a blank) is not text."),
    "guide_turn": say("If it lies upside down or on its side, turn it first, then type."),
    "name": say("Your name (optional)"),
    "hide": say("Hide the model's readings"),
    "hide_hint": say("The field starts empty, so that what you type is not led by the model"),
    "language": say("Language"),
    "save": say("Save to a file…"),
    "download": say("Download answers.json"),
    "load": say("Load answers…"),
    "none_yet": say("No answers yet."),
    "in_browser": say("Answers kept in this browser and not yet in a file: {n}."),
    "in_page": say("Answers in this page alone: {n}. Save them to a file before you leave it."),
    "in_file": say("Answers in {name}: {n}. Each new one is written there at once."),
    "in_some_file": say("Answers saved to a file: {n}."),
    "file_failed": say("The file could not be written ({reason}). Nothing is lost: save again."),
    "no_storage": say(
        "This browser keeps no answers: save them to a file before you leave the page."
    ),
    "other_tab": say("This page is open in another tab as well. Close one of them."),
    "empty": say("Nothing is typed. If it cannot be read, press Esc; if it is not text, {key}."),
    "edges": say("The space at the beginning or the end will be left out."),
    "control": say("A tab or a line break has become a space."),
    "first": say("This is the first crop."),
    "loading": say("The crop is not on the screen yet."),
    "broken": say("This crop cannot be shown. Leave it for later, or mark it as unreadable."),
    "took_text": say("Taken: {text}"),
    "took_unreadable": say("Marked as unreadable."),
    "took_not_text": say("Marked as not text."),
    "took_later": say("Left for later."),
    "mends_text": say("Answered already. Enter replaces the answer."),
    "mends_unreadable": say("Marked as unreadable. Enter makes it a text."),
    "mends_not_text": say("Marked as not text. Enter makes it a text."),
    "summary": say("Answers"),
    "complete": say("Every crop is answered. Thank you."),
    "incomplete": say("Not answered yet: {n}."),
    "go_on": say("Go on"),
    "count_text": say("texts"),
    "count_unreadable": say("unreadable"),
    "count_not_text": say("not text"),
    "count_open": say("not answered"),
    "jump": say("Choose an answer to mend it."),
    "open": say("not answered"),
    "loaded": say("Answers loaded: {n}."),
    "loaded_stay": say("Answered here already, and kept as they are: {n}."),
    "refuse_file": say("This is no file of answers."),
    "refuse_version": say("This file is of version {version}; this page reads version {wanted}."),
    "refuse_queue": say("These answers are of another set of crops, so they were not loaded."),
    "refuse_by": say(
        "These answers are by {theirs}, and the name here is {ours}. Nothing was loaded: "
        "change the name first if they are yours."
    ),
    "refuse_answer": say("Answer {n} of the file cannot be used, so nothing was loaded."),
}
"""What the page says; `{name}` stands for what its script fills in."""

WORDS: Mapping[Language, Mapping[str, str]] = {
    language: {key: words.spoken(language) for key, words in SAID.items()} for language in LANGUAGES
}
"""The same in each language: the page holds all of them, as it changes between them by itself."""


def queue_page(queue: Queue, *, blind: Blind, language: Language) -> str:
    """Build the page of a queue."""
    return _page(queue, list(first_page(queue.rows)), blind, language)


def again_page(queue: Queue, labelled: Labelled, *, language: Language) -> str:
    """Build the page of what is to be asked again; what was disputed is shown without a reading."""
    return _page(queue, labelled.again, "all", language)


def _page(queue: Queue, rows: Sequence[Queued], blind: Blind, language: Language) -> str:
    cards = []
    for row in rows:
        try:
            image = read_image(queue.images / row.path)
        except ImageError:
            continue
        is_blind = blind == "all" or (blind == "judge" and row.role == "judge")
        source = thumbnail(image, max_height=SHOWN_HEIGHT, max_width=SHOWN_WIDTH, quality=90)
        cards.append(
            Card(
                id=row.id,
                path=row.path,
                role=row.role,
                source=source,
                text=row.text,
                turn=row.turn,
                is_blind=is_blind,
            )
        )
    return label_page(cards, queue=queue.record.queue_sha256, language=language)


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
