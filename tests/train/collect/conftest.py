"""Crops as they are known without labels, made up."""

from collections.abc import Callable
from typing import Any

import pytest

from train.collect.readings import CropReadings, ScoredText
from train.collect.suspicion import Crop, crop_of


def readings_of_crop(
    text: str,
    *,
    path: str = "a.png",
    score: float = 0.99,
    least: float | None = None,
    views: tuple[str, ...] = (),
    other: str | None = None,
    fingerprint: str = "00" * 16,
    look: tuple[int, ...] = (100, 100, 0, 50),
    fault: str = "",
) -> CropReadings:
    """Make what is known of a crop: a reading, what its views read, what a second model reads."""
    if fault:
        return CropReadings(path, fault=fault)
    own = (ScoredText(text, score, score if least is None else least),)
    own += tuple(ScoredText(view, score, score) for view in views)
    texts = dict.fromkeys([one.text for one in own] + ([other] if other is not None else []))
    nats = tuple(
        (one, 0.1 if one == text else 3.0, 0.0 if other is None else 0.1 if one == other else 3.0)
        for one in texts
    )
    return CropReadings(
        path,
        by_model=own,
        other=None if other is None else ScoredText(other, 0.99, 0.99),
        nats=nats,
        fingerprint=fingerprint,
        look=look,
        size=(96, 48),
    )


def made_up(text: str, **known: Any) -> Crop:
    """Make what is kept of such a crop; texts are compared as they are."""
    return crop_of(readings_of_crop(text, **known), lambda one: one)


@pytest.fixture
def crop() -> Callable[..., Crop]:
    """Return the function that makes up a crop."""
    return made_up
