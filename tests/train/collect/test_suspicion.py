import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.train.collect.conftest import readings_of_crop
from train.collect.suspicion import crop_of, form_of, suspicions

Crop = Callable[..., Any]


def doubts(crops: list[Any], **options: Any) -> list[float]:
    return [one.doubt for one in suspicions(crops, **options)]


def test_what_nobody_contradicts_is_doubted_least(crop: Crop) -> None:
    sure = crop("12.50", views=("12.50",) * 4, other="12.50")
    moved = crop("12.50", views=("12.50", "12.50", "1250", "12.50"), other="12.50")
    split = crop("12.50", views=("12.50",) * 4, other="12.30")
    both = crop("12.50", views=("12.30",) * 4, other="12.30")
    empty = crop("", score=0.0, views=("",) * 4, other="12.30")
    found = suspicions([sure, moved, split, both, empty])
    assert [one.doubt for one in found] == sorted(one.doubt for one in found)
    assert found[0].doubt < 0.05 and found[4].doubt > 0.7
    assert [one.rival for one in found] == [None, "1250", "12.30", "12.30", "12.30"]
    assert found[1].reasons == ("views",) and found[2].reasons == ("other",)
    assert found[4].reasons[0] == "empty"


def test_a_score_that_is_low_is_doubt_even_with_one_model_and_no_views(crop: Crop) -> None:
    low, high = doubts([crop("a", score=0.99, least=0.3), crop("b", score=0.99)])
    assert low > high


def test_what_does_not_count_as_another_text_is_no_doubt(crop: Crop) -> None:
    known = readings_of_crop("TOTAL", views=("Total",) * 4, other="total")
    exact, folded = crop_of(known, lambda text: text), crop_of(known, str.casefold)
    assert folded.doubt < 0.07 < exact.doubt
    assert folded.rival is None


def test_a_form_whose_others_are_doubted_is_doubted_itself(crop: Crop) -> None:
    usual = [crop(f"{n}.00", views=(f"{n}.00",) * 4) for n in range(10, 70)]
    lost = [crop(f"{n}00", views=(f"{n}.00",) * 4) for n in range(10, 20)]
    steady = crop("3300", views=("3300",) * 4)
    found = suspicions([*usual, *lost, steady])
    assert found[-1].reasons == ("form",)
    assert found[-1].doubt > 4 * found[0].doubt


def test_forms_say_nothing_where_each_text_is_of_its_own(crop: Crop) -> None:
    words = ["값 하나", "a 1", "b-2:3", "(c)", "D/4", "5 e", "F. 6", "7%", "g8h", "9 가나"]
    crops = [crop(text, views=(text,) * 4) for text in words]
    doubted = [crop("zz!", views=("zzz",) * 4)]
    found = suspicions([*crops, *doubted])
    assert all(
        one.doubt == pytest.approx(known.doubt, abs=0.01)
        for one, known in zip(found, [*crops, *doubted], strict=True)
    )


def test_weak_characters_of_a_profile_raise_the_doubt(crop: Crop) -> None:
    crops = [crop("11"), crop("22")]
    plain = doubts(crops)
    raised = doubts(crops, weak={"1": 0.4})
    assert raised[0] > plain[0] and raised[1] == plain[1]


def test_texts_that_do_not_fit_the_pattern_are_doubted(crop: Crop) -> None:
    crops = [crop("12.50"), crop("1250")]
    found = suspicions(crops, pattern=re.compile(r"\d+\.\d\d"))
    assert found[0].doubt < 0.1 < 0.4 < found[1].doubt
    assert found[1].reasons == ("pattern",)


def test_forms_keep_marks_and_tell_scripts_apart() -> None:
    assert form_of("합계 12,500원 Ab") == "가가 99,999가 Aa"
