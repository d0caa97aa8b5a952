"""Every page as it is laid out, in headless Chromium: no sideways scroll, one left edge."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.page_kinds import KINDS
from tests.page_layout import lay_out, require_fit
from textlines.wording import Language, speaking


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_its_window_and_says_first_what_came_out(
    kind: str, language: Language, browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LC_ALL", f"{language}.UTF-8")  # of the commands that make it
    with speaking(language):  # of those that are made here
        found = lay_out(browser, KINDS[kind](tmp_path))
    if kind == "labelling":  # a tool with one sentence at its end, beside a bar of its own
        assert found.phone_px <= 400
        return
    require_fit(found)
    assert found.above == ["H1"]
    assert re.search(r"\d", found.finding) or kind == "gate"
