"""A label on unlike images is suspected; one that is printed often, in any typeface, is not."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.checks.image_checks import LEAST_IMAGES, PLACEHOLDERS, SPREAD, outer_tenths
from textlines.defects.of_checks import LABEL_UNLIKE

WORDS = ("I", "42", "SUM", "TAX 6%", "12.50 RM", "CHANGE 0.40", "THANK YOU, COME AGAIN")


def labelled(kit: Any, labels: list[str], shown: list[str], name: str = "labels.txt") -> Any:
    """Write crops that show texts, with labels of others."""
    for number, text in enumerate(shown):
        kit.save(f"{name}-{number}.png", kit.drawn(text, seed=number))
    lines = [f"{name}-{number}.png\t{label}\n" for number, label in enumerate(labels)]
    return kit.text(name, "".join(lines))


@pytest.mark.parametrize("label", ["TOTAL", "미입력", "0"])
def test_a_label_on_crops_of_any_length_is_suspected_once(kit: Any, label: str) -> None:
    shown = [WORDS[number % len(WORDS)] for number in range(21)]
    file = labelled(kit, ["first", *[label] * 21], ["first", *shown])
    found = kit.only(kit.check(file, near=False), "label_unlike")
    assert (found.line, found.label, found.severity) == (2, label, "warning")
    # Of 21 crops, two stay outside at each end: `I` of 40 x 40, and the longest text of 520 x 40.
    assert found.detail == (
        "on 21 images, from 1.0 to 13.0 times as long as high (the outer tenths left aside)"
    )
    longest = f"{kit.folder}/labels.txt-7.png"
    assert (found.image, found.other) == (f"{kit.folder}/labels.txt-1.png", longest)


def test_a_text_that_is_printed_often_is_not_suspected(kit: Any) -> None:
    draw = np.random.default_rng(5)
    lines = []
    for number in range(40):
        label = ("TOTAL", "0", "SUM 1")[number % 3]
        image = kit.drawn(label, seed=number)
        wide = int(image.shape[1] * draw.uniform(0.75, 1.4))  # another typeface, tighter crops
        image = cv2.resize(image, (wide, int(draw.integers(20, 60)) * 2), None)
        scale = image.shape[0] / 40
        image = cv2.resize(image, (int(wide * scale), image.shape[0]))
        if number % 5 == 0:
            image = np.rot90(image).copy()  # a crop that lies on its side shows it as well
        kit.save(f"{number}.png", image)
        lines.append(f"{number}.png\t{label}\n")
    checked = kit.check(kit.text("labels.txt", "".join(lines)))
    assert "label_unlike" not in checked.findings.counts()


@pytest.mark.parametrize("label", sorted(PLACEHOLDERS))
def test_a_known_placeholder_needs_two_images_only(kit: Any, label: str) -> None:
    file = labelled(kit, [label, "SUM", label], ["TAX", "SUM", "CAT"])
    found = kit.only(kit.check(file), "label_unlike")
    assert found.line == 1
    assert found.detail == "on 2 images: a labelling tool's word for a text not typed yet"
    one = labelled(kit, [label, "SUM", "CAT"], ["TAX", "SUM", "CAT"], "one.txt")
    assert "label_unlike" not in kit.check(one).findings.counts()


def test_one_image_that_is_listed_often_is_one_image(kit: Any) -> None:
    shown = [WORDS[number % len(WORDS)] for number in range(LEAST_IMAGES - 1)]
    file = labelled(kit, ["X9"] * len(shown), shown)
    file.write_text(file.read_text() * 3)  # as a mix does with few own lines
    assert "label_unlike" not in kit.check(file).findings.counts()
    labelled(kit, ["X9"], ["A QUITE OTHER TEXT"], "more.txt")
    file.write_text(file.read_text() + "more.txt-0.png\tX9\n")
    assert kit.only(kit.check(file), "label_unlike").detail.startswith("on 10 images, from 1.0 to ")


def test_each_file_that_holds_such_a_label_is_told_of_it(kit: Any) -> None:
    shown = [WORDS[number % len(WORDS)] for number in range(14)]
    train = labelled(kit, ["X9"] * 10, shown[:10], "train.txt")
    val = labelled(kit, ["a", *["X9"] * 4], ["a", *shown[10:]], "val.txt")
    checked = kit.check(train, val=[val])
    places = [one.place for one in checked.findings.listed("label_unlike")]
    assert places == [f"{train}:1", f"{val}:2"]
    assert not checked.findings.total("error")


def test_images_that_are_missing_or_broken_count_for_nothing(kit: Any) -> None:
    shown = [WORDS[number % len(WORDS)] for number in range(9)]
    file = labelled(kit, ["X9"] * 9, shown)
    kit.text("broken.png", b"\x89PNG\r\n\x1a\n")
    file.write_text(file.read_text() + "broken.png\tX9\ngone.png\tX9\n")
    assert "label_unlike" not in kit.check(file).findings.counts()


def test_without_images_nothing_is_suspected(kit: Any) -> None:
    file = kit.text("labels.txt", "".join(f"{n}.png\tTEMPORARY\n" for n in range(50)))
    assert "label_unlike" not in kit.check(file, look=False).findings.counts()


@given(st.lists(st.floats(1, 100), min_size=LEAST_IMAGES, max_size=60), st.floats(1, SPREAD - 0.01))
def test_the_outer_tenths_are_left_aside(values: list[float], spread: float) -> None:
    low, high = outer_tenths(values)
    assert min(values) <= low <= high <= max(values)
    # However far one of ten lies out, the rest decides.
    others = [5.0 + (spread - 1) * 5.0 * number / 8 for number in range(9)]
    low, high = outer_tenths([*others, 10_000.0, *others])
    assert high / low < SPREAD


def test_the_code_names_the_placeholders_that_are_known() -> None:
    assert all(word in LABEL_UNLIKE.mend for word in PLACEHOLDERS)
