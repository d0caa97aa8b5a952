"""The contact sheet as a person uses it, in headless Chromium; what is marked goes to merge."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synth.run.merging import read_marked

Run = Callable[..., Any]

IMAGES = [f"images/0000/{n:06d}.jpg" for n in range(6)]
FACES = ("Alpha Sans", 'Beta & "Co"')
TARGETS = (["값"], ["값", " "], [])


@pytest.fixture
def drawn(tmp_path: Path, quick_run: Callable[[int], list[str]], synth_here: Run) -> Path:
    """Draw six lines, and say of them what a run for characters would."""
    out = tmp_path / "run"
    assert synth_here(*quick_run(6), "--workers", 1, "--out", out).code == 0
    for file in (out / "manifest.jsonl", out / "shards" / "0000.jsonl"):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for n, row in enumerate(rows):
            row["text"], row["targets"] = "값 <갑>", TARGETS[n % 3]
            row["face"]["family"] = FACES[n % 2]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.write_text(text, encoding="utf-8")
    return out


class Opened:
    """The page in one browser profile, with what it complained of."""

    def __init__(self, context: Any, file: Path) -> None:
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(file.as_uri())

    def seen(self) -> list[str]:
        """Return the images of the samples that are to be seen."""
        script = "all => all.filter(one => one.checkVisibility()).map(one => one.dataset.image)"
        found: list[str] = self.page.eval_on_selector_all(".sample", script)
        return found

    def bad(self) -> list[str]:
        """Return the images of the samples that are shown as bad."""
        script = "all => all.map(one => one.dataset.image)"
        found: list[str] = self.page.eval_on_selector_all(".sample[data-bad]", script)
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def told(self) -> str:
        text: str = self.page.inner_text("#count")
        return text

    def save(self, path: Path) -> Path:
        """Press the button and keep what comes."""
        with self.page.expect_download() as waiting:
            self.page.click("#save")
        assert waiting.value.suggested_filename == "bad.txt"
        waiting.value.save_as(path)
        return path


@pytest.fixture
def opened(
    browser: Any, drawn: Path, tmp_path: Path, synth_here: Run, cache_home: Path
) -> Iterator[Opened]:
    file = tmp_path / "preview.html"
    assert synth_here("preview", drawn, "--html", file).code == 0
    context = browser.new_context(accept_downloads=True)
    found = Opened(context, file)
    yield found
    assert found.faults == []
    context.close()


def test_targets_are_marked_in_the_label(opened: Opened) -> None:
    script = "all => all.map(one => [...one.querySelectorAll('mark')].map(one => one.textContent))"
    found = opened.page.eval_on_selector_all(".sample", script)
    assert found == [["값"], ["값␣"], [], ["값"], ["값␣"], []]
    captions = opened.page.eval_on_selector_all(".sample [dir]", "all => all.map(a => a.innerText)")
    assert captions == ["값 <갑>", "값␣<갑>", "값 <갑>"] * 2


def test_samples_are_filtered_by_target_and_face_and_the_address_keeps_it(
    opened: Opened, browser: Any
) -> None:
    page = opened.page
    assert opened.seen() == IMAGES
    page.select_option("#by-target", "값")
    assert opened.seen() == [IMAGES[n] for n in (0, 1, 3, 4)]
    page.select_option("#by-face", FACES[1])
    assert opened.seen() == [IMAGES[n] for n in (1, 3)]
    assert opened.told().startswith("samples shown: 2 of 6, marked bad: 0")
    again = Opened(page.context, Path("/"))
    again.page.goto(page.url)
    assert again.seen() == [IMAGES[n] for n in (1, 3)]
    page.select_option("#by-target", " ")
    assert opened.seen() == [IMAGES[1]]
    page.select_option("#by-mark", "bad")
    assert opened.seen() == []
    assert page.inner_text("#none") == "No sample fits."
    page.click("#reset")
    assert opened.seen() == IMAGES


def test_clicks_and_keys_mark_samples_and_the_list_leaves_them_out(
    opened: Opened, drawn: Path, tmp_path: Path, synth_here: Run
) -> None:
    page = opened.page
    page.locator(".sample img").nth(4).click()
    opened.press("k", "k", "b", "j", "b", "b")
    assert opened.bad() == [IMAGES[2], IMAGES[4]]
    page.select_option("#by-mark", "good")
    page.locator(".sample .bad").nth(0).focus()
    opened.press("Enter")
    page.click("#reset")
    assert opened.bad() == [IMAGES[0], IMAGES[2], IMAGES[4]]
    page.reload()
    assert opened.bad() == [IMAGES[0], IMAGES[2], IMAGES[4]]
    saved = opened.save(tmp_path / "bad.txt")
    rows = [json.loads(row) for row in (drawn / "manifest.jsonl").read_text().splitlines()]
    shas = {row["image"]: row["sha256"] for row in rows}
    assert {name: one.sha256 for name, one in read_marked(saved).items()} == {
        name: shas[name] for name in opened.bad()
    }
    ended = synth_here("merge", drawn, "--without", saved)
    assert ended.code == 0, ended.err
    labels = (drawn / "rec_gt_train.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in labels] == [IMAGES[1], IMAGES[3], IMAGES[5]]


def test_marks_of_another_run_are_not_shown(
    opened: Opened, tmp_path: Path, quick_run: Callable[[int], list[str]], synth_here: Run
) -> None:
    opened.page.locator(".sample img").nth(0).click()
    other = tmp_path / "other"
    assert synth_here(*quick_run(7), "--workers", 1, "--out", other).code == 0
    assert synth_here("preview", other, "--html", tmp_path / "other.html").code == 0
    assert Opened(opened.page.context, tmp_path / "other.html").bad() == []
    assert synth_here("preview", tmp_path / "run", "--html", tmp_path / "b.html").code == 0
    assert Opened(opened.page.context, tmp_path / "b.html").bad() == [IMAGES[0]]
