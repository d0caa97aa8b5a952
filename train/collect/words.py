"""What the labelling page says.

`{name}` stands for what the page's script fills in.
"""

from collections.abc import Mapping

from textlines.wording import LANGUAGES, Language, Sentence, say

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

WORDS: Mapping[Language, Mapping[str, str]] = {
    language: {key: words.spoken(language) for key, words in SAID.items()} for language in LANGUAGES
}
"""The same in each language: the page holds all of them, as it changes between them by itself."""
