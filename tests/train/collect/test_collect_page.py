"""The labelling page as a person uses it, in headless Chromium."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.pages.thumbnails import thumbnail
from train.collect.answers import Answer, read_answers
from train.collect.collect_page import LANGUAGES, WORDS, Card, label_page

QUEUE = "ab" * 32
TEMPLATES = Path(__file__).parents[3] / "train" / "collect" / "templates"


def picture(width: int = 96, height: int = 32) -> str:
    return thumbnail(np.full((height, width, 3), 180, np.uint8), max_height=400)


CARDS = [
    Card("c0", "crops/0.jpg", "train", picture(), "49.01"),
    Card("c1", "crops/1.jpg", "judge", picture(), "값1"),
    Card("c2", "crops/2.jpg", "stop", picture(), "7", is_blind=True),
    Card("c3", "crops/odd'\"<.jpg", "train", picture(30, 90), "O0</script>", turn=90),
    Card("c4", "crops/4.jpg", "train", picture(2000, 40), ""),
]


class Opened:
    """The page in one browser profile, with what it complained of and asked for."""

    def __init__(self, context: Any, file: Path) -> None:
        self.file = file
        self.page = context.new_page()
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", self._accept)
        self.page.goto(file.as_uri())

    def _accept(self, dialog: Any) -> None:
        self.dialogs.append(dialog.type)
        dialog.accept()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def answer(self, text: str) -> None:
        """Type over what stands in the input and take it."""
        self.press("Control+A", "Delete")
        self.page.keyboard.type(text)
        self.press("Enter")

    def wait(self, id: str) -> None:
        """Wait until the crop of this id is on the screen."""
        self.page.wait_for_selector(f"#stage[data-shown='{id}']")

    def until(self, script: str) -> None:
        """Wait until an expression is true. The page's policy forbids playwright's own way."""
        for _ in range(200):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"never true: {script}")

    def until_it_says(self, part: str) -> str:
        """Wait until a part of the page holds a text, and return that."""
        self.until(f"document.getElementById('{part}').textContent !== ''")
        text: str = self.page.inner_text(f"#{part}")
        return text

    @property
    def id(self) -> str:
        found: str = self.page.get_attribute("#stage", "data-shown")
        return found

    @property
    def text(self) -> str:
        found: str = self.page.input_value("#text")
        return found

    @property
    def hint(self) -> str:
        found: str = self.page.inner_text("#hint")
        return found

    @property
    def turn(self) -> str:
        found: str = self.page.get_attribute("#stage", "data-turn")
        return found

    def saved(self, folder: Path) -> dict[str, Answer]:
        """Download the answers and read them."""
        with self.page.expect_download() as waiting:
            self.page.click("#download")
        assert waiting.value.suggested_filename == "answers.json"
        path = folder / "answers.json"
        waiting.value.save_as(path)
        found = read_answers(path)
        assert found.queue == QUEUE
        return {answer.id: answer for answer in found.answers}


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def opened(context: Any, tmp_path: Path) -> Opened:
    return opened_with(context, tmp_path, CARDS)


def opened_with(context: Any, folder: Path, cards: list[Card], **options: Any) -> Opened:
    file = folder / "label.html"
    file.write_text(label_page(cards, queue=QUEUE, **options), encoding="utf-8")
    made = Opened(context, file)
    made.wait(cards[0].id)
    return made


def test_the_page_opens_without_a_complaint_or_a_request(opened: Opened) -> None:
    assert (opened.id, opened.text) == ("c0", "49.01")
    assert opened.page.evaluate("document.activeElement.id") == "text"
    opened.press("Enter", "Enter")
    opened.answer("x")
    opened.press("Enter")
    assert opened.faults == []
    assert all(url.startswith(("file:", "data:")) for url in opened.asked)


def test_answers_are_typed_and_mended_and_taken(opened: Opened, tmp_path: Path) -> None:
    opened.press("Enter")
    opened.wait("c1")
    opened.press("ArrowLeft")
    opened.page.keyboard.type(" ")
    assert opened.page.inner_text("#echo") == "값␣1"
    opened.press("Enter")
    opened.wait("c2")
    opened.page.keyboard.type("17")
    opened.press("Enter")
    opened.wait("c3")
    assert opened.page.inner_text("#progress").startswith("3 of 5")
    found = opened.saved(tmp_path)
    assert [(a.path, a.role, a.kind, a.text, a.shown) for a in found.values()] == [
        ("crops/0.jpg", "train", "text", "49.01", "49.01"),
        ("crops/1.jpg", "judge", "text", "값 1", "값1"),
        ("crops/2.jpg", "stop", "text", "17", None),
    ]
    assert all(0 <= answer.seconds < 60 for answer in found.values())


def test_a_blind_reading_is_nowhere_in_the_page(opened: Opened, tmp_path: Path) -> None:
    blind = next(card for card in opened.page.evaluate("data.cards") if card["id"] == "c2")
    assert blind["text"] == ""
    opened.press("Enter", "Enter")
    opened.wait("c2")
    assert opened.text == ""
    opened.press("Enter")
    assert "Nothing is typed" in opened.hint
    assert opened.id == "c2"
    opened.page.keyboard.type("7")
    opened.press("Enter")
    assert opened.saved(tmp_path)["c2"].shown is None


def test_keys_say_unreadable_not_text_and_the_turn(opened: Opened, tmp_path: Path) -> None:
    opened.press("Escape")
    opened.wait("c1")
    opened.press("Alt+o", "Enter")
    opened.wait("c2")
    opened.press("Alt+x")
    opened.wait("c3")
    # Stands as it was read, turned by 90°; the layout of a crop on its side is upright.
    assert opened.turn == "90"
    frame = opened.page.locator("#frame").bounding_box()
    image = opened.page.locator("#frame img").bounding_box()
    assert frame["width"] > frame["height"]
    for key in ("x", "y", "width", "height"):
        assert abs(frame[key] - image[key]) < 1
    opened.press("Alt+q")
    assert opened.turn == "180"
    opened.press("Alt+q", "Alt+o")
    assert opened.turn == "90"
    opened.press("Alt+q", "Enter")
    found = opened.saved(tmp_path)
    assert [(a.kind, a.text, a.turn) for a in found.values()] == [
        ("unreadable", "", 0),
        ("text", "값1", 180),
        ("not_text", "", 0),
        ("text", "O0</script>", 180),
    ]
    assert opened.faults == []


def test_back_mends_an_answer_and_goes_on_where_one_was(opened: Opened, tmp_path: Path) -> None:
    opened.press("Alt+p")
    assert opened.hint == "This is the first crop."
    opened.answer("one")
    opened.wait("c1")
    opened.press("Escape")
    opened.wait("c2")
    opened.press("Control+z")
    opened.wait("c1")
    assert "Marked as unreadable" in opened.page.inner_text("#mends")
    opened.press("Alt+p")
    opened.wait("c0")
    assert opened.text == "one"
    opened.page.keyboard.type("!")
    # What was typed is undone by the browser; the crop stays.
    opened.press("Control+z")
    assert opened.id == "c0"
    opened.answer("two")
    opened.wait("c2")
    found = opened.saved(tmp_path)
    assert (found["c0"].text, found["c0"].shown) == ("two", "49.01")


def test_later_comes_again_at_the_end(opened: Opened) -> None:
    opened.press("Alt+l")
    opened.wait("c1")
    opened.press("Alt+p")
    opened.wait("c0")
    opened.press("Alt+l")
    for id in ("c1", "c2", "c3", "c4"):
        opened.wait(id)
        opened.press("Escape")
    opened.wait("c0")
    opened.press("Enter")
    assert opened.page.is_visible("#review")


def test_the_summary_counts_and_leads_back(opened: Opened, tmp_path: Path) -> None:
    opened.press("Enter")
    opened.wait("c1")
    opened.press("Alt+a")
    assert opened.page.inner_text("#complete") == "Not answered yet: 4."
    opened.page.click("#go-on")
    for id, key in (("c1", "Escape"), ("c2", "Alt+x"), ("c3", "Enter"), ("c4", "Escape")):
        opened.wait(id)
        opened.press(key)
    page = opened.page
    assert page.inner_text("#complete") == "Every crop is answered. Thank you."
    counts = [page.inner_text(f"#count-{kind}") for kind in ("text", "unreadable", "not_text")]
    assert counts == ["2", "2", "1"]
    words = page.eval_on_selector_all("#items .words", "all => all.map(one => one.textContent)")
    assert words == ["49.01", "unreadable", "not text", "O0</script>", "unreadable"]
    # Keys that answer do nothing here.
    opened.press("Enter", "Escape", "Alt+x")
    page.click("#items [data-id=c3]")
    opened.wait("c3")
    opened.answer("OO")
    assert page.is_visible("#review")
    assert opened.saved(tmp_path)["c3"].text == "OO"
    assert opened.faults == []


def test_a_reload_goes_on_where_one_was(opened: Opened, tmp_path: Path) -> None:
    opened.page.fill("#by", "Kim")
    opened.page.focus("#text")
    opened.answer("one")
    opened.wait("c1")
    opened.press("Alt+l")
    opened.wait("c2")
    opened.page.reload()
    opened.wait("c2")
    assert opened.dialogs == ["beforeunload"]
    assert opened.page.inner_text("#progress").startswith("1 of 5")
    assert opened.page.input_value("#by") == "Kim"
    found = opened.saved(tmp_path)
    assert (found["c0"].text, found["c0"].by) == ("one", "Kim")
    # What is in a file may be left without a word.
    opened.page.reload()
    opened.wait("c2")
    assert opened.dialogs == ["beforeunload"]


def test_enter_within_a_composition_answers_nothing(opened: Opened, tmp_path: Path) -> None:
    session = opened.page.context.new_cdp_session(opened.page)
    opened.press("Control+A", "Delete")
    session.send("Input.imeSetComposition", {"text": "값", "selectionStart": 1, "selectionEnd": 1})
    assert opened.text == "값"
    for key in ("Enter", "Escape"):
        event = {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": key, "code": key}
        session.send("Input.dispatchKeyEvent", event)
    assert (opened.id, opened.text) == ("c0", "값")
    session.send("Input.insertText", {"text": "값"})
    assert (opened.id, opened.text) == ("c0", "값")
    opened.press("Enter")
    opened.wait("c1")
    assert opened.saved(tmp_path)["c0"].text == "값"


@pytest.mark.parametrize("said", ["isComposing: true", "keyCode: 229"])
def test_either_sign_of_a_composition_is_heeded(opened: Opened, said: str) -> None:
    for key in ("Enter", "Escape"):
        script = (
            f"document.getElementById('text').dispatchEvent(new KeyboardEvent('keydown', "
            f"{{key: '{key}', code: '{key}', bubbles: true, cancelable: true, {said}}}))"
        )
        # True: nobody prevented what the browser does with the key.
        assert opened.page.evaluate(script)
    assert opened.id == "c0"
    opened.press("Enter")
    opened.wait("c1")


def test_a_command_ends_a_composition_and_leaves_the_next_input_alone(
    opened: Opened, tmp_path: Path
) -> None:
    session = opened.page.context.new_cdp_session(opened.page)
    opened.press("Control+A", "Delete")
    session.send("Input.imeSetComposition", {"text": "값", "selectionStart": 1, "selectionEnd": 1})
    opened.page.click("[data-act=take]")
    opened.wait("c1")
    assert opened.text == "값1"
    assert opened.saved(tmp_path)["c0"].text == "값"


def test_letters_are_told_by_their_keys_under_another_input_method(opened: Opened) -> None:
    script = (
        "document.getElementById('text').dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'ㅐ', code: 'KeyO', altKey: true, bubbles: true, cancelable: true}))"
    )
    assert not opened.page.evaluate(script)
    assert opened.turn == "180"


def test_what_is_typed_beside_the_input_comes_into_it(opened: Opened) -> None:
    opened.page.click("h1")
    assert opened.page.evaluate("document.activeElement === document.body")
    opened.page.keyboard.type("5")
    assert opened.text == "49.015"


def test_a_key_that_is_held_down_answers_once(opened: Opened) -> None:
    opened.page.keyboard.down("Enter")
    opened.wait("c1")
    opened.page.keyboard.down("Enter")
    opened.page.keyboard.down("Enter")
    assert opened.id == "c1"
    opened.page.keyboard.up("Enter")


def test_spaces_at_the_ends_and_odd_ones_are_shown(opened: Opened, tmp_path: Path) -> None:
    opened.page.fill("#text", " a\u3000b")
    assert opened.page.inner_text("#echo") == "␣aU+3000b"
    assert opened.page.is_visible("#edges")
    opened.page.fill("#text", "a\tb")
    assert opened.text == "a b"
    assert opened.hint == "A tab or a line break has become a space."
    assert not opened.page.is_visible("#edges")


def test_hidden_readings_are_not_offered(opened: Opened, tmp_path: Path) -> None:
    # What was on the screen before it was hidden counts as shown.
    opened.page.check("#hide")
    assert opened.text == ""
    opened.answer("one")
    opened.wait("c1")
    assert opened.text == ""
    opened.answer("two")
    opened.wait("c2")
    opened.page.uncheck("#hide")
    assert opened.text == ""
    opened.press("Alt+p")
    opened.wait("c1")
    # Mended with readings shown again, it remains an answer given without one.
    assert opened.text == "two"
    opened.answer("three")
    found = opened.saved(tmp_path)
    assert (found["c0"].shown, found["c1"].shown) == ("49.01", None)
    assert found["c1"].text == "three"


def test_zoom_enlarges_and_the_next_crop_fits_again(opened: Opened) -> None:
    def width() -> float:
        found: float = opened.page.locator("#frame").bounding_box()["width"]
        return found

    before = width()
    opened.press("Alt+m")
    assert width() == pytest.approx(2 * before)
    opened.press("PageDown", "PageUp", "Alt+m", "Alt+m")
    assert width() == pytest.approx(before)
    opened.press("Alt+m", "Enter")
    opened.wait("c1")
    assert opened.page.get_attribute("#stage", "data-zoom") == "1"


PICKER = """
window.writes = [];
window.fails = false;
window.showSaveFilePicker = async () => ({
  name: "mine.json",
  createWritable: async () => {
    if (window.fails) throw new DOMException("disk full", "QuotaExceededError");
    let text = "";
    const close = async () => window.writes.push(text);
    return { write: async (part) => { text += part; }, close };
  },
});
"""


def test_each_answer_is_written_to_the_chosen_file(context: Any, tmp_path: Path) -> None:
    context.add_init_script(PICKER)
    opened = opened_with(context, tmp_path, CARDS)
    page = opened.page

    def written(count: int) -> list[str]:
        opened.until(
            "window.writes.length > 0 && "
            f"JSON.parse(window.writes.at(-1)).answers.length === {count}"
        )
        last: str = page.evaluate("window.writes.at(-1)")
        path = tmp_path / "written.json"
        path.write_text(last, encoding="utf-8")
        return [answer.text for answer in read_answers(path).answers]

    page.click("#save")
    assert written(0) == []
    opened.answer("one")
    assert written(1) == ["one"]
    opened.wait("c1")
    opened.answer("two")
    assert written(2) == ["one", "two"]
    opened.until("document.getElementById('kept').dataset.safe === 'true'")
    assert (
        page.inner_text("#kept")
        == "Answers in mine.json: 2. Each new one is written there at once."
    )
    page.evaluate("window.fails = true")
    opened.wait("c2")
    opened.answer("three")
    assert "disk full" in opened.until_it_says("fault")
    assert page.get_attribute("#kept", "data-safe") == "false"
    page.evaluate("window.fails = false")
    opened.wait("c3")
    opened.answer("four")
    assert written(4) == ["one", "two", "three", "four"]
    opened.until("document.getElementById('fault').textContent === ''")
    page.reload()
    assert opened.dialogs == []


def loaded(opened: Opened, file: Path) -> str:
    opened.page.evaluate("document.getElementById('hint').textContent = ''")
    opened.page.set_input_files("#load", file)
    return opened.until_it_says("hint")


def test_answers_are_loaded_and_those_given_here_stay(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    for text in ("one", "two"):
        opened.answer(text)
        opened.wait({"one": "c1", "two": "c2"}[text])
    opened.page.fill("#by", "Kim")
    opened.saved(tmp_path)
    file = tmp_path / "answers.json"
    other = browser.new_context()
    fresh = Opened(other, opened.file)
    fresh.wait("c0")
    fresh.answer("mine")
    fresh.wait("c1")
    assert loaded(fresh, file) == (
        "Answers loaded: 1. Answered here already, and kept as they are: 1."
    )
    fresh.wait("c2")
    assert fresh.page.input_value("#by") == "Kim"
    fresh.press("Alt+p")
    fresh.wait("c1")
    assert fresh.text == "two"
    fresh.press("Alt+p")
    fresh.wait("c0")
    assert fresh.text == "mine"
    fresh.press("Alt+a")
    fresh.page.click("#items [data-id=c1]")
    fresh.wait("c1")
    fresh.answer("mended")
    fresh.wait("c2")
    # The reading was offered where it was first answered, and the file said so.
    found = fresh.saved(tmp_path)
    assert (found["c1"].text, found["c1"].shown) == ("mended", "값1")
    assert fresh.faults == []
    other.close()


def test_other_files_are_refused_in_words(opened: Opened, tmp_path: Path) -> None:
    opened.answer("one")
    opened.wait("c1")
    opened.page.fill("#by", "Kim")
    opened.saved(tmp_path)
    good = json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))
    file = tmp_path / "other.json"

    def refusal(**changes: Any) -> str:
        file.write_text(json.dumps(good | changes), encoding="utf-8")
        return loaded(opened, file)

    assert "another set of crops" in refusal(queue="cd" * 32)
    assert "of version 2; this page reads version 1" in refusal(version=2)
    assert "by Lee, and the name here is Kim" in refusal(by="Lee")
    odd = [good["answers"][0] | {"kind": "later"}]
    assert "Answer 1 of the file cannot be used" in refusal(answers=odd)
    file.write_text("path\ttext\n", encoding="utf-8")
    assert loaded(opened, file) == "This is no file of answers."
    assert opened.saved(tmp_path)["c0"].text == "one"


def test_a_second_tab_is_noticed(context: Any, opened: Opened) -> None:
    assert opened.page.inner_text("#fault") == ""
    second = Opened(context, opened.file)
    second.wait("c0")
    second.answer("one")
    assert "open in another tab" in opened.until_it_says("fault")


def test_a_browser_that_keeps_nothing_says_so(context: Any, tmp_path: Path) -> None:
    context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }"
    )
    opened = opened_with(context, tmp_path, CARDS)
    assert "This browser keeps no answers" in opened.page.inner_text("#fault")
    opened.answer("one")
    opened.wait("c1")
    assert "in this page alone: 1" in opened.page.inner_text("#kept")
    assert opened.saved(tmp_path)["c0"].text == "one"


def test_a_crop_that_cannot_be_shown_is_no_text(context: Any, tmp_path: Path) -> None:
    broken = Card("b", "b.jpg", "train", "data:image/jpeg;base64,AAAA", "49")
    file = tmp_path / "label.html"
    file.write_text(label_page([broken, CARDS[0]], queue=QUEUE), encoding="utf-8")
    opened = Opened(context, file)
    opened.until_it_says("hint")
    opened.press("Enter")
    assert "cannot be shown" in opened.hint
    opened.press("Escape")
    opened.wait("c0")
    assert opened.saved(tmp_path)["b"].kind == "unreadable"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_on_a_phone(
    browser: Any, tmp_path: Path, language: Any, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": 400, "height": 800}, color_scheme=scheme, has_touch=True
    )
    long = Card("long", "crops/" + "x" * 90 + ".jpg", "train", picture(), "W" * 120)
    opened = opened_with(context, tmp_path, [long, *CARDS], language=language)

    def fits() -> bool:
        script = "document.scrollingElement.scrollWidth <= innerWidth"
        return bool(opened.page.evaluate(script))

    assert fits()
    opened.page.click("summary")
    opened.press("Alt+m")
    assert fits()
    heights = opened.page.eval_on_selector_all(
        ".acts button", "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    opened.press("Alt+m", "Alt+m", "Enter")
    assert fits()
    opened.press("Alt+a")
    assert fits()
    assert opened.faults == []
    context.close()


def test_the_language_changes_the_whole_page(opened: Opened) -> None:
    opened.press("Escape")
    opened.wait("c1")
    opened.page.click("summary")
    opened.page.select_option("#language", "ko")
    texts = "\n".join(opened.page.inner_text(part) for part in ("h1", "#hint", "#keys", "#kept"))
    bare = re.sub(r"Enter|Esc|Alt\+\w|Page Up|Page Down", "", texts)
    assert not re.search("[A-Za-z]{3}", bare), bare
    assert opened.page.evaluate("document.documentElement.lang") == "ko"
    assert opened.page.get_attribute("#text", "placeholder") == WORDS["ko"]["placeholder"]
    opened.press("Alt+a")
    assert opened.page.inner_text("#items button[data-id=c0]") == "읽을 수 없음"
    opened.page.reload()
    assert opened.page.inner_text("h1") == WORDS["ko"]["title"]


def test_languages_have_the_same_words_and_the_page_uses_them_all() -> None:
    english = WORDS["en"]
    for language in LANGUAGES:
        assert WORDS[language].keys() == english.keys()
        for key, text in WORDS[language].items():
            assert text
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key]))
    sources = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.iterdir())
    made = re.compile("(took|mends|count)_(text|unreadable|not_text|later|open)")
    unused = [key for key in english if f'"{key}"' not in sources and not made.fullmatch(key)]
    assert unused == []


def test_hundreds_of_crops_are_answered_by_keys(context: Any, tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    sources = [thumbnail(noise.integers(0, 256, (48, 200, 3), np.uint8)) for _ in range(8)]
    cards = [
        Card(f"n{n}", f"crops/{n}.jpg", "train", sources[n % 8], f"read {n}") for n in range(300)
    ]
    opened = opened_with(context, tmp_path, cards)
    for card in cards:
        opened.wait(card.id)
        opened.press("Enter")
    assert opened.page.is_visible("#review")
    # Only crops near the screen are in the list as images.
    opened.page.wait_for_selector("#items img[src]")
    assert opened.page.locator("#items img[src]").count() < 200
    found = opened.saved(tmp_path)
    assert [answer.text for answer in found.values()] == [card.text for card in cards]
    assert opened.faults == []


def test_a_page_without_crops_or_with_one_id_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a crop to show"):
        label_page([], queue=QUEUE)
    with pytest.raises(ValueError, match="1 ids stand on several cards, the first is 'c0'"):
        label_page([*CARDS, CARDS[0]], queue=QUEUE)


def test_a_title_stands_in_place_of_the_words(context: Any, tmp_path: Path) -> None:
    opened = opened_with(context, tmp_path, CARDS, language="ko", title="Meters <3>")
    assert opened.page.inner_text("h1") == "Meters <3>"
    assert opened.page.title() == "Meters <3>"
