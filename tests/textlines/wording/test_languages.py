"""Which language a page is in."""

import threading

import pytest

from tests.running import run_here
from textlines.wording import LANGUAGES, language_of, pages_in, speaking, spoken_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "ko_KR.eucKR@x"}, "ko"),
        ({"LANG": "kok_IN.UTF-8"}, "en"),  # Konkani is no Korean
        ({"LANG": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ko_KR", "LC_MESSAGES": "en_US"}, "en"),
        ({"LANG": "en_US", "LC_MESSAGES": "C", "LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR", "LC_ALL": ""}, "ko"),
    ],
)
def test_the_environment_says_it_as_posix_has_it(
    environment: dict[str, str], language: str
) -> None:
    assert language_of(None, environment) == language
    assert all(language_of(one, environment) == one for one in LANGUAGES)


def test_it_ends_with_its_block_whatever_happens() -> None:
    assert spoken_language() == "en"
    with pytest.raises(KeyError), speaking("ko"):
        assert spoken_language() == "ko"
        raise KeyError
    assert spoken_language() == "en"


def test_another_thread_speaks_its_own() -> None:
    heard = []
    with speaking("ko"):
        thread = threading.Thread(target=lambda: heard.append(spoken_language()))
        thread.start()
        thread.join()
    assert heard == ["en"]


def test_pages_are_in_what_was_asked_for_else_in_that_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    with pages_in(None):
        assert spoken_language() == "ko"
    with pages_in("en"):
        assert spoken_language() == "en"


@pytest.mark.parametrize(
    "words",
    [
        ("train", "evaluate", "--predictions", "p.tsv"),
        ("train", "mine", "--predictions", "p.tsv"),
        ("train", "gate", "--base", "b", "--candidate", "c", "--general", "g.txt"),
        ("train", "rec", "run"),
        ("train", "fold", "--model", "m", "--mix", "x", "--out", "o"),
        ("train", "collect", "--out", "o"),
        ("balance", "check", "gt.txt"),
        ("balance", "mix", "--original", "gt.txt"),
        ("balance", "import", "auto", "x", "--out", "o"),
        ("synth", "preview", "new"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_language_that_no_catalogue_has_is_refused_with_those_there_are(
    words: tuple[str, ...],
) -> None:
    done = run_here(*words, "--lang", "xx")
    assert done.returncode == 2
    said = " ".join(done.stderr.replace("│", " ").split())  # in a box, broken at its width
    assert "'xx' is not one of 'en', 'ko'" in said
